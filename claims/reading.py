"""A source read and cast, before anything is written: what a load stores and a check looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from typing import Literal

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from claims.errors import SourceError
from claims.model import INPUT_TABLES
from claims.notices import row_warnings
from claims.quarantine import Parted, part
from claims.sources import canonical, desynpuf, leie, ncci, public_holidays, synthea
from claims.sources.raw import DEFAULT_CURRENCY, RawTables

# Small tables wait on the log more than on the processor, so a few are handled side by side.
AT_ONCE = 4

SourceName = Literal["canonical", "desynpuf", "synthea", "ncci", "leie", "holidays"]
READERS: dict[str, Callable[[SparkSession, str], RawTables]] = {
    "canonical": canonical.read,
    "desynpuf": desynpuf.read,
    "synthea": synthea.read,
    "ncci": ncci.read,
    "leie": leie.read,
    "holidays": public_holidays.read,
}


def open_source(spark: SparkSession, source: str, folder: str) -> RawTables:
    """The source's tables under the model's names, before casting.

    Raises:
        SourceError: the source is unknown, or a file of it cannot be read.
    """
    if source not in READERS:
        raise SourceError(f"{source}: no such source; give one of {', '.join(READERS)}")
    return READERS[source](spark, folder)


@contextmanager
def reading(folder: str, table: str) -> Iterator[None]:
    """Around the first look at a table's rows: files may turn out broken only then.

    Raises:
        SourceError: Spark could not read them; its own words are left out, as they may hold values.
    """
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise SourceError(
            f"{folder}: {table} cannot be read to its end; a file of it is damaged or has gone, "
            "so write it again"
        ) from error


@dataclass(frozen=True)
class Cast:
    """A source cast to the model.

    Args:
        parted: by table its rows, each marked good or with its reasons.
        raw: the source as it was opened.
    """

    spark: SparkSession
    parted: Mapping[str, Parted]
    raw: RawTables

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        return self.raw.currency or DEFAULT_CURRENCY

    @property
    def not_loaded(self) -> Mapping[str, str]:
        """Files left out, each with the reason."""
        return self.raw.not_loaded

    @property
    def frames(self) -> dict[str, DataFrame]:
        """Accepted rows by table: the model's columns, typed, then the source's own."""
        return {name: parted.accepted for name, parted in self.parted.items()}

    @property
    def quarantine(self) -> DataFrame:
        """``table_name string, row string, reasons array<string>``."""
        empty = self.spark.createDataFrame(
            [], "table_name string, row string, reasons array<string>"
        )
        return reduce(DataFrame.unionByName, [p.rejected for p in self.parted.values()], empty)

    @cached_property
    def accounts(self) -> dict[str, dict[str, int]]:
        """By table the rows that came in, were accepted (``loaded``) and ``quarantined``."""
        return {
            name: {
                "in": parted.account.came,
                "loaded": parted.account.came - parted.account.bad,
                "quarantined": parted.account.bad,
            }
            for name, parted in self.parted.items()
        }

    @cached_property
    def warnings(self) -> list[str]:
        """What was noticed in files and rows, and loaded all the same."""
        return [*self.raw.warnings, *row_warnings(self.frames)]

    def release(self) -> None:
        """Let go of all kept rows."""
        for parted in self.parted.values():
            parted.release()


def read_source(spark: SparkSession, source: SourceName, folder: str, as_of: date) -> Cast:
    """Read and cast a source without writing anything.

    Args:
        source: its format.
        folder: where its files lie.
        as_of: the date after which nothing can have happened.

    Raises:
        SourceError: a file cannot be read as what its name says, or lacks what is required.
    """
    raw = open_source(spark, source, folder)

    def parted(name: str) -> Parted:
        with reading(folder, name):
            marked = part(raw.frames[name], INPUT_TABLES[name], as_of)
            _ = marked.account
        return marked

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Cast(spark, dict(zip(raw.frames, pool.map(parted, raw.frames), strict=True)), raw)
