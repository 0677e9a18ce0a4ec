"""What a feature is, and the one register of all of them by subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Subject = Literal["provider", "member", "employer", "account"]
Direction = Literal["high", "low", "both", "none"]
Scale = Literal["log", "logit", "linear"]

COUNT = "bigint"
MONEY = "decimal(18,2)"

PROFILES = {
    "provider": ("provider_profiles", "provider_id"),
    "member": ("member_profiles", "person_id"),
    "employer": ("employer_profiles", "employer_id"),
    "account": ("account_profiles", "account_id"),
}
"""By subject, the profile table and the column that names the subject."""


@dataclass(frozen=True)
class Feature:
    """One column of a profile; its grain is one subject in one period.

    Args:
        name: column name.
        definition: what it measures, in words an auditor can check.
        unit: unit of the value; a share lies in [0, 1].
        sql: DuckDB expression over the subject's merged sums.
        direction: the costly side; ``none`` where neither is.
        scale: on which scale subjects are compared.
        type: SQL type of the column.
        total: grows with the subject's size; a forest does not see it, as size is no suspicion.
        nulls: when the value is null.
        phrase: how a reason names it.
    """

    name: str
    definition: str
    unit: str
    sql: str
    direction: Direction = "high"
    scale: Scale = "log"
    type: str = "double"
    total: bool = False
    nulls: str = "never"
    phrase: str = ""

    @property
    def label(self) -> str:
        """Its name in a sentence."""
        return self.phrase or self.name.replace("_", " ")

    @property
    def expression(self) -> str:
        """The column of a profile: doubles are rounded so that two runs give the same digits."""
        value = f"round(({self.sql})::double, 9)" if self.type == "double" else f"({self.sql})"
        return f'cast({value} as {self.type}) as "{self.name}"'


def share(
    name: str, part: str, whole: str, definition: str, *, phrase: str = "", nulls: str = ""
) -> Feature:
    """A part of a whole in [0, 1], null where the whole is empty."""
    return Feature(
        name,
        definition,
        "share",
        f"{part} / nullif({whole}, 0)",
        scale="logit",
        nulls=nulls or f"no {whole.replace('_', ' ')}",
        phrase=phrase,
    )


def ratio(
    name: str,
    part: str,
    base: str,
    definition: str,
    unit: str,
    *,
    phrase: str = "",
    nulls: str = "",
    total: bool = False,
) -> Feature:
    """A quotient of two sums, null where the divisor is nothing."""
    return Feature(
        name,
        definition,
        unit,
        f"{part} / nullif({base}, 0)",
        total=total,
        nulls=nulls or f"no {base.replace('_', ' ')}",
        phrase=phrase,
    )


def count(name: str, definition: str, unit: str, sql: str = "", nulls: str = "never") -> Feature:
    """A whole number that grows with the subject's size."""
    return Feature(name, definition, unit, sql or name, "none", type=COUNT, total=True, nulls=nulls)


def money(name: str, definition: str, cents: str, nulls: str = "never") -> Feature:
    """An amount that grows with the subject's size, from a sum of cents."""
    return Feature(
        name,
        definition,
        "currency",
        f"{cents} / 100.0",
        "none",
        type=MONEY,
        total=True,
        nulls=nulls,
    )


def features_of(subject: Subject) -> tuple[Feature, ...]:
    """All features of one kind of subject, in the order of its profile's columns."""
    from features.account_features import ACCOUNT_FEATURES
    from features.employer_features import EMPLOYER_FEATURES
    from features.member_features import MEMBER_FEATURES
    from features.provider_features import PROVIDER_FEATURES

    return {
        "provider": PROVIDER_FEATURES,
        "member": MEMBER_FEATURES,
        "employer": EMPLOYER_FEATURES,
        "account": ACCOUNT_FEATURES,
    }[subject]


def feature(subject: Subject, name: str) -> Feature:
    """The feature of that name.

    Raises:
        KeyError: the subject has no such feature.
    """
    for found in features_of(subject):
        if found.name == name:
            return found
    raise KeyError(f"{subject} profiles have no feature {name}")
