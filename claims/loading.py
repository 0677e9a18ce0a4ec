"""Loading a source into a lake: every row stored or quarantined, every step of it recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from threading import Lock
from typing import Literal

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.adjustments import ADJUSTED, superseded
from claims.contents import Contents, contents
from claims.editions import merged
from claims.errors import LakeError, SourceError
from claims.lake import Lake
from claims.model import INPUT_TABLES, RESULT_TABLES
from claims.notices import REFERENCES, registrations, row_warnings, suspects
from claims.quarantine import Parted, part
from claims.reading import AT_ONCE, Cast, SourceName, open_source, read_source, reading
from claims.rejections import of_loads, told
from claims.runs import Run, Snapshot, recorded
from claims.sources.raw import DEFAULT_CURRENCY, RawTables
from claims.storage import Layout, Mode, buckets_for, conform, write_input

__all__ = ["Cast", "SourceName", "load", "read_source"]

Say = Callable[[str], None]

# So many rows are sorted and written by one task sooner than they are dealt out to several.
_ONE_TASK = 50_000
_DIMENSIONS = {table for references in REFERENCES.values() for table, _ in references}


def load(
    spark: SparkSession,
    lake: Lake,
    source: SourceName,
    folder: str,
    as_of: date,
    *,
    mode: Mode = "overwrite",
    buckets: int | None = None,
    new_baseline: bool = False,
    say: Say = lambda _: None,
) -> Run:
    """Load a source: tables first, then the row in ``runs`` that makes them readable.

    A load that dies leaves the earlier one readable, and the next load starts from that one.
    Reference tables that are published by edition are always added to what the lake holds (see
    :mod:`claims.editions`): there a row counts as loaded when its key stands in the table, as it
    came or as a later edition has it.

    Args:
        source: format of the files.
        folder: where they lie.
        as_of: the date after which nothing can have happened.
        mode: ``overwrite`` replaces each table the source brings; ``append`` adds to it, and a
            key the lake already holds goes to quarantine. Says nothing to a source of editions.
        buckets: number of member buckets of a new lake; an existing lake keeps its own.
        new_baseline: the load is meant to be unlike the one before, so no drift is judged by it.
        say: takes one line a table and reason.

    Raises:
        SourceError: a file cannot be read as what its name says, or lacks what is required.
        LakeError: what was stored is not what came in.
    """
    raw = open_source(spark, source, folder)
    earlier = _earlier(lake)
    held = earlier.layout.currency if earlier and _holds(earlier, "money") else None
    if held and raw.currency and held != raw.currency:
        raise SourceError(
            f"{folder}: amounts are {raw.currency}, the lake's are {held}; "
            "convert them or load into another lake"
        )
    with recorded(Run(lake, "load")) as run:
        run.parameters.update(
            source=source,
            folder=folder,
            as_of=as_of.isoformat(),
            mode="editions" if raw.editions else mode,
            new_baseline=new_baseline,
            filled={},
            derived={},
        )
        loading = _Loading(spark, lake, run, raw, as_of, mode, earlier, say)
        try:
            loading.store(buckets)
            loading.settle()
        finally:
            loading.release()
    return run


def _earlier(lake: Lake) -> Snapshot | None:
    try:
        return Snapshot.latest(lake)
    except LakeError:
        return None


def _holds(earlier: Snapshot, what: Literal["money", "person"]) -> bool:
    """Whether any table holds amounts, or lies in member buckets: then the lake's layout stands."""
    tables = [(INPUT_TABLES[name], filled) for name, filled in earlier.filled.items()]
    if what == "person":
        return any(table.person for table, _ in tables)
    return any(set(table.money) & filled for table, filled in tables)


