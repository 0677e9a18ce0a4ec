"""The cases that a lake knows: those of its succeeded runs, looked up without a JVM."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from cases.decisions.faults import DecisionError, UnknownCaseError
from cases.reading import attach_runs
from claims.lake import Lake
from claims.runs import runs

FOUND = """
select distinct case_id, subject_type || ' ' || subject_id as subject from cases
where starts_with(case_id, $case) order by case_id limit 2
"""


@dataclass(frozen=True)
class KnownCases:
    """Looks a case up in the newest run first, then in all others."""

    lake: Lake
    _found: dict[str, tuple[str, str]] = field(default_factory=dict, compare=False, repr=False)

    def find(self, case: str) -> tuple[str, str]:
        """The whole id and the subject of a case given by its id or by its first characters.

        Raises:
            UnknownCaseError: no succeeded run has it.
            DecisionError: several cases begin so.
        """
        if case in self._found:
            return self._found[case]
        ids = [
            row["run_id"]
            for row in reversed(runs(self.lake))
            if (row["kind"], row["status"]) == ("run", "succeeded")
        ]
        for some in (ids[:1], ids[1:]):
            found = self._in(some, case) if some and case.strip() else []
            if len(found) > 1 and found[0][0] != case:
                raise DecisionError(f"several cases begin with '{case}'; give the whole id")
            if found:
                self._found[found[0][0]] = found[0]
                return found[0]
        raise UnknownCaseError(
            f"{self.lake.root}: no succeeded run has a case '{case}'; `vigie cases` lists them"
        )

    def _in(self, run_ids: list[str], case: str) -> list[tuple[str, str]]:
        with duckdb.connect() as connection:
            attach_runs(connection, self.lake, run_ids, "cases")
            return connection.execute(FOUND, {"case": case}).fetchall()
