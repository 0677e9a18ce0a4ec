"""Two people who look like one: what no weight of evidence may overrule.

Twins have one birth date, one name and one home, so they agree on nearly all that is compared; a
father and a son of one name agree on all but the birth date; couples and parents on file are two
people whatever they share.
"""

from __future__ import annotations

from collections.abc import Set

from features.linkage.comparisons import BIRTH_DATE, FAMILY_NAME, GIVEN_NAME, SEX

_FIRST_NAMES_ALIKE = GIVEN_NAME.value("first name spelt nearly alike")
_EXCHANGED = FAMILY_NAME.value("first and last name exchanged")
_BORN_ALIKE = BIRTH_DATE.value("birth date one digit apart")
_OTHER_SEX = SEX.value("the other sex")
_NAMES_ALIKE = FAMILY_NAME.value("name spelt nearly alike")


def levels_of(text: str) -> dict[str, int]:
    """Level by comparison, from a link's ``levels``; -1 where a value is missing."""
    parts = (part.split("=") for part in text.split(";") if part)
    return {name: int(value) for name, value in parts}


def two_people(
    levels: dict[str, int], pair: tuple[str, str], relatives: Set[frozenset[str]]
) -> str:
    """Why two linked members are two people after all, empty where nothing says so.

    Args:
        levels: as ``levels_of`` gives them.
        relatives: pairs of members on file as spouses, parent and child, or ward and guardian.
    """
    exchanged = levels.get("family_name", -1) == _EXCHANGED
    if levels.get("given_name", -1) < _FIRST_NAMES_ALIKE and not exchanged:
        return "another first name, as twins have"
    if levels.get("sex", -1) == _OTHER_SEX:
        return "the other sex, as twins may have"
    if levels.get("birth_date", -1) < _BORN_ALIKE:
        return "another birth date, as father and son have"
    if frozenset(pair) in relatives:
        return "relatives on file"
    return ""


def two_enterprises(levels: dict[str, int]) -> str:
    """Why two linked providers are two enterprises after all, empty where nothing says so."""
    if levels.get("family_name", -1) < _NAMES_ALIKE:
        return "another name, as colleagues of one practice have"
    if -1 < levels.get("given_name", -1) < _FIRST_NAMES_ALIKE:
        return "another first name, as a family of practitioners has"
    return ""
