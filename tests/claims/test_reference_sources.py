"""NCCI and LEIE: layouts, what is refused, and editions added to what a lake holds."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from claims.editions import merged
from claims.errors import SourceError
from claims.lake import Lake
from claims.loading import load
from claims.model import INPUT_TABLES
from claims.reading import read_source
from claims.runs import Snapshot
from claims.sources import leie, ncci, public_holidays, published
from tests.claims.made_reference import LEIE_COLUMNS, aoc, mue, ptp, zipped
from tests.claims.made_reference import leie as listed
from tests.claims.made_sources import SMALL, canonical_root, write_csv

AS_OF = date(2026, 1, 1)
DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
PAIR = "column_1_code || column_2_code || effective_date"
CODE = "procedure_code || effective_date"
PROCEDURE = {
    "procedure_code": "X1",
    "effective_date": "2020-01-01",
    "deletion_date": "",
    "fee_amount": "40.00",
    "typical_minutes": "15",
}


def folder(root: Path, **contents: bytes) -> str:
    """A folder of files; the last ``__`` of a name stands for the dot."""
    root.mkdir()
    for name, content in contents.items():
        (root / ".".join(name.rsplit("__", 1))).write_bytes(content)
    return str(root)


def rows(lake: Lake, table: str, key: str) -> dict[Any, dict[str, Any]]:
    found = lake.query(f"select *, {key} as k from {table}", table).to_pylist()
    by_key = {row["k"]: row for row in found}
    assert len(by_key) == len(found)
    return by_key


def account(lake: Lake, table: str) -> tuple[int, int, int]:
    row = Snapshot.latest(lake).rows[table]
    return row["in"], row["loaded"], row["quarantined"]


def first_quarter(root: Path) -> str:
    """Two settings' pairs (one zipped as CMS does), limits and add-on codes; three flawed rows."""
    root.mkdir()
    pairs = ["X1 X2 20200101 * 1", "X1 X3 20210101 20220101 9", "X1 X3 20230101 * 0"]
    pairs += ["X1 X4 20240701 * 7", pairs[0]]
    outpatient = ptp(["X1 X2 20200101 * 0", "X1 X5 20240701 99991231 0"])
    zipped(root / "a.zip", "ccipra-v302r0-f1.TXT", ptp(pairs))
    practitioner = mue("Practitioner Services", ["X1 2 2", "X2 none 3", "X6 0 3"])
    add_ons = ["1 X7 X1 2020001 *", "1 X8 X1 2019001 2021365", "2 X9 CCCCC 2024183 *"]
    for name, content in {
        "ccioph-v302r0-f1.TXT": outpatient,
        "copy.txt": outpatient,
        "readme.pdf": b"x",
        "p_Eff_07-01-2024.csv": practitioner,
        "o_Eff_07-01-2024.csv": mue("Outpatient Hospital Services", ["X1 5 3"]),
        "AOC_V2024Q3-MCR.txt": aoc(add_ons),
    }.items():
        (root / name).write_bytes(content)
    return str(root)


