"""The canonical source: one file, folder or Delta table a name of the model, under one root."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.errors import SourceError
from claims.lake import Lake
from claims.model import INPUT_TABLES, Table
from claims.sources import files
from claims.sources.files import MALFORMED, POSITION, Found
from claims.sources.raw import DEFAULT_CURRENCY, RawTables

MANIFEST = "manifest.json"
# Delta without column mapping refuses these in a column's name.
_FORBIDDEN = re.compile(r"[ ,;{}()\n\t=`.]+")
RESERVED = {"bucket", MALFORMED, POSITION, "_reasons", "_row", "_key", "_seen", "_raw"}


def read(spark: SparkSession, folder: str) -> RawTables:
    """Find and open every table of the model under a folder.

    CSV (``.csv``, ``.csv.gz``) is read as texts; Parquet and Delta keep their types. A table is
    one file, a folder of part files, or a Delta folder.

    Raises:
        SourceError: a file is not what its name says, a table lies there twice, a required table
            or column is missing.
    """
    root = Path(folder.removeprefix("file://"))
    found, not_loaded = _find(root)
    missing = [t.name for t in INPUT_TABLES.values() if not t.optional and t.name not in found]
    if missing:
        raise SourceError(
            f"{root}: no {', '.join(missing)}; claim_lines, members and providers are required "
            "(a file with only the header stands for an empty table)"
        )
    currency, warnings = _currency(root)
    frames: dict[str, DataFrame] = {}
    for name in INPUT_TABLES:
        if name in found:
            frames[name], notes = _open(spark, INPUT_TABLES[name], found[name])
            warnings.extend(notes)
    return RawTables(frames, currency, tuple(warnings), not_loaded)


def _find(root: Path) -> tuple[dict[str, Found], dict[str, str]]:
    found: dict[str, Found] = {}
    not_loaded: dict[str, str] = {}
    for entry in files.entries(root):
        name, form = (entry.name, None) if entry.is_dir() else files.stem_and_form(entry)
        if entry.name == MANIFEST:
            continue
        if name not in INPUT_TABLES:
            not_loaded[entry.name] = "no table of the model has this name"
        elif not entry.is_dir() and form is None:
            not_loaded[entry.name] = "neither CSV, Parquet nor Delta"
        elif name in found:
            raise SourceError(
                f"{root}: {name} lies there twice ({found[name].label} and {entry.name}); "
                "keep one of them"
            )
        else:
            found[name] = files.in_folder(entry) if form is None else Found(form, (entry,))
    return found, not_loaded


def _currency(root: Path) -> tuple[str, list[str]]:
    path = root / MANIFEST
    if not path.exists():
        return DEFAULT_CURRENCY, [f"no {MANIFEST}: amounts are taken as {DEFAULT_CURRENCY}"]
    try:
        currency = json.loads(path.read_text("utf-8")).get("currency", DEFAULT_CURRENCY)
    except (ValueError, AttributeError, OSError) as error:
        raise SourceError(f'{path}: no JSON object; write {{"currency": "EUR"}}') from error
    if not re.fullmatch(r"[A-Z]{3}", str(currency)):
        raise SourceError(f"{path}: currency is no ISO 4217 code; write three capital letters")
    return str(currency), []


def _open(spark: SparkSession, table: Table, found: Found) -> tuple[DataFrame, list[str]]:
    if found.form == "csv":
        groups: dict[tuple[str, ...], list[Path]] = {}
        notes: list[str] = []
        for path in found.paths:
            names, renamed = _names(table, files.header_of(path), str(path))
            groups.setdefault(names, []).append(path)
            notes.extend(note for note in renamed if note not in notes)
        frame = files.read_csv(spark, list(groups.items()))
        return frame, notes
    if found.form == "parquet":
        frame = files.read_parquet(spark, found.paths)
    else:
        Lake(str(found.paths[0].parent)).delta(found.paths[0].name)
        frame = files.read_delta(spark, found.paths[0])
    came = [column for column in frame.columns if column not in (MALFORMED, POSITION)]
    names, notes = _names(table, tuple(came), found.label)
    columns = [F.col(f"`{old}`").alias(new) for old, new in zip(came, names, strict=True)]
    return frame.select(*columns, MALFORMED, POSITION), notes


def _names(table: Table, header: tuple[str, ...], label: str) -> tuple[tuple[str, ...], list[str]]:
    """Names under which a header's columns are stored: the model's, or their own made storable."""
    names: list[str] = []
    notes: list[str] = []
    for place, came in enumerate(header, start=1):
        name = came.lower() if came.lower() in table.names else _FORBIDDEN.sub("_", came)
        name = name or f"unnamed_{place}"
        if name.lower() in RESERVED:
            raise SourceError(f"{label}: column {came} is a name of the lake's own; rename it")
        if name != came:
            notes.append(f"{table.name}: column {came or place} is stored as {name}")
        names.append(name)
    folded = [name.lower() for name in names]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    if twice:
        raise SourceError(f"{label}: column {', '.join(twice)} comes twice; drop or rename one")
    missing = [c.name for c in table.columns if c.required and c.name not in names]
    if missing:
        raise SourceError(
            f"{label}: table {table.name} lacks the required column {', '.join(missing)}; "
            "add it to the header"
        )
    return tuple(names), notes
