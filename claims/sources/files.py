"""Files of a source: found, proved to be what their names say, and read with nothing lost.

Local files are read once from end to end before Spark starts on them: a truncated archive or a
stray Latin-1 letter is then one clear error instead of a failed task or a replaced character.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import BinaryIO, Literal, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.errors import SourceError

MALFORMED = "_malformed"
POSITION = "_position"
POSITION_TYPE = "struct<file: string, block: bigint, row: bigint>"

Form = Literal["csv", "parquet", "delta"]
SUFFIXES: dict[str, Form] = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_BLOCK = 1 << 22
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"


@dataclass(frozen=True)
class Found:
    """Where one table lies: its files (for Delta, its folder) and their form."""

    form: Form
    paths: tuple[Path, ...]

    @property
    def label(self) -> str:
        """Name for messages: the file, or the folder of several."""
        first = self.paths[0]
        return str(first if len(self.paths) == 1 else first.parent)


def stem_and_form(path: Path) -> tuple[str, Form | None]:
    """The file's name without its suffix, and the form the suffix promises."""
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)], SUFFIXES[suffix]
    return path.name, None


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name, without hidden and marker files.

    Raises:
        SourceError: it is absent, no folder, or may not be read.
    """
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith((".", "_")))
    except FileNotFoundError as error:
        raise SourceError(f"{folder}: no such folder; give the folder of the source") from error
    except NotADirectoryError as error:
        raise SourceError(f"{folder}: a file; give the folder it lies in") from error
    except PermissionError as error:
        raise SourceError(f"{folder}: no permission to read; ask its owner for it") from error


def in_folder(folder: Path) -> Found:
    """A table that is a folder: Delta, or part files of one form.

    Raises:
        SourceError: the folder is empty, unreadable, or holds several forms.
    """
    parts = entries(folder)
    if (folder / "_delta_log").is_dir():
        return Found("delta", (folder,))
    forms = {form for _, form in map(stem_and_form, parts) if form}
    paths = tuple(part for part in parts if stem_and_form(part)[1])
    if len(forms) != 1:
        held = "no CSV or Parquet file" if not forms else "both CSV and Parquet files"
        raise SourceError(f"{folder}: holds {held}; give part files of one form, or Delta")
    return Found(forms.pop(), paths)


def header_of(path: Path) -> tuple[str, ...]:
    """Prove a CSV file readable to its last byte and return its header.

    Raises:
        SourceError: no permission, empty, truncated or false archive, not UTF-8, wrong delimiter,
            or a column named twice.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(4)
            opened.seek(0)
            first = _first_line(path, opened, head)
    except PermissionError as error:
        raise SourceError(f"{path}: no permission to read; ask its owner for it") from error
    names = tuple(name.strip() for name in next(csv.reader([first]), []))
    if len(names) == 1:
        for delimiter, word in DELIMITERS.items():
            if delimiter in names[0]:
                raise SourceError(f"{path}: columns are parted by {word}; write it with commas")
    folded = [name.lower() for name in names if name]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    if twice:
        raise SourceError(f"{path}: column {', '.join(twice)} comes twice; drop or rename one")
    if not any(names):
        raise SourceError(f"{path}: no header; write the column names into the first line")
    return names


def _first_line(path: Path, opened: BinaryIO, head: bytes) -> str:
    zipped = path.name.lower().endswith(".gz")
    if not head:
        raise SourceError(f"{path}: empty (0 bytes); write at least the header")
    if zipped and not head.startswith(_GZIP):
        raise SourceError(f"{path}: not a gzip archive, as its name says; compress or rename it")
    if not zipped and head.startswith((_GZIP, _PARQUET)):
        kind = "a gzip archive" if head.startswith(_GZIP) else "Parquet"
        raise SourceError(f"{path}: {kind}, not CSV, as its name says; rename it")
    stream = cast("BinaryIO", gzip.GzipFile(fileobj=opened)) if zipped else opened
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    first, read = io.StringIO(), 0
    ended = False
    try:
        while block := stream.read(_BLOCK):
            text = decoder.decode(block)
            read += len(block)
            if not ended:
                line, newline, _ = text.partition("\n")
                first.write(line)
                ended = bool(newline)
        decoder.decode(b"", final=True)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"{path}: the archive is cut off or damaged; fetch it again") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: not UTF-8 near byte {read + error.start}; convert it, e.g. with iconv"
        ) from error
    if not read:
        raise SourceError(f"{path}: empty archive; write at least the header")
    return first.getvalue().rstrip("\r")