def test_ncci_beside_claims_and_tariff(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    tariff = {**SMALL, "procedures": [PROCEDURE, {**PROCEDURE, "effective_date": "2024-09-01"}]}
    load(spark, lake, "canonical", str(canonical_root(tmp_path / "c", tariff)), AS_OF, buckets=2)
    claims = Snapshot.latest(lake)
    run = load(spark, lake, "ncci", first_quarter(tmp_path / "first"), AS_OF)
    assert run.parameters["not_loaded"] == {
        "copy.txt": "the same as ccioph-v302r0-f1.TXT",
        "readme.pdf": "neither text, CSV nor an archive of them",
    }
    after = Snapshot.latest(lake)
    assert after.layout == claims.layout
    assert after.versions["claim_lines"] == claims.versions["claim_lines"]
    assert lake.version("claim_lines") == claims.versions["claim_lines"]
    assert account(lake, "procedure_pairs") == (9, 7, 2)
    held = rows(lake, "procedure_pairs", PAIR)
    shared, never = held["X1X22020-01-01"], held["X1X32021-01-01"]
    assert (shared["modifier_allowed"], shared["ncci_setting"]) == (True, "outpatient practitioner")
    assert (never["modifier_allowed"], never["deletion_date"]) == (None, date(2022, 1, 1))
    assert held["X1X52024-07-01"]["deletion_date"] is None
    assert held["X1X82019-01-01"]["deletion_date"] == date(2021, 12, 31)
    assert held["CCCCCX92024-07-01"]["relation"] == "add_on"
    quarantined = lake.query("select reasons from quarantine", "quarantine").to_pylist()
    assert sorted(row["reasons"][0] for row in quarantined) == [
        "duplicate key",
        "max_units_per_day: not an int",
        "modifier_allowed: not a boolean",
    ]
    # The limit stands beside the fee, on its own day and on the tariff's later one.
    codes = rows(lake, "procedures", CODE)
    on = [codes[f"X1{day}"] for day in ("2020-01-01", "2024-07-01", "2024-09-01")]
    assert [row["max_units_per_day"] for row in on] == [None, 5, 5]
    assert [str(row["fee_amount"]) for row in on] == ["40.00"] * 3
    assert (on[1]["mue_practitioner"], on[1]["mue_outpatient"]) == (2, 5)
    assert codes["X62024-07-01"]["max_units_per_day"] == 0
    assert (codes["X82019-01-01"]["is_add_on"], codes["X82021-12-31"]["is_add_on"]) == (True, False)
    assert codes["X92024-07-01"]["is_add_on"] is True

    # The next quarter deletes one pair and changes a limit; what it does not list stays.
    second = folder(
        tmp_path / "second",
        **{
            "ccipra-v303r0-f1__txt": ptp(["X1 X2 20200101 20240930 1", "X1 X2 20241001 * 0"]),
            "Eff_10-01-2024__csv": mue("Practitioner Services", ["X1 3 2"]),
        },
    )
    said: list[str] = []
    load(spark, lake, "ncci", second, AS_OF, say=said.append)
    assert "procedure_pairs: 6 rows of earlier editions kept beside those that came" in said
    assert account(lake, "procedure_pairs") == (2, 2, 0)
    held = rows(lake, "procedure_pairs", PAIR)
    assert len(held) == 8
    assert held["X1X22020-01-01"]["deletion_date"] == date(2024, 9, 30)
    codes = rows(lake, "procedures", CODE)
    assert [
        codes[f"X1{day}"]["max_units_per_day"] for day in ("2024-07-01", "2024-09-01", "2024-10-01")
    ] == [5, 5, 3]
    assert str(codes["X12024-10-01"]["fee_amount"]) == "40.00"


def test_leie_editions(spark: SparkSession, tmp_path: Path) -> None:
    """The list may come before any claim; reinstatements renew, names without a number stay."""
    lake = Lake(str(tmp_path / "lake"))
    known = "|||1234567893|1128b7|20240115|00000000"
    first = [
        known,
        "DOE|JANE||0000000000|1128a1|20240220|00000000",
        "||ACME CARE|0000000000|1128a1|20240220|00000000",
        "||ACME CARE|0000000000|1128a1|20240220|00000000",
        "|||0000000000|1128a1|2024022X|00000000",
    ]
    content = listed(first) + b"cut,off\r\n"
    source = folder(tmp_path / "first", UPDATED__csv=content)
    load(spark, lake, "leie", source, AS_OF)
    assert account(lake, "exclusions") == (6, 3, 3)
    held = rows(lake, "exclusions", "coalesce(provider_id, name)")
    assert set(held) == {"1234567893", "JANE DOE", "ACME CARE"}
    assert held["JANE DOE"]["provider_id"] is None
    assert held["JANE DOE"]["birth_date"] == date(1960, 2, 29)
    assert held["JANE DOE"]["exclusion_date"] == date(2024, 2, 20)
    assert held["JANE DOE"]["source"] == "HHS-OIG LEIE"
    assert held["1234567893"]["reason"] == "1128b7"

    # Claims in another currency still find the lake open: nothing in it is money.
    load(spark, lake, "canonical", str(canonical_root(tmp_path / "c")), AS_OF, buckets=3)
    assert Snapshot.latest(lake).layout.buckets == 3

    back = listed([known.replace("00000000", "20240610"), "|||1999999984|1128b5|20240520|00000000"])
    load(spark, lake, "leie", folder(tmp_path / "next", REIN__csv=back), AS_OF)
    assert account(lake, "exclusions") == (2, 2, 0)
    held = rows(lake, "exclusions", "coalesce(provider_id, name)")
    assert len(held) == 4
    assert held["1234567893"]["reinstatement_date"] == date(2024, 6, 10)
    assert held["ACME CARE"]["reinstatement_date"] is None


PAIR_DDL = (
    "column_1_code string, column_2_code string, effective_date date, deletion_date date,"
    " relation string, effective_date_known boolean, edition_date date"
)
JULY, OCTOBER = date(2024, 7, 1), date(2024, 10, 1)


def spans(
    spark: SparkSession, held: Sequence[tuple[Any, ...]], came: Sequence[tuple[Any, ...]]
) -> list[tuple[str, date, date | None]]:
    """Pairs after a merge; a row is (column 2, effective, deletion, known, edition)."""
    frames = [
        spark.createDataFrame(
            [("X1", c, e, d, "not_together", k, n) for c, e, d, k, n in side], PAIR_DDL
        )
        for side in (held, came)
    ]
    found, _ = merged(frames[0], frames[1], INPUT_TABLES["procedure_pairs"])
    return sorted((r.column_2_code, r.effective_date, r.deletion_date) for r in found.collect())


def test_later_edition_counts_whenever_it_came(spark: SparkSession) -> None:
    start, end = date(2020, 1, 1), date(2024, 9, 30)
    deleted, older = ("X2", start, end, True, OCTOBER), ("X2", start, None, True, JULY)
    assert spans(spark, [older], [deleted]) == [("X2", start, end)]
    assert spans(spark, [deleted], [older, ("X3", start, None, True, JULY)]) == [
        ("X2", start, end),
        ("X3", start, None),
    ]


def test_pairs_without_dates_renew_the_open_row(spark: SparkSession) -> None:
    old, end = date(2019, 12, 31), date(2024, 9, 30)
    held = [
        ("X2", JULY, None, False, JULY),
        ("X3", old, old, False, JULY),
        ("X4", date(2015, 1, 1), None, True, JULY),
    ]
    came = [
        ("X2", end, end, False, OCTOBER),
        ("X3", old, old, False, OCTOBER),
        ("X4", OCTOBER, None, False, OCTOBER),
        ("X5", OCTOBER, None, False, OCTOBER),
    ]
    assert spans(spark, held, came) == [
        ("X2", JULY, end),
        ("X3", old, old),
        ("X4", date(2015, 1, 1), None),
        ("X5", OCTOBER, None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.txt", b"", r"p\.txt: empty \(0 bytes\); fetch it again"),
        (
            "p.csv.gz",
            gzip.compress(b"x" * 9999, mtime=0)[:-9],
            r"p\.csv\.gz: the archive is cut off",
        ),
        ("p.csv.gz", b"column_1,column_2", r"p\.csv\.gz: not a gzip archive"),
        ("p.zip", b"PK\x03\x04 cut", r"p\.zip: the archive is cut off, damaged or locked"),
        ("p.txt", b"PK\x03\x04", r"p\.txt: an archive, workbook or Parquet, not text"),
        (
            "p_2024q3.csv",
            b"column_1;column_2;ptp_deleted;ptp_mod\nX1;X2;;1\n",
            r"p_2024q3\.csv: columns are parted by semicolons; write it with commas or tabs",
        ),
        ("p.csv", b"a,b\n1,2\n", r"no NCCI table \(p\.csv: its header is of no NCCI table\)"),
        ("p.xlsx", b"PK", r"no NCCI table \(p\.xlsx: a workbook"),
        ("p.csv", b"column_1,column_2\nX1,X2\n", "procedure pairs table lacks deletion, modifier"),
        ("p.csv", b"hcpcs_code,mue_units\nX1,2\n", r"p\.csv: neither its name nor its rows tell"),
    ],
)
def test_broken_files_are_named(
    spark: SparkSession, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    root = tmp_path / "given"
    root.mkdir()
    (root / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        ncci.read(spark, str(root))


def test_foreign_lists_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    write_csv(tmp_path / "list.csv", [{"NPI": "1", "NAME": "x"}])
    with pytest.raises(SourceError, match="no LEIE table"):
        leie.read(spark, str(tmp_path))
    short = LEIE_COLUMNS.replace("REINDATE,", "")
    (tmp_path / "list.csv").write_text(f"{short}\n")
    with pytest.raises(SourceError, match=r"list\.csv: the exclusion list table lacks REINDATE"):
        leie.read(spark, str(tmp_path))


def test_editions_are_told_by_name_and_content(tmp_path: Path) -> None:
    for name, day in (
        ("ccipra-v313r0-f1.txt", date(2025, 10, 1)),
        ("AOC_V2024Q2-MCR.txt", date(2024, 4, 1)),
        ("MCR_MUE_Eff_01-01-2025.txt", date(2025, 1, 1)),
        ("pairs.txt", date(2023, 7, 1)),
    ):
        (tmp_path / name).write_bytes(ptp([f"X1 {name[:5]} 20230701 20220331 1"]))
        found, _ = published.find(tmp_path, ncci.KINDS, "NCCI")
        assert {ncci.edition_of(text) for text in found if text.path.endswith(name)} == {day}


def real(name: str) -> str:
    path = DATA / name
    if not path.is_dir():
        pytest.skip(f"the public sample ../shared/data/{name} is not on this machine")
    return str(path)


def test_real_samples(spark: SparkSession) -> None:
    cast = read_source(spark, "ncci", real("ncci"), AS_OF)
    assert {name: tuple(account.values()) for name, account in cast.accounts.items()} == {
        # 3,158 and 2,200 rows of two settings that share most pairs, and 195 add-on pairs.
        "procedure_pairs": (3_421, 3_421, 0),
        # 4,530 codes with a limit in one of three settings, six add-on codes without one.
        "procedures": (4_536, 4_536, 0),
    }
    pairs = cast.frames["procedure_pairs"]
    counts = pairs.selectExpr("count_if(deletion_date is null)", "count_if(relation = 'add_on')")
    assert tuple(counts.collect()[0]) == (1_593, 195)
    limits = cast.frames["procedures"].where("max_units_per_day > 0 or is_add_on")
    assert limits.count() == 3_941 + 6
    cast.release()
    excluded = read_source(spark, "leie", real("leie"), AS_OF)
    assert excluded.accounts["exclusions"] == {"in": 815, "loaded": 815, "quarantined": 0}
    excluded.release()


def test_holidays_of_places_are_added_to_each_other(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    for place in ("FR", "fr-57", "FR"):
        load(spark, lake, "holidays", place, as_of=AS_OF)
    found = rows(lake, "code_sets", "code || ' ' || related_code")
    assert {row["code_set"] for row in found.values()} == {"public_holidays"}
    assert "2025-07-14 FR" in found
    # Saint Stephen's day is kept in Moselle, by local law, and not in the rest of France.
    assert "2025-12-26 FR-57" in found
    assert "2025-12-26 FR" not in found
    read, loaded, quarantined = account(lake, "code_sets")
    assert read == loaded
    assert quarantined == 0


@pytest.mark.parametrize("place", ["ZZ", "FR-ZZ", "/data/holidays"])
def test_a_place_without_holidays_is_refused(spark: SparkSession, place: str) -> None:
    with pytest.raises(SourceError, match="ISO 3166"):
        public_holidays.read(spark, place)
