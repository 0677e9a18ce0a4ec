"""The one shape in which persons are compared, whatever frame they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from claims.identifiers import placeholder_sql
from features.addresses import normalised_address

# What may be known of a record. All text but the two days between which the register knows it.
PERSON_RECORD = (
    "given_name",
    "family_name",
    "sex",
    "birth_date",
    "postal_code",
    "address",
    "place",
    "occupation",
    "phone",
    "email",
    "account",
    "official_id",
)
KNOWN = ("known_from", "known_to")
# Made of the others, so that blocks need no expressions and both engines see the same values.
DERIVED = ("given_start", "family_start", "birth_year", "postal_area")

RECORD_DDL = ", ".join(
    [
        "record_id string",
        *(f"{name} string" for name in (*PERSON_RECORD, *DERIVED)),
        *(f"{name} date" for name in KNOWN),
    ]
)
RECORD_COLUMNS = ("record_id", *PERSON_RECORD, *DERIVED, *KNOWN)

# Words of address, rank and descent that stand beside a name and are no part of it.
TITLES = (
    "dr",
    "prof",
    "professor",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mme",
    "mlle",
    "herr",
    "frau",
    "sir",
    "dame",
    "lady",
    "lord",
    "rev",
    "reverend",
    "jr",
    "sr",
    "junior",
    "senior",
    "1st",
    "2nd",
    "3rd",
    "4th",
    "5th",
)
# Letters at which names are cut for blocks: enough for a typo further on to fall in one block.
START = 3


def plain(expression: str) -> str:
    """DuckDB expression: lower case letters and digits without accents, single spaces, or null."""
    kept = f"regexp_replace(lower(strip_accents({expression})), '[^a-z0-9]+', ' ', 'g')"
    return f"nullif(trim({kept}), '')"


def name(expression: str) -> str:
    """DuckDB expression of a name without titles; a name of titles alone is null."""
    title = f"\\b(?:{'|'.join(TITLES)})\\b"
    bare = f"regexp_replace({plain(expression)}, '{title}', ' ', 'g')"
    return f"nullif(trim(regexp_replace({bare}, ' +', ' ', 'g')), '')"


def digits(expression: str) -> str:
    """DuckDB expression of a phone: its last nine digits, or null where it has fewer than six."""
    kept = f"regexp_replace({expression}, '[^0-9]', '', 'g')"
    return f"case when length({kept}) >= 6 then right({kept}, 9) end"


_CLEAN: dict[str, Callable[[str], str]] = {
    "given_name": name,
    "family_name": name,
    "sex": lambda x: f"case when lower({x}) in ('female', 'male') then lower({x}) end",
    "birth_date": lambda x: f"nullif(trim(cast({x} as varchar)), '')",
    "postal_code": plain,
    "address": normalised_address,
    "place": plain,
    "occupation": plain,
    "phone": digits,
    "email": lambda x: f"case when contains({x}, '@') then lower(trim({x})) end",
    "account": lambda x: f"nullif(upper(trim({x})), '')",
    "official_id": lambda x: f"nullif(upper(trim({x})), '')",
}
# Values of these may be placeholders (all zeros, UNKNOWN), which name nobody.
_IDENTIFYING = ("phone", "email", "account", "official_id", "address", "given_name", "family_name")


def records_sql(source: str, record_id: str, columns: Mapping[str, str]) -> str:
    """DuckDB query that turns a person-like table into linkage records.

    Args:
        source: a table, or a query in brackets.
        record_id: expression of the key, which must be unique and not null.
        columns: by column of ``PERSON_RECORD`` and ``KNOWN`` an expression over the source; what
            is not named is null.

    Returns:
        A query with the columns ``RECORD_COLUMNS``. The address is one with its postal code.

    Raises:
        ValueError: a column is no column of the linkage record.
    """
    unknown = sorted(set(columns) - {*PERSON_RECORD, *KNOWN})
    if unknown:
        raise ValueError(
            f"no column of a linkage record: {', '.join(unknown)}; there are "
            f"{', '.join((*PERSON_RECORD, *KNOWN))}"
        )
    cleaned = [f"cast({record_id} as varchar) as record_id"]
    for column in PERSON_RECORD:
        given = columns.get(column)
        if given is None:
            cleaned.append(f"cast(null as varchar) as {column}")
            continue
        value = _CLEAN[column](given)
        if column in _IDENTIFYING:
            value = f"case when not {placeholder_sql(given)} then {value} end"
        cleaned.append(f"{value} as {column}")
    cleaned += [f"cast({columns.get(day, 'null')} as date) as {day}" for day in KNOWN]
    return f"""
select record_id, given_name, family_name, sex, birth_date, postal_code,
  address || coalesce(' ' || postal_code, '') as address, place, occupation, phone, email, account,
  official_id, left(given_name, {START}) as given_start, left(family_name, {START}) as family_start,
  left(birth_date, 4) as birth_year,
  case when contains(postal_code, ' ') then split_part(postal_code, ' ', 1)
    else left(postal_code, 2) end as postal_area,
  known_from, known_to
from (select {", ".join(cleaned)} from {source}) as cleaned"""