def parquet_schema(path: Path) -> pa.Schema:
    """The schema of a Parquet file.

    Raises:
        SourceError: it cannot be read, or is no Parquet.
    """
    try:
        return pq.read_schema(path)
    except PermissionError as error:
        raise SourceError(f"{path}: no permission to read; ask its owner for it") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(
            f"{path}: not a Parquet file, as its name says, or cut off; write it again"
        ) from error


def read_csv(
    spark: SparkSession, groups: Sequence[tuple[Sequence[str], Sequence[Path]]]
) -> DataFrame:
    """CSV files as texts, with ``_malformed`` (the raw line of a bad row) and ``_position``.

    Args:
        groups: column names and the files that have them in this order, one pair a header.
    """
    frames = [_read_csv(spark, names, paths) for names, paths in groups]
    return reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), frames)


def _read_csv(spark: SparkSession, names: Sequence[str], paths: Sequence[Path]) -> DataFrame:
    schema = ", ".join(f"`{name}` string" for name in (*names, MALFORMED))
    frame = (
        spark.read.schema(schema)
        # Without pruning off, a narrow query would not notice that a row has too many fields.
        .options(
            header=True,
            quote='"',
            escape='"',
            mode="PERMISSIVE",
            columnNameOfCorruptRecord=MALFORMED,
            columnPruning=False,
            encoding="UTF-8",
        )
        .csv([str(path) for path in paths])
    )
    # Spark refuses a query that needs nothing but the raw lines, so they take a look at a column.
    looked = F.coalesce(F.length(F.col(f"`{names[0]}`")), F.lit(0)) >= 0
    raw_line = F.when(looked, F.col(MALFORMED)).alias(MALFORMED)
    came = [F.col(f"`{name}`") for name in names]
    return frame.select(*came, raw_line, _position(F.monotonically_increasing_id()))


def _position(row: Column) -> Column:
    """Place of a row in its source: rows of one file keep their order however it is split."""
    metadata = (F.col("_metadata.file_path"), F.col("_metadata.file_block_start"))
    return (
        F.struct(metadata[0].alias("file"), metadata[1].alias("block"), row.alias("row"))
        .cast(POSITION_TYPE)
        .alias(POSITION)
    )


def read_parquet(spark: SparkSession, paths: Sequence[Path]) -> DataFrame:
    """Parquet files with the types they have; nanosecond times become microseconds."""
    nanos = {
        field.name
        for path in paths
        for field in parquet_schema(path)
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
    }
    if nanos:
        spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")
    frame = spark.read.option("mergeSchema", "true").parquet(*[str(path) for path in paths])
    columns = [
        F.timestamp_micros(F.expr(f"`{name}` div 1000")).cast("timestamp_ntz").alias(name)
        if name in nanos
        else F.col(f"`{name}`")
        for name in frame.columns
    ]
    row = F.col("_metadata.row_index")
    return frame.select(*columns, F.lit(None).cast("string").alias(MALFORMED), _position(row))


def read_delta(spark: SparkSession, folder: Path) -> DataFrame:
    """A Delta table's newest version; the member bucket of a lake's own table is left out."""
    frame = spark.read.format("delta").load(str(folder))
    return frame.drop("bucket").select(
        "*",
        F.lit(None).cast("string").alias(MALFORMED),
        F.lit(None).cast(POSITION_TYPE).alias(POSITION),
    )
