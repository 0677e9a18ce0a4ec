"""A file that is not what its name says, or lacks what is required, is one clear error."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from claims.errors import SourceError
from claims.sources import canonical, files
from tests.claims.made_sources import canonical_root


def truncate(root: Path) -> None:
    whole = gzip.compress((root / "members.csv").read_bytes() * 200)
    (root / "members.csv").unlink()
    (root / "members.csv.gz").write_bytes(whole[: len(whole) // 2])


def twice(root: Path) -> None:
    (root / "members.csv.gz").write_bytes(gzip.compress((root / "members.csv").read_bytes()))


def renamed(root: Path, name: str) -> None:
    (root / "members.csv").rename(root / name)


BROKEN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no folder": (lambda r: [p.unlink() for p in r.iterdir()] and r.rmdir(), "no such folder"),
    "missing table": (lambda r: (r / "members.csv").unlink(), "no members"),
    "empty file": (lambda r: (r / "members.csv").write_bytes(b""), "empty .0 bytes"),
    "semicolons": (
        lambda r: (r / "members.csv").write_text("person_id;sex\nM1;male\n"),
        "semicolons; write it with commas",
    ),
    "tabs": (lambda r: (r / "members.csv").write_text("person_id\tsex\n"), "tabs"),
    "latin-1": (
        lambda r: (r / "members.csv").write_bytes("person_id\nM\xe9\n".encode("latin-1")),
        "not UTF-8",
    ),
    "truncated": (truncate, "cut off"),
    "false gzip": (lambda r: renamed(r, "members.csv.gz"), "not a gzip archive"),
    "false parquet": (lambda r: renamed(r, "members.parquet"), "not a Parquet file"),
    "false csv": (
        lambda r: (r / "members.csv").write_bytes(gzip.compress(b"person_id\n")),
        "a gzip archive, not CSV",
    ),
    "two forms": (twice, "members lies there twice"),
    "column twice": (
        lambda r: (r / "members.csv").write_text("person_id,sex,SEX\n"),
        "column sex comes twice",
    ),
    "no required column": (
        lambda r: (r / "members.csv").write_text("sex\nmale\n"),
        "lacks the required column person_id",
    ),
    "own name": (lambda r: (r / "members.csv").write_text("person_id,bucket\n"), "bucket"),
    "empty folder": (
        lambda r: ((r / "members.csv").unlink(), (r / "members").mkdir()),
        "no CSV or Parquet file",
    ),
    "manifest": (lambda r: (r / "manifest.json").write_text("EUR"), "no JSON object"),
    "currency": (lambda r: (r / "manifest.json").write_text('{"currency": "euro"}'), "ISO 4217"),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_a_broken_source_is_one_clear_error(spark: SparkSession, tmp_path: Path, case: str) -> None:
    root = canonical_root(tmp_path / "root")
    change, message = BROKEN[case]
    change(root)
    with pytest.raises(SourceError, match=message) as caught:
        canonical.read(spark, str(root))
    assert str(root) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_permission_is_said(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = canonical_root(tmp_path / "root")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch, pytest.raises(SourceError, match="no permission"):
        patch.setattr(Path, "open", refuse)
        files.header_of(root / "members.csv")
    with monkeypatch.context() as patch, pytest.raises(SourceError, match="no permission"):
        patch.setattr(Path, "iterdir", refuse)
        files.entries(root)


def test_forms_of_a_table_read_alike(spark: SparkSession, tmp_path: Path) -> None:
    root = canonical_root(tmp_path / "root")
    (root / "members.csv").unlink()
    parts = root / "members"
    parts.mkdir()
    (parts / "a.csv").write_bytes("\ufeffperson_id,Sex,Home Town\nM1,male,Ely\n".encode())
    (parts / "b.csv.gz").write_bytes(gzip.compress(b"sex,person_id\nfemale,M2\n"))
    (parts / "_SUCCESS").touch()
    (root / "providers.csv").unlink()
    times = pa.array([1_704_189_600_123_456_789], pa.timestamp("ns"))
    pq.write_table(
        pa.table({"provider_id": ["P1"], "seen_at": times, "none": pa.nulls(1)}),
        root / "providers.parquet",
    )
    (root / "cards.csv").write_text("card_id,person_id\n")
    (root / "truth.csv").write_text("scheme\nx\n")
    (root / "manifest.json").write_text(json.dumps({"currency": "CHF"}))
    read = canonical.read(spark, str(root))
    assert read.currency == "CHF"
    assert dict(read.not_loaded) == {"truth.csv": "no table of the model has this name"}
    assert read.warnings == (
        "members: column Sex is stored as sex",
        "members: column Home Town is stored as Home_Town",
    )
    members = read.frames["members"].orderBy("person_id").collect()
    assert [(m.person_id, m.sex, m.Home_Town) for m in members] == [
        ("M1", "male", "Ely"),
        ("M2", "female", None),
    ]
    provider = read.frames["providers"].collect()[0]
    assert provider.provider_id == "P1"
    assert provider.seen_at.microsecond == 123_456
    assert read.frames["cards"].count() == 0
