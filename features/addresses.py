"""Addresses written differently that are one: case, accents, signs and usual short forms."""

from __future__ import annotations

# Each word by its short form; English, French and German. ``st`` is street and saint alike, which
# is a matter of place in the line and makes no two addresses of one postal code equal.
SHORT_FORMS = {
    "st": ("street", "str", "strasse", "saint", "sankt"),
    "ste": ("sainte",),
    "rd": ("road",),
    "av": ("avenue", "ave"),
    "bd": ("boulevard", "blvd", "bvd", "bld", "boul"),
    "pl": ("place", "platz"),
    "sq": ("square",),
    "ln": ("lane",),
    "ch": ("chemin", "chem"),
    "imp": ("impasse",),
    "all": ("allee", "allees"),
    "rte": ("route",),
    "w": ("weg",),
    "apt": ("apartment", "appartement", "appt", "app", "flat", "unit", "wohnung", "whg"),
    "bat": ("batiment", "building", "bldg"),
    "fl": ("floor", "etage"),
}
# Words that say that a number follows, and nothing else.
SILENT = ("no", "nr", "num", "numero", "number", "nummer")


def normalised_address(column: str) -> str:
    """DuckDB expression of an address in lower case, without accents and signs, in short forms.

    A light rule-based form, not a postal gazetteer: it does not mend misspelt streets, and words in
    another order are another address. Null where nothing is left.
    """
    pairs = [(word, short) for short, words in SHORT_FORMS.items() for word in words]
    pairs += [(word, "") for word in SILENT]
    listed = ", ".join(f"'{word}': '{short}'" for word, short in pairs)
    plain = f"trim(regexp_replace(lower(strip_accents({column})), '[^a-z0-9]+', ' ', 'g'))"
    short = (
        f"list_transform(string_split({plain}, ' '), "
        f"lambda word: coalesce(map {{{listed}}}[word], word))"
    )
    kept = f"list_filter({short}, lambda word: word <> '')"
    return f"nullif(array_to_string({kept}, ' '), '')"
