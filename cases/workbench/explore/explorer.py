"""The detail open to any question: SQL that reads, and helpers for the usual ones."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import duckdb
import pandas as pd

from cases.reading import run_of
from cases.workbench.explore.admitted import admit
from cases.workbench.explore.answer import Answer
from cases.workbench.explore.drill import Question
from cases.workbench.explore.views import connect
from cases.workbench.pages import fragment
from claims.errors import VigieError
from claims.lake import Lake
from features.catalogue import PROFILES, Subject, features_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from cases.workbench.explore.large import LargeQuery

LINES = 1000


@dataclass(frozen=True)
class Explorer:
    """A run's tables to ask; personal values masked unless a reason was given.

    Args:
        run: the run whose table versions are read.
        unmasked_because: why personal values are shown; empty where they are masked.
    """

    lake: Lake
    run: dict[str, Any]
    unmasked_because: str = ""
    salt: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    @cached_property
    def _opened(self) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
        return connect(self.lake, self.run, self.salt, not self.unmasked_because)

    @property
    def tables(self) -> list[str]:
        """Names of the tables there are."""
        return self._opened[1]

    def columns(self, table: str) -> pd.DataFrame:
        """Names and types of a table's columns."""
        described = self.sql(f'select * from "{self._known(table)}" limit 0').table.schema
        return pd.DataFrame({"column": described.names, "type": [str(t) for t in described.types]})

    def sql(self, text: str, **values: Any) -> Answer:
        """Answer one select; ``$name`` in it stands for a value given as ``name=``.

        Raises:
            VigieError: it is no select, or DuckDB refuses it; the message says where.
        """
        admit(text, self.tables)
        return self._ask(Question(text.strip().rstrip(";"), values))

    def top(self, table: str, by: str, measure: str = "count(*)", where: str = "true") -> Answer:
        """The groups with most of a measure, such as ``top("claim_lines", "procedure_code")``."""
        return self.sql(
            f'select {by}, {measure} as value, count(*) as rows from "{self._known(table)}" '
            f"where {where} group by all order by value desc nulls last, {by}"
        )

    def compare(self, table: str, by: str, a: str, b: str, measure: str = "count(*)") -> Answer:
        """A measure by group on two sets of rows, the largest change first.

        Args:
            a, b: conditions, such as ``"claim_line_start_date < '2024-01-01'"``.
        """
        return self.sql(
            f"select {by}, {measure} filter ({a}) as a, {measure} filter ({b}) as b, "
            f'count(*) as rows from "{self._known(table)}" where ({a}) or ({b}) '
            f"group by all order by abs(coalesce(b, 0) - coalesce(a, 0)) desc, {by}"
        )

    def describe(self, table: str) -> pd.DataFrame:
        """How each column is filled: type, share of nulls, distinct values (about), least, most."""
        connection, _ = self._opened
        found = connection.sql(f'summarize "{self._known(table)}"').df()
        kept = found[["column_name", "column_type", "null_percentage", "approx_unique"]]
        told: pd.DataFrame = kept.join(found[["min", "max"]])
        return told

    def profile(self, subject_type: str, subject_id: str) -> pd.DataFrame:
        """All features of a subject beside the median of its kind: feature, value, median, unit.

        ``rows_of(subject_type, subject_id)`` leads to what they are made of.

        Raises:
            VigieError: the run has no such profile.
        """
        table, key = PROFILES.get(subject_type, ("", ""))
        if table not in self.tables:
            raise VigieError(f"the run has no profiles of '{subject_type}'; use {list(PROFILES)}")
        known = features_of(cast("Subject", subject_type))
        there = set(self.columns(table)["column"])
        named = [one for one in known if one.name in there]
        own = self.sql(f'select * from "{table}" where {key} = $id', id=subject_id).frame
        if own.empty:
            raise VigieError(f"the run has no profile of {subject_type} {subject_id}")
        listed = ", ".join(f'median("{one.name}") as "{one.name}"' for one in named)
        usual = self.sql(f'select {listed} from "{table}"').frame
        told = [(one.name, own[one.name][0], usual[one.name][0], one.unit, one.definition)
                for one in named]  # fmt: skip
        return pd.DataFrame(told, columns=["feature", "value", "median", "unit", "definition"])

    def rows_of(self, subject_type: str, subject_id: str, table: str = "claim_lines") -> Answer:
        """The rows of a table that name a subject."""
        from cases.workbench.detail import NAMED_BY

        there = set(self.columns(table)["column"])
        columns = [name for name in NAMED_BY.get(subject_type, ()) if name in there]
        if not columns:
            raise VigieError(f"{table} names no {subject_type}")
        named = " or ".join(f"{column} = $id" for column in columns)
        return self.sql(f'select * from "{table}" where {named} order by all', id=subject_id)

    def large(self, text: str, spark: SparkSession | None = None) -> LargeQuery:
        """The same tables asked in Spark SQL, for what DuckDB cannot hold; a panel to watch it.

        Args:
            spark: a session; one is started where absent, which takes some ten seconds.
        """
        from cases.workbench.explore.large import LargeQuery

        admit(text, self.tables)
        return LargeQuery(self, text, spark)

    def unmask(self, reason: str) -> Explorer:
        """The same tables with personal values.

        Raises:
            VigieError: the reason is empty.
        """
        if not reason.strip():
            raise VigieError("say why personal values are needed")
        from cases.workbench.dossier import LOG

        LOG.warning("explore: personal values shown, because: %s", reason.strip())
        return Explorer(self.lake, self.run, reason.strip())

    def _ask(self, question: Question) -> Answer:
        connection, _ = self._opened
        values = dict(question.values)
        try:
            found = connection.sql(
                f"select * from ({question.sql}) limit {LINES + 1}", params=values or None
            ).to_arrow_table()
        except duckdb.Error as error:
            raise VigieError(str(error).split("\n\nLINE")[0]) from error
        return Answer(question, found.slice(0, LINES), found.num_rows > LINES, self._ask)

    def _known(self, table: str) -> str:
        if table not in self.tables:
            raise VigieError(f"no table {table}; there are {', '.join(self.tables)}")
        return table

    def _repr_html_(self) -> str:
        return fragment("explorer.html", run=self.run, tables=self.tables,
                        why=self.unmasked_because)  # fmt: skip


def explore(lake: Lake | str, run_id: str | None = None) -> Explorer:
    """Open a run's tables to questions, those of the latest succeeded run by default.

    Raises:
        LakeError: no such run has succeeded.
    """
    opened = Lake(lake) if isinstance(lake, str) else lake
    return Explorer(opened, run_of(opened, run_id))
