"""What the gate found: one result a check, and the measures that the next load is compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from claims.rejections import Rejection
from expectations.check import Check, Severity

Status = Literal["pass", "fail", "not_run"]

# Schema of the lake's table `checks`, without the run_id that writing a result adds.
CHECKS_DDL = (
    "check_name string, table_name string, severity string, status string, failing bigint,"
    " rows bigint, share double, tolerance double, meaning string, reason string, measures string"
)
MEASURED = "has_rows"

# Rows that came ``in`` and those ``quarantined``; by table.
Account = Mapping[str, Any]
Accounts = Mapping[str, Account]


@dataclass(frozen=True)
class Measures:
    """What is kept of a table for the comparison with the next load.

    Args:
        rows: number of rows.
        null_shares: by column that the source has, the share of null values.
        money_per_day: mean money of the days with a row, in the data root's currency.
        newest: newest day with a row up to the as-of date, ISO.
    """

    rows: int
    null_shares: Mapping[str, float] = field(default_factory=dict)
    money_per_day: float | None = None
    newest: str | None = None

    def to_json(self) -> str:
        """A JSON object of the attributes."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Measures:
        """The measures that :meth:`to_json` wrote."""
        return Measures(**json.loads(text))


@dataclass(frozen=True)
class Result:
    """One check's outcome; counts only, never a value of a row.

    Args:
        status: ``not_run`` has its reason.
        failing: failing rows; for the schema and null-share checks, columns.
        rows: rows of the table.
        share: failing rows as a share of all; for checks of a load the measure itself (a share,
            or days).
        reason: why it did not run, or which columns are meant.
    """

    check: str
    table: str
    severity: Severity
    status: Status
    meaning: str
    tolerance: float
    failing: int | None = None
    rows: int | None = None
    share: float | None = None
    reason: str = ""

    @property
    def full_name(self) -> str:
        """``table.check``."""
        return f"{self.table}.{self.check}"

    @staticmethod
    def of(check: Check, status: Status, **more: Any) -> Result:
        """A check's outcome with the check's own words."""
        return Result(
            check.name,
            check.table,
            check.severity,
            status,
            check.meaning,
            check.tolerance,
            **more,
        )


@dataclass(frozen=True)
class Report:
    """The gate's answer for one load or run.

    Args:
        results: by table in the model's order, then as declared.
        measures: by table, what the next load is compared with.
        as_of: ISO date the gate was asked for.
        accounts: by table what came in and what of it lies in quarantine, where that is known.
        rejections: why rows lie in quarantine, counted by table and reason.
    """

    results: tuple[Result, ...]
    measures: Mapping[str, Measures]
    as_of: str
    accounts: Accounts = field(default_factory=dict)
    rejections: Sequence[Rejection] = ()

    @property
    def critical(self) -> tuple[Result, ...]:
        """Failures that stop a run before any detector."""
        return self._failed("critical")

    @property
    def warnings(self) -> tuple[Result, ...]:
        """Failures that are loaded and carried on every report."""
        return self._failed("warning")

    @property
    def not_run(self) -> tuple[Result, ...]:
        """Checks that could not run, each with its reason."""
        return tuple(result for result in self.results if result.status == "not_run")

    def _failed(self, severity: Severity) -> tuple[Result, ...]:
        return tuple(
            result
            for result in self.results
            if result.status == "fail" and result.severity == severity
        )

    @property
    def summary(self) -> str:
        """One line: how many checks passed, warned, failed and did not run."""
        passed = sum(result.status == "pass" for result in self.results)
        return (
            f"{len(self.results)} checks of {len(self.measures)} tables: {passed} passed, "
            f"{len(self.warnings)} warnings, {len(self.critical)} critical, "
            f"{len(self.not_run)} not run"
        )

    def to_rows(self) -> list[tuple[Any, ...]]:
        """Rows of the lake's table ``checks``, in the order of ``CHECKS_DDL``."""
        return [
            (
                result.check,
                result.table,
                result.severity,
                result.status,
                result.failing,
                result.rows,
                result.share,
                result.tolerance,
                result.meaning,
                result.reason,
                self.measures[result.table].to_json()
                if result.check == MEASURED and result.table in self.measures
                else None,
            )
            for result in self.results
        ]

    def to_json(self) -> str:
        """The whole report as a JSON object."""
        return json.dumps(
            {
                "as_of": self.as_of,
                "summary": self.summary,
                "results": [asdict(result) for result in self.results],
                "measures": {name: asdict(kept) for name, kept in self.measures.items()},
                "accounts": {
                    name: {key: account[key] for key in ("in", "loaded", "quarantined")}
                    for name, account in self.accounts.items()
                },
                "rejections": [each._asdict() for each in self.rejections],
            },
            indent=2,
        )
