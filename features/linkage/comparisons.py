"""How two records are compared: levels of agreement, each with its words and its probability.

A comparison has levels from full agreement down to none. ``m`` is the share of pairs of one person
that fall in a level, ``u`` that of pairs of two persons (Fellegi & Sunter 1969); the level's weight
is log2(m / u). ``u`` always comes from the data. The ``m`` written here are declared, from what is
known of typing errors and of moves; they stand where too few pairs of one person are expected for
``m`` to be estimated, and are where an estimate begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import splink.comparison_level_library as levels
from splink.internals.comparison_level_creator import ComparisonLevelCreator
from splink.internals.comparison_library import CustomComparison


@dataclass(frozen=True)
class Level:
    """One level of agreement.

    Args:
        words: as an explanation says it.
        test: Splink's level.
        m: declared share of the pairs of one person in this level.
        common: column whose values weigh less the commoner they are (term frequency).
    """

    words: str
    test: ComparisonLevelCreator
    m: float
    common: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What is compared.

    Args:
        name: of the comparison.
        columns: it is left out where none of them has a value.
        absent: Splink's level of pairs about which nothing is known; it weighs nothing.
        levels: from full agreement down.
        otherwise: words for what no level takes.
    """

    name: str
    columns: tuple[str, ...]
    absent: ComparisonLevelCreator
    levels: tuple[Level, ...]
    otherwise: str

    def creator(self) -> CustomComparison:
        """Splink's comparison; whatever no level takes has the rest of ``m``."""
        made = [
            level.test.configure(
                m_probability=level.m,
                label_for_charts=level.words,
                tf_adjustment_column=level.common,
            )
            for level in self.levels
        ]
        rest = levels.ElseLevel().configure(
            m_probability=round(1 - sum(level.m for level in self.levels), 9),
            label_for_charts=self.otherwise,
        )
        return CustomComparison(
            output_column_name=self.name, comparison_levels=[self.absent, *made, rest]
        )

    def words(self) -> tuple[str, ...]:
        """Words by Splink's comparison value: 0 is no agreement, the highest is full agreement."""
        return (self.otherwise, *(level.words for level in reversed(self.levels)))

    def value(self, words: str) -> int:
        """Splink's comparison value of a level, by its words.

        Raises:
            ValueError: the comparison has no such level.
        """
        return self.words().index(words)


def _same(column: str, words: str, m: float) -> Level:
    return Level(words, levels.ExactMatchLevel(column), m, column)


def _alike(column: str, words: str, m: float, least: float) -> Level:
    return Level(words, levels.JaroWinklerLevel(column, least), m)


_EXCHANGED = levels.CustomLevel("given_name_l = family_name_r and family_name_l = given_name_r")

GIVEN_NAME = Comparison(
    "given_name",
    ("given_name",),
    levels.NullLevel("given_name"),
    (
        _same("given_name", "same first name", 0.72),
        _alike("given_name", "first name spelt nearly alike", 0.12, 0.92),
        _alike("given_name", "first name similar", 0.08, 0.8),
    ),
    "another first name",
)
FAMILY_NAME = Comparison(
    "family_name",
    ("family_name",),
    levels.NullLevel("family_name"),
    (
        _same("family_name", "same name", 0.77),
        _alike("family_name", "name spelt nearly alike", 0.1, 0.92),
        Level("first and last name exchanged", _EXCHANGED, 0.01),
        _alike("family_name", "name similar", 0.05, 0.8),
    ),
    "another name",
)
BIRTH_DATE = Comparison(
    "birth_date",
    ("birth_date",),
    levels.NullLevel("birth_date"),
    (
        _same("birth_date", "same birth date", 0.8),
        Level("birth date one digit apart", levels.DamerauLevenshteinLevel("birth_date", 1), 0.12),
        Level("birth date two digits apart", levels.DamerauLevenshteinLevel("birth_date", 2), 0.04),
        Level("same birth year", levels.ExactMatchLevel("birth_year"), 0.02),
    ),
    "another birth date",
)
# A household shares address, account, phone and postal code: they are one comparison, as four
# independent ones would make every family one person.
HOME_COLUMNS = ("address", "account", "phone", "postal_code")
HOME = Comparison(
    "home",
    HOME_COLUMNS,
    levels.CustomLevel(
        " and ".join(f"({name}_l is null or {name}_r is null)" for name in HOME_COLUMNS)
    ).configure(is_null_level=True),
    (
        _same("address", "same address", 0.4),
        _same("account", "same account", 0.1),
        _same("phone", "same phone", 0.1),
        _same("postal_code", "same postal code", 0.2),
        Level("postal code one digit apart", levels.LevenshteinLevel("postal_code", 1), 0.02),
        _same("postal_area", "same postal area", 0.08),
    ),
    "another address",
)
PLACE = Comparison(
    "place",
    ("place",),
    levels.NullLevel("place"),
    (
        _same("place", "same town", 0.8),
        _alike("place", "town spelt nearly alike", 0.05, 0.88),
    ),
    "another town",
)
OCCUPATION = Comparison(
    "occupation",
    ("occupation",),
    levels.NullLevel("occupation"),
    (_same("occupation", "same occupation", 0.85),),
    "another occupation",
)
SEX = Comparison(
    "sex",
    ("sex",),
    levels.NullLevel("sex"),
    (Level("same sex", levels.ExactMatchLevel("sex"), 0.98),),
    "the other sex",
)
EMAIL = Comparison(
    "email",
    ("email",),
    levels.NullLevel("email"),
    (
        _same("email", "same e-mail", 0.7),
        _alike("email", "e-mail spelt nearly alike", 0.1, 0.92),
    ),
    "another e-mail",
)
OFFICIAL_ID = Comparison(
    "official_id",
    ("official_id",),
    levels.NullLevel("official_id"),
    (_same("official_id", "same official number", 0.5),),
    "another official number",
)
PERSON = (
    GIVEN_NAME,
    FAMILY_NAME,
    BIRTH_DATE,
    HOME,
    PLACE,
    OCCUPATION,
    SEX,
    EMAIL,
    OFFICIAL_ID,
)