@dataclass
class _Loading:
    spark: SparkSession
    lake: Lake
    run: Run
    raw: RawTables
    as_of: date
    mode: Mode
    earlier: Snapshot | None
    say: Say
    layout: Layout = field(init=False)
    registers: dict[str, Parted] = field(default_factory=dict)
    quarantine: Lock = field(default_factory=Lock)

    def store(self, buckets: int | None) -> None:
        """Write every table; claim lines first, as they fix the number of member buckets."""
        names = sorted(self.raw.frames, key=lambda name: name != "claim_lines")
        lines = self._part(names[0]) if names[0] == "claim_lines" else None
        before = self.earlier.layout if self.earlier else None
        if before and self.earlier and _holds(self.earlier, "person"):
            number = before.buckets
        else:
            number = buckets or buckets_for(lines.account.came if lines else 0)
        currency = self.raw.currency or (before.currency if before else DEFAULT_CURRENCY)
        self.layout = Layout(number, currency)
        self.run.parameters["layout"] = asdict(self.layout)
        parted = {"claim_lines": lines} if lines else {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda name: self._store(name, parted.get(name)), names))

    def _part(self, name: str) -> Parted:
        held = None
        if self._appends(name):
            self._restore(name)
            held = self._newest(name)
        with reading(self.run.parameters["folder"], name):
            parted = part(self.raw.frames[name], INPUT_TABLES[name], self.as_of, held)
            _ = parted.account
        return parted

    def _adds(self, name: str) -> bool:
        return self.earlier is not None and self.earlier.has(name)

    def _appends(self, name: str) -> bool:
        return self.mode == "append" and not self.raw.editions and self._adds(name)

    def _restore(self, name: str) -> None:
        """Undo what a load that died has appended to the table."""
        assert self.earlier is not None  # noqa: S101 - only an appending load asks
        good = self.earlier.versions[name]
        if self.lake.version(name) != good:
            self.lake.delta(name).restore(good)

    def _store(self, name: str, given: Parted | None) -> None:
        parted = given or self._part(name)
        came, rejected = parted.account
        if rejected:
            with self.quarantine:
                _append_quarantine(parted.rejected, self.lake, self.run.run_id)
        version, before, held = self._write(name, parted)
        loaded = self.lake.rows(name, version) - before
        if came != loaded + rejected:
            raise LakeError(
                f"{name}: {came} rows came in, {loaded} were stored and {rejected} "
                "quarantined; the source changed while it was read, so load it again"
            )
        self.run.rows[name] = {
            "in": came,
            "loaded": loaded,
            "quarantined": rejected,
            "version": version,
            "sha256": held.sha256,
        }
        self.run.parameters["filled"][name] = list(held.filled)
        if name in _DIMENSIONS:
            self.registers[name] = parted
        else:
            parted.release()
        self.say(f"{name}: {came:,} in, {loaded:,} loaded, {rejected:,} quarantined")

    def _write(self, name: str, parted: Parted) -> tuple[int, int, Contents]:
        """Store the good rows.

        Returns:
            The version written, how many of its rows did not come now, and what it holds.
        """
        small = parted.account.came <= _ONE_TASK
        if self.raw.editions and self._adds(name):
            rows, kept = merged(self._stored(name), parted.accepted, INPUT_TABLES[name])
            before = kept.count()
            version = write_input(rows, self.lake, name, self.layout, "overwrite", small)
            self.say(f"{name}: {before:,} rows of earlier editions kept beside those that came")
            return version, before, contents(self._newest(name))
        if self._appends(name):
            before = self.lake.rows(name)
            version = write_input(parted.accepted, self.lake, name, self.layout, "append", small)
            return version, before, contents(self._newest(name))
        version = write_input(parted.accepted, self.lake, name, self.layout, "overwrite", small)
        return version, 0, parted.contents

    def settle(self) -> None:
        """Derive net state, then note what a reader should know."""
        if not self.lake.exists("quarantine"):
            empty = "table_name string, row string, reasons array<string>"
            nothing = self.spark.createDataFrame([], empty)
            _append_quarantine(nothing, self.lake, self.run.run_id)
        stored = {name: self._stored(name) for name in INPUT_TABLES if self._version(name) >= 0}
        details = {name: stored[name] for name in REFERENCES if name in self.run.rows}
        noticed = {**details, **({"members": stored["members"]} if "members" in stored else {})}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            netted = pool.submit(self._net)
            noted = pool.submit(row_warnings, noticed)
            suspected = pool.submit(suspects, details, self._dimensions(stored))
            netted.result()
            warnings = [*self.raw.warnings, *noted.result()]
            self.run.parameters["placeholders"] = suspected.result()
        kept = sorted(set(stored) - set(self.run.rows))
        if kept:
            warnings.append(f"kept from earlier loads: {', '.join(kept)}")
        self.run.parameters["warnings"] = warnings
        self.run.parameters["not_loaded"] = dict(self.raw.not_loaded)
        for line in told(of_loads(self.lake, [self.run.run_id])):
            self.say(line)
        for warning in warnings:
            self.say(f"warning: {warning}")

    def _dimensions(self, stored: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
        """By table all rows that register an id: those stored, and those that came just now."""
        return {
            name: registrations(name, stored[name]).unionByName(
                registrations(name, self.registers[name].rows)
            )
            if name in self.registers
            else stored[name]
            for name in _DIMENSIONS
            if name in stored
        }

    def _net(self) -> None:
        """Write which claims and payments a later void or replacement names."""
        names = [name for name in ADJUSTED if self._version(name) >= 0]
        held = self.earlier is not None and self.earlier.has("superseded")
        adjusted = held or any("adjustment_type" in self._filled(name) for name in names)
        if adjusted and set(names) & set(self.run.rows):
            rows = superseded({name: self._stored(name) for name in names})
            version = write_input(rows, self.lake, "superseded", self.layout)
            self.run.parameters["derived"]["superseded"] = version

    def _filled(self, name: str) -> set[str]:
        if name in self.run.rows:
            return set(self.run.parameters["filled"][name])
        return set(self.earlier.filled[name]) if self.earlier else set()

    def _newest(self, name: str) -> DataFrame:
        return self.lake.read(self.spark, name, self.lake.version(name))

    def _version(self, name: str) -> int:
        if name in self.run.rows:
            return int(self.run.rows[name]["version"])
        return self.earlier.versions.get(name, -1) if self.earlier else -1

    def _stored(self, name: str) -> DataFrame:
        return self.lake.read(self.spark, name, self._version(name))

    def release(self) -> None:
        for parted in self.registers.values():
            parted.release()


def _append_quarantine(rejected: DataFrame, lake: Lake, run_id: str) -> None:
    table = RESULT_TABLES["quarantine"]
    rows = conform(rejected.withColumn("run_id", F.lit(run_id)), table)
    rows.write.format("delta").mode("append").partitionBy("run_id").save(lake.path(table.name))
