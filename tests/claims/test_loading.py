"""Loads: every row stored or quarantined with its reasons, again and on top, and after a death."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from claims import loading
from claims.contents import contents
from claims.errors import LakeError, SourceError
from claims.lake import Lake
from claims.loading import load, read_source
from claims.runs import Run, Snapshot, runs
from tests.claims.made_sources import LINE, canonical_root, write_csv

AS_OF = date(2026, 1, 1)


def line(claim: str, **more: str) -> dict[str, str]:
    return {**LINE, "claim_id": claim, **more}


LINES = [
    line("C1"),
    line("C1", note="second"),
    line("C1", claim_line_number="01", note="third"),
    line("C1", claim_line_number="2"),
    line("C1", data_source="north"),
    line("C2", paid_amount="1,234"),
    line("C2", paid_amount="20.00", note="the good one of two"),
    line("C3", claim_type="magic", person_id=""),
    line("C4", claim_status="denied", paid_amount="5"),
    line("C5", person_id="M9"),
    line(
        "C5-void", adjustment_type="void", original_claim_id="C5", paid_amount="-10", person_id="M9"
    ),
    line("C6", person_id="UNKNOWN"),
]


def dirty_root(root: Path) -> Path:
    canonical_root(root, {"claim_lines": LINES})
    with (root / "claim_lines.csv").open("a") as opened:
        opened.write("C7,1\n")
        opened.write('"C8,1,,professional,,,paid,M1,P1,2025-05-01,1,x\n')
    return root


@pytest.fixture(scope="module")
def loaded(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Lake, Run, list[str]]:
    folder = tmp_path_factory.mktemp("loaded")
    said: list[str] = []
    lake = Lake(str(folder / "lake"))
    root = dirty_root(folder / "root")
    return lake, load(spark, lake, "canonical", str(root), AS_OF, buckets=2, say=said.append), said


Loaded = tuple[Lake, Run, list[str]]


def test_every_row_is_accounted_for(spark: SparkSession, loaded: Loaded) -> None:
    lake, run, said = loaded
    account = run.rows["claim_lines"]
    assert (account["in"], account["loaded"], account["quarantined"]) == (14, 8, 6)
    assert "claim_lines: 14 in, 8 loaded, 6 quarantined" in said
    assert "quarantined from claim_lines: 3 × duplicate key" in said
    read = contents(lake.read(spark, "claim_lines", account["version"]))
    assert read.sha256 == account["sha256"], "what is stored is what was accepted"
    assert read.rows == lake.rows("claim_lines", account["version"]) == 8
    stored = lake.query("select claim_id, note, paid_amount from claim_lines", "claim_lines")
    assert Counter(stored.column("claim_id").to_pylist()) == Counter(
        {"C1": 3, "C2": 1, "C4": 1, "C5": 1, "C5-void": 1, "C6": 1}
    )
    assert "second" not in stored.column("note").to_pylist(), "the first row in the file stays"
    assert "the good one of two" in stored.column("note").to_pylist()


def test_quarantine_holds_the_row_as_it_came_and_every_reason(loaded: Loaded) -> None:
    lake, run, _ = loaded
    rows = lake.query("select * from quarantine", "quarantine").to_pylist()
    assert {(row["table_name"], row["run_id"]) for row in rows} == {("claim_lines", run.run_id)}
    found = {}
    for row in rows:
        came = json.loads(row["row"])
        found[came.get("line") or came["claim_id"] + came["note"]] = sorted(row["reasons"])
    malformed = ["malformed row: the number of fields is not the header's, or a quote is left open"]
    assert found == {
        "C1second": ["duplicate key"],
        "C1third": ["duplicate key"],
        "C2kept": ["duplicate key", "paid_amount: not a decimal(18,2)"],
        "C3kept": ["claim_type: unknown value", "person_id: required, empty"],
        "C7,1": malformed,
        '"C8,1,,professional,,,paid,M1,P1,2025-05-01,1,x': malformed,
    }


def test_the_run_names_all_that_a_reader_needs(loaded: Loaded) -> None:
    lake, run, _ = loaded
    snapshot = Snapshot.latest(lake)
    assert snapshot.layout.buckets == 2
    assert set(snapshot.versions) == {"claim_lines", "members", "providers", "superseded"}
    assert "note" in snapshot.filled["claim_lines"]
    assert "charge_amount" not in snapshot.filled["claim_lines"]
    assert len(run.rows["claim_lines"]["sha256"]) == 64
    gone = lake.query("select superseded_id, superseded_by from superseded", "superseded")
    assert gone.to_pylist() == [{"superseded_id": "C5", "superseded_by": "C5-void"}]
    assert run.parameters["warnings"] == [
        "1 rows of claim_lines are denied or pending and have a paid_amount",
        "3 rows of claim_lines are of a person without a row in members",
        "1 rows of claim_lines have a placeholder for their person",
    ]
    assert run.parameters["as_of"] == "2026-01-01"


def test_a_check_before_loading_sees_the_same(
    spark: SparkSession, loaded: Loaded, tmp_path: Path
) -> None:
    _, run, _ = loaded
    cast = read_source(spark, "canonical", str(dirty_root(tmp_path / "root")), AS_OF)
    assert cast.accounts == {
        name: {key: account[key] for key in ("in", "loaded", "quarantined")}
        for name, account in run.rows.items()
    }
    assert cast.warnings == run.parameters["warnings"]
    assert cast.frames["claim_lines"].count() == 8
    assert cast.quarantine.count() == 6
    assert cast.currency == "EUR"
    cast.release()


def test_a_second_load_gives_the_same_and_keeps_the_layout(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    root = canonical_root(tmp_path / "root", {"claim_lines": [line("A"), line("B")]})
    first = load(spark, lake, "canonical", str(root), AS_OF, buckets=2)
    write_csv(root / "claim_lines.csv", [line("B"), line("A")])
    second = load(spark, lake, "canonical", str(root), AS_OF, buckets=5)
    assert second.parameters["layout"] == first.parameters["layout"]
    hashes = [{n: a["sha256"] for n, a in run.rows.items()} for run in (first, second)]
    assert hashes[0] == hashes[1]
    write_csv(root / "claim_lines.csv", [line("A"), line("B", note="")])
    third = load(spark, lake, "canonical", str(root), AS_OF)
    assert third.rows["claim_lines"]["sha256"] != first.rows["claim_lines"]["sha256"]
    (root / "manifest.json").write_text('{"currency": "CHF"}')
    with pytest.raises(SourceError, match="amounts are CHF"):
        load(spark, lake, "canonical", str(root), AS_OF)
    with pytest.raises(SourceError, match="no such source"):
        load(spark, lake, "paper", str(root), AS_OF)  # type: ignore[arg-type]


def test_append_adds_only_new_keys_and_survives_a_death(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    root = canonical_root(tmp_path / "root", {"claim_lines": [line("A"), line("B")]})
    load(spark, lake, "canonical", str(root), AS_OF, buckets=2)
    before = Snapshot.latest(lake)
    write_csv(root / "claim_lines.csv", [line("B"), line("C"), line("C")])

    with monkeypatch.context() as patch:
        patch.setattr(loading._Loading, "settle", die)
        with pytest.raises(RuntimeError):
            load(spark, lake, "canonical", str(root), AS_OF, mode="append")
    assert [run["status"] for run in runs(lake)] == ["succeeded", "failed"]
    assert Snapshot.latest(lake).versions == before.versions
    kept = lake.read(spark, "claim_lines", before.versions["claim_lines"])
    assert kept.count() == 2

    run = load(spark, lake, "canonical", str(root), AS_OF, mode="append")
    account = run.rows["claim_lines"]
    assert (account["in"], account["loaded"], account["quarantined"]) == (3, 1, 2)
    assert run.rows["members"]["quarantined"] == 1
    reasons = lake.query(
        "select unnest(reasons) as reason from quarantine"
        " where run_id = $run and table_name = 'claim_lines'",
        "quarantine",
        run=run.run_id,
    )
    assert sorted(reasons.column("reason").to_pylist()) == [
        "duplicate key",
        "duplicate key: the lake already holds it",
    ]
    ids = lake.query("select claim_id from claim_lines order by 1", "claim_lines")
    assert ids.column("claim_id").to_pylist() == ["A", "B", "C"]


def die(_: object) -> None:
    raise RuntimeError


def test_an_empty_table_is_loaded_empty(spark: SparkSession, tmp_path: Path) -> None:
    root = canonical_root(tmp_path / "root")
    for name in ("claim_lines", "members"):
        path = root / f"{name}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    run = load(spark, Lake(str(tmp_path / "lake")), "canonical", str(root), AS_OF)
    assert run.rows["claim_lines"]["in"] == run.rows["claim_lines"]["loaded"] == 0
    assert run.parameters["layout"]["buckets"] == 4


def test_a_file_that_is_broken_inside_is_one_clear_error(
    spark: SparkSession, tmp_path: Path
) -> None:
    root = canonical_root(tmp_path / "root")
    (root / "members.csv").unlink()
    path = root / "members.parquet"
    pq.write_table(pa.table({"person_id": [f"M{n}" for n in range(9000)]}), path)
    path.write_bytes(bytes([*b"PAR1", *[7] * 2000, *path.read_bytes()[2004:]]))
    with pytest.raises(SourceError, match="members cannot be read to its end") as caught:
        read_source(spark, "canonical", str(root), AS_OF)
    assert "\n" not in str(caught.value)
    path.unlink()
    (root / "members" / "_delta_log").mkdir(parents=True)
    (root / "members" / "_delta_log" / f"{0:020}.json").write_text("none")
    with pytest.raises(LakeError, match="its Delta log cannot be read"):
        read_source(spark, "canonical", str(root), AS_OF)


def test_a_lake_that_cannot_be_written_is_said(spark: SparkSession, tmp_path: Path) -> None:
    root = canonical_root(tmp_path / "root")
    lake = Lake(str(root / "members.csv"))
    with pytest.raises(LakeError, match="cannot be written"):
        load(spark, lake, "canonical", str(root), AS_OF)
