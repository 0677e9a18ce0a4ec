"""The one interface behind which every detector stands, and what it takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import ClassVar, Protocol, runtime_checkable

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.model.results import EVIDENCE, FINDINGS
from claims.runs import Snapshot
from features.period_links import PeriodLinks

FAMILIES = ("deviation", "rules", "forest", "collusion")

# Detectors do not know the run they serve: the job stamps run_id on both frames.
FINDING_COLUMNS = tuple(name for name in FINDINGS.names if name != "run_id")
EVIDENCE_COLUMNS = tuple(name for name in EVIDENCE.names if name != "run_id")
FINDING_DDL = ", ".join(f"{c.name} {c.type}" for c in FINDINGS.columns if c.name != "run_id")
EVIDENCE_DDL = ", ".join(f"{c.name} {c.type}" for c in EVIDENCE.columns if c.name != "run_id")


@dataclass(frozen=True)
class Needs:
    """Tables, and columns of them, that a detector cannot do without."""

    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def missing(self, snapshot: Snapshot) -> str | None:
        """Why the detector cannot run on a snapshot, or ``None`` where it can.

        A column that holds no value in the whole table counts as absent.
        """
        for table, columns in self.tables.items():
            if not snapshot.has(table):
                return f"table {table} was not loaded"
            empty = [c for c in columns if c not in snapshot.filled.get(table, frozenset())]
            if empty:
                return f"table {table} has no value in {', '.join(empty)}"
        return None


@dataclass(frozen=True)
class EarlierGroup:
    """A group that the run before found: its detector, lasting id, and members' type and id."""

    detector: str
    subject_id: str
    members: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Inputs:
    """What a detector may read: one snapshot, one period, one seed, and the run's profiles.

    Args:
        start: first day of the period; rows before it may be looked back at.
        end: last day of the period, included.
        seed: for methods that sample.
        profiles: feature tables of this run by name (``provider_profiles``, …).
        findings: what the families before found in this run (columns of the model); none where a
            family runs alone.
        earlier: groups of the last succeeded run, so that rings keep their identity.
        confirmed: type and id of subjects of whom a decision said ``substantiated``.
    """

    spark: SparkSession
    snapshot: Snapshot
    start: date
    end: date
    seed: int = 0
    profiles: Mapping[str, DataFrame] = field(default_factory=dict)
    findings: DataFrame | None = None
    earlier: tuple[EarlierGroup, ...] = ()
    confirmed: tuple[tuple[str, str], ...] = ()

    @cached_property
    def links(self) -> PeriodLinks:
        """Links of the period, made when first asked for; ``run_family`` releases them."""
        return PeriodLinks(self.spark, self.snapshot, self.start, self.end)

    def table(self, name: str) -> DataFrame:
        """One table of the snapshot as a lazy Spark frame, every version as stored."""
        return self.snapshot.lake.read(self.spark, name, self.snapshot.versions[name])


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Findings:
    """What a detector found: two lazy frames without ``run_id``, and what did not work.

    Args:
        findings: columns ``FINDING_COLUMNS``.
        evidence: columns ``EVIDENCE_COLUMNS``.
        not_run: by detector name, why a part could not run (a rule whose table is absent).
        failures: by detector name, what broke on the data (a rule whose expression failed).
        trial: findings and evidence of methods on trial, in shadow; they open no case.
        release: frees whatever was persisted for the frames; called once they are written.
    """

    findings: DataFrame
    evidence: DataFrame
    not_run: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    trial: tuple[DataFrame, DataFrame] | None = None
    release: Callable[[], None] = _nothing


@runtime_checkable
class Detector(Protocol):
    """A method that names suspects. It writes nothing, and knows no clock and no ``rand``."""

    name: ClassVar[str]
    version: ClassVar[str]
    needs: ClassVar[Needs]

    def detect(self, inputs: Inputs) -> Findings:
        """Findings of the period, each with its reason and its rows."""
        ...


def finding_id(*parts: Column) -> Column:
    """A stable id: MD5 of detector, subject, period and whatever else tells findings apart.

    DuckDB's ``md5(concat_ws('|', …))`` over the same texts gives the same id.
    """
    return F.md5(F.concat_ws("|", *[F.coalesce(part.cast("string"), F.lit("")) for part in parts]))


def row_key(*columns: Column) -> Column:
    """A row's key as evidence names it: values joined by ``|``, dates ISO, null as empty."""
    return F.concat_ws("|", *[F.coalesce(column.cast("string"), F.lit("")) for column in columns])


def no_findings(spark: SparkSession) -> Findings:
    """Two empty frames of the right schema."""
    return Findings(spark.createDataFrame([], FINDING_DDL), spark.createDataFrame([], EVIDENCE_DDL))
