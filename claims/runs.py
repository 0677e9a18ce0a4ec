"""The run protocol: one row a run, written as running, settled last, so readers see whole runs.

Delta is atomic a table, not across tables. A command therefore writes its tables first and marks
its row in ``runs`` as succeeded last; readers take the latest succeeded run and ignore every row
of another run_id. A run that was killed stays ``running`` and is never read.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from importlib.metadata import version as installed
from typing import Any, Literal

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from claims.errors import LakeError
from claims.lake import Lake
from claims.storage import Layout

RunKind = Literal["load", "check", "run"]

LIBRARIES = ("pyspark", "deltalake", "duckdb", "scikit-learn", "graphframes-py", "sqlglot")

ARROW_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("kind", pa.string()),
        ("started_at", pa.timestamp("us")),
        ("finished_at", pa.timestamp("us")),
        ("status", pa.string()),
        ("period_start_date", pa.date32()),
        ("period_end_date", pa.date32()),
        ("code_version", pa.string()),
        ("rulebook_hash", pa.string()),
        ("seed", pa.int64()),
        ("rows", pa.string()),
        ("not_run", pa.string()),
        ("parameters", pa.string()),
    ]
)


def now() -> datetime:
    """Local wall-clock time; the only clock of the product (detectors know none)."""
    return datetime.now()


def code_version() -> str:
    """The installed version of Vigie."""
    return installed("vigie")


@dataclass
class Run:
    """One run in the making; its attributes become its row in ``runs``.

    Args:
        rows: by table ``{"in", "loaded", "quarantined", "version", "sha256"}``.
        not_run: by detector, why it did not run.
        parameters: all that is needed to replay it, JSON-able.
    """

    lake: Lake
    kind: RunKind
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime = field(default_factory=now)
    period: tuple[date, date] | None = None
    rulebook_hash: str | None = None
    seed: int | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)

    def record(self, status: str) -> None:
        """Write the run's row, in place of its earlier one.

        Raises:
            LakeError: the lake cannot be written to.
        """
        parameters = {**self.parameters, "libraries": {name: installed(name) for name in LIBRARIES}}
        row = {
            "run_id": self.run_id,
            "kind": self.kind,
            "started_at": self.started_at,
            "finished_at": None if status == "running" else now(),
            "status": status,
            "period_start_date": self.period[0] if self.period else None,
            "period_end_date": self.period[1] if self.period else None,
            "code_version": code_version(),
            "rulebook_hash": self.rulebook_hash,
            "seed": self.seed,
            "rows": json.dumps(self.rows, sort_keys=True),
            "not_run": json.dumps(self.not_run, sort_keys=True),
            "parameters": json.dumps(parameters, sort_keys=True, default=str),
        }
        frame = pa.Table.from_pylist([row], schema=ARROW_SCHEMA)
        try:
            _upsert(self.lake, frame)
        except (DeltaError, OSError) as error:
            raise LakeError(
                f"{self.lake.root}: the lake's table runs cannot be written; give a folder that"
                " may be written to, and let one command end before another writes"
            ) from error


def _upsert(lake: Lake, frame: pa.Table) -> None:
    path = lake.path("runs")
    if not lake.exists("runs"):
        write_deltalake(path, frame, partition_by=None)
        return
    (
        DeltaTable(path)
        .merge(frame, "t.run_id = s.run_id", source_alias="s", target_alias="t")
        .when_matched_update_all()
        .when_not_matched_insert_all()
        .execute()
    )


@contextmanager
def recorded(run: Run, last: bool = True) -> Iterator[Run]:
    """Record a run around a block: running, then succeeded, or failed when the block raises.

    Args:
        last: the block ends the run; otherwise it stays ``running`` for a later stage.
    """
    run.record("running")
    try:
        yield run
    except BaseException:
        run.record("failed")
        raise
    run.record("succeeded" if last else "running")


def resume(lake: Lake, run_id: str | None = None) -> Run:
    """The unfinished detection run that a further stage goes on with.

    Raises:
        LakeError: there is none, or none of that id.
    """
    open_runs = [
        row
        for row in runs(lake)
        if row["kind"] == "run" and row["status"] == "running" and run_id in (None, row["run_id"])
    ]
    if not open_runs:
        named = f"no unfinished run {run_id}" if run_id else "no unfinished run"
        raise LakeError(f"{lake.root}: {named}; begin one with `vigie features`")
    row = open_runs[-1]
    return Run(
        lake,
        "run",
        run_id=row["run_id"],
        started_at=row["started_at"],
        period=(row["period_start_date"], row["period_end_date"]),
        rulebook_hash=row["rulebook_hash"],
        seed=row["seed"],
        rows=row["rows"],
        not_run=row["not_run"],
        parameters=row["parameters"],
    )


def runs(lake: Lake) -> list[dict[str, Any]]:
    """All runs of the lake, oldest first, with their JSON columns decoded."""
    if not lake.exists("runs"):
        return []
    rows: list[dict[str, Any]] = lake.query("select * from runs", "runs").to_pylist()
    for row in rows:
        for column in ("rows", "not_run", "parameters"):
            row[column] = json.loads(row[column] or "{}")
    return sorted(
        rows, key=lambda row: (row["started_at"], row["finished_at"] or row["started_at"])
    )


def latest(lake: Lake, kind: RunKind, status: str = "succeeded") -> dict[str, Any]:
    """The latest run of a kind with that status.

    Raises:
        LakeError: there is none.
    """
    found = [row for row in runs(lake) if row["kind"] == kind and row["status"] == status]
    if not found:
        verb = "vigie load" if kind == "load" else f"vigie {kind}"
        raise LakeError(f"{lake.root}: no {status} {kind}; start one with `{verb}`")
    return found[-1]


@dataclass(frozen=True)
class Snapshot:
    """The table versions that a detection run reads: for each table its latest succeeded load.

    Args:
        versions: Delta version by table.
        filled: by table the columns that hold at least one value.
        rows: the loads' own account of each table, repeated in the run's row.
        loads: run_ids of the loads it rests on.
        layout: number of member buckets and currency.
    """

    lake: Lake
    versions: Mapping[str, int]
    filled: Mapping[str, frozenset[str]]
    rows: Mapping[str, Mapping[str, Any]]
    loads: tuple[str, ...]
    layout: Layout

    @staticmethod
    def latest(lake: Lake) -> Snapshot:
        """What the succeeded loads of a lake amount to now.

        Raises:
            LakeError: nothing was ever loaded.
        """
        layout = latest(lake, "load")["parameters"]["layout"]
        rows: dict[str, Mapping[str, Any]] = {}
        filled: dict[str, list[str]] = {}
        derived: dict[str, int] = {}
        source: dict[str, str] = {}
        for run in runs(lake):
            if run["kind"] != "load" or run["status"] != "succeeded":
                continue
            rows.update(run["rows"])
            filled.update(run["parameters"].get("filled", {}))
            derived.update(run["parameters"].get("derived", {}))
            source.update(dict.fromkeys(run["rows"], run["run_id"]))
        loads = sorted(set(source.values()))
        parameters = {"layout": layout, "filled": filled, "derived": derived, "loads": loads}
        return Snapshot.of_run(lake, rows, parameters)

    @staticmethod
    def of_run(
        lake: Lake, rows: Mapping[str, Mapping[str, Any]], parameters: Mapping[str, Any]
    ) -> Snapshot:
        """The snapshot that a run's ``rows`` and ``parameters`` name, for replaying it."""
        versions = {table: int(account["version"]) for table, account in rows.items()}
        return Snapshot(
            lake,
            {**versions, **parameters.get("derived", {})},
            {table: frozenset(names) for table, names in parameters.get("filled", {}).items()},
            rows,
            tuple(parameters.get("loads", ())),
            Layout(**parameters["layout"]),
        )

    def parameters(self) -> dict[str, Any]:
        """What a run's ``parameters`` must hold for :meth:`of_run` to find the snapshot again."""
        return {
            "loads": list(self.loads),
            "layout": asdict(self.layout),
            "filled": {table: sorted(names) for table, names in self.filled.items()},
            "derived": {t: v for t, v in self.versions.items() if t not in self.rows},
        }

    def has(self, table: str) -> bool:
        """Whether a load brought the table."""
        return table in self.versions
