"""Loading a made table of NCCI pairs the size of CMS's own, then the quarter after it.

    .venv/bin/python -m benchmarks.ncci_load --pairs 2500000

The table has CMS's layout: four zipped parts of tabbed text, with made-up codes. The next quarter
leaves out one pair in a hundred, has another one deleted, and as many new ones. Prints seconds and
the peak of memory (proportional set size of this process, its JVM and Python workers).
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from time import perf_counter
from typing import Annotated

import typer
from pyspark.sql import SparkSession

from claims.lake import Lake
from claims.loading import load
from claims.session import spark_session

PARTS = 4
AS_OF = date(2025, 1, 1)
HEADER = (
    "Made-up codes\r\nColumn 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\t"
    "Deletion Date *=no data\tModifier 0=not allowed 1=allowed 9=not applicable\t"
    "PTP Edit Rationale\r\n"
)
REASON = "Standards of medical / surgical practice"


def made_quarter(folder: Path, version: str, first: int, pairs: int, ended: str) -> None:
    """Write a quarter's table.

    Args:
        version: as CMS writes it (``v302`` is the third quarter of 2024).
        first: number of the first pair.
        ended: deletion date of one pair in a hundred, or ``*``.
    """
    folder.mkdir()
    for part in range(PARTS):
        numbers = range(first + part * pairs // PARTS, first + (part + 1) * pairs // PARTS)
        lines = "".join(
            f"Y{n // 2_000:04d}\tZ{n % 2_000:04d}\t \t{2000 + n % 24}0101\t"
            f"{ended if n % 100 == 0 else '*'}\t{n % 2}\t{REASON}\r\n"
            for n in numbers
        )
        name = f"ccipra-{version}r0-f{part + 1}"
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{name}.TXT", HEADER + lines)


def _family() -> list[Path]:
    """``/proc`` folders of this process and all that it started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
    family, grown = set[int](), {int(Path("/proc/self").resolve().name)}
    while grown:
        family |= grown
        grown = {pid for pid, parent in parents.items() if parent in family} - family
    return [Path(f"/proc/{pid}") for pid in family]


def _memory() -> int:
    """KiB held now, shared pages counted once."""
    held = 0
    for folder in _family():
        try:
            lines = (folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return held


@contextmanager
def measured(label: str) -> Iterator[None]:
    """Print seconds and peak memory of a block."""
    done, peak = Event(), [0]

    def watch() -> None:
        while not done.wait(0.5):
            peak[0] = max(peak[0], _memory())

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    started = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - started
        done.set()
        watcher.join()
        print(f"{label:<24} {seconds:6.1f} s   {peak[0] / 2**20:4.1f} GiB at most")


def _load(spark: SparkSession, lake: Lake, folder: Path, label: str) -> None:
    with measured(label):
        load(spark, lake, "ncci", str(folder), AS_OF, say=print)


def main(pairs: Annotated[int, typer.Option(min=1_000)] = 2_500_000) -> None:
    """Print how long a table takes, and the next quarter's on top of it."""
    root = Path(mkdtemp(prefix="vigie-benchmark-"))
    lake = Lake(str(root / "lake"))
    made_quarter(root / "third", "v302", 0, pairs, "*")
    made_quarter(root / "fourth", "v303", pairs // 100, pairs, "20240930")
    spark = spark_session("vigie-benchmark", master="local[2]")
    try:
        _load(spark, lake, root / "third", f"{pairs:,} pairs")
        _load(spark, lake, root / "fourth", "the next quarter")
        stored = lake.rows("procedure_pairs")
        if stored != pairs + pairs // 100:
            raise AssertionError(f"{stored} rows are stored")
    finally:
        spark.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
