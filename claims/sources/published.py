"""Tables that authorities publish: CSV or tabbed text, plain, gzipped or zipped, below a preamble.

A table is known by its header, which may stand below a copyright notice and run over several
lines. Every file is read once to its last byte before Spark starts, so a truncated archive is one
clear error. Text is UTF-8, or Windows-1252 where it is no UTF-8.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from claims.errors import SourceError
from claims.sources import files
from claims.sources.files import DELIMITERS

# Rows of a preamble, and bytes that surely hold them.
_PREAMBLE, _HEAD = 60, 1 << 16
_QUARTER = re.compile(r"(20[0-9]{2})[-_ ]?q([1-4])", re.IGNORECASE)
_EFFECTIVE = re.compile(r"eff[-_ ]?([0-9]{2})-([0-9]{2})-(20[0-9]{2})", re.IGNORECASE)
_READ = (",", "\t")


@dataclass(frozen=True)
class Kind:
    """A published table.

    Args:
        name: what it is called in messages.
        table: its name in queries.
        columns: by name the pattern of its header cell (lower case, words parted by one space).
        required: columns without which it is not read.
        runs_on: its header may take several lines, whose first cell is empty from the second on.
    """

    name: str
    table: str
    columns: Mapping[str, str]
    required: tuple[str, ...]
    runs_on: bool = False


@dataclass(frozen=True)
class Text:
    """One text of a source, recognised.

    Args:
        member: its name within a zip archive; empty where the file is none.
        names: a name a column, in the text's order; empty where the kind knows none.
        skip: lines above the first row of data.
        header: the header's cells as they came.
        newest: the latest date (YYYYMMDD) that stands in it.
    """

    kind: Kind
    path: str
    member: str
    delimiter: str
    names: tuple[str, ...]
    skip: int
    header: str
    newest: date | None
    size: int

    @property
    def label(self) -> str:
        """Name for messages."""
        return f"{self.path} ({self.member})" if self.member else self.path

    def has(self, column: str) -> bool:
        """Whether the text has a column of the kind."""
        return column in self.names


def find(root: Path, kinds: Sequence[Kind], called: str) -> tuple[list[Text], dict[str, str]]:
    """All recognised texts of a folder, and what was left out, with the reason.

    Args:
        called: what the tables are called in messages.

    Raises:
        SourceError: a file is damaged, empty, wrongly delimited, lacks columns, or none is known.
    """
    found: list[Text] = []
    left: dict[str, str] = {}
    seen: dict[str, str] = {}
    for path in files.entries(root):
        if path.is_dir():
            left[path.name] = "a folder; give the files themselves"
            continue
        for member, content in contents(path, left):
            name = member or path.name
            digest = hashlib.sha256(content).hexdigest()
            if digest in seen:
                left[name] = f"the same as {seen[digest]}"
            elif text := _recognised(path, member, content, kinds):
                found.append(text)
                seen[digest] = name
            else:
                left[name] = f"its header is of no {called} table"
    if not found:
        why = "; ".join(f"{name}: {reason}" for name, reason in islice(left.items(), 3))
        raise SourceError(
            f"{root}: no {called} table{f' ({why})' if why else ''}; "
            "add the CSV or text files as they are published"
        )
    return found, left


def contents(path: Path, left: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Name within the archive (or empty) and bytes of each text of a file.

    Args:
        left: takes the reason where the file holds no text.

    Raises:
        SourceError: it is damaged, empty or may not be read.
    """
    suffix = path.name.lower()
    if not suffix.endswith((".csv", ".txt", ".gz", ".zip")):
        book = suffix.endswith((".xlsx", ".xls"))
        left[path.name] = (
            "a workbook; give the text or CSV that is published beside it"
            if book
            else "neither text, CSV nor an archive of them"
        )
        return
    try:
        data = path.read_bytes()
    except PermissionError as error:
        raise SourceError(f"{path}: no permission to read; ask its owner for it") from error
    if not data:
        raise SourceError(f"{path}: empty (0 bytes); fetch it again")
    if not suffix.endswith(".zip"):
        yield "", _plain(path, data)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [n for n in archive.namelist() if n.lower().endswith((".csv", ".txt"))]
            if not texts:
                left[path.name] = "holds no text or CSV; give the archive with the text"
            for name in sorted(texts):
                yield name, _filled(f"{path} ({name})", archive.read(name))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(
            f"{path}: the archive is cut off, damaged or locked; fetch it again"
        ) from error


def _plain(path: Path, data: bytes) -> bytes:
    zipped = path.name.lower().endswith(".gz")
    if zipped != data.startswith(b"\x1f\x8b") or data.startswith((b"PK\x03\x04", b"PAR1")):
        held = "not a gzip archive" if zipped else "an archive, workbook or Parquet, not text"
        raise SourceError(f"{path}: {held}, as its name says; rename it or fetch it again")
    try:
        return _filled(str(path), gzip.decompress(data) if zipped else data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"{path}: the archive is cut off or damaged; fetch it again") from error


def _filled(label: str, content: bytes) -> bytes:
    if not content.strip():
        raise SourceError(f"{label}: empty; fetch it again")
    return content


def decoded(content: bytes) -> str:
    """Text of bytes: UTF-8, else Windows-1252."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _recognised(path: Path, member: str, content: bytes, kinds: Sequence[Kind]) -> Text | None:
    cut = content[:_HEAD]
    head = decoded(cut[: cut.rfind(b"\n") + 1] or cut)
    label = f"{path} ({member})" if member else str(path)
    for delimiter in (*_READ, *(d for d in DELIMITERS if d not in _READ)):
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        try:
            records = [(row, reader.line_num) for row in islice(reader, _PREAMBLE)]
        except csv.Error:
            continue
        for place, (cells, line) in enumerate(records):
            kind, names = _matched(cells, kinds)
            if kind is None:
                continue
            if delimiter not in _READ:
                raise SourceError(
                    f"{label}: columns are parted by {DELIMITERS[delimiter]}; "
                    "write it with commas or tabs"
                )
            missing = [name for name in kind.required if name not in names]
            if missing:
                raise SourceError(
                    f"{label}: the {kind.name} table lacks {', '.join(missing)}; fetch it again"
                )
            rows = list(records[place + 1 :])
            skip = line
            while kind.runs_on and rows and not (rows[0][0] and rows[0][0][0].strip()):
                skip = rows.pop(0)[1]
            header = " ".join(cells).lower()
            newest = newest_date(content)
            laid = _laid(names, [len(row) for row, _ in rows])
            return Text(
                kind, str(path), member, delimiter, laid, skip, header, newest, len(content)
            )
    return None


def _laid(names: tuple[str, ...], widths: Sequence[int]) -> tuple[str, ...]:
    """Names as wide as most rows are: empty cells at a header's end are not always written."""
    width = Counter(widths).most_common(1)[0][0] if widths else len(names)
    if any(names[width:]):
        return names
    return (*names, *[""] * (width - len(names)))[:width]


def _matched(cells: Sequence[str], kinds: Sequence[Kind]) -> tuple[Kind | None, tuple[str, ...]]:
    """The kind whose header this is (its first two required columns decide), and the columns."""
    words = [re.sub(r"[^a-z0-9]+", " ", cell.lower()).strip() for cell in cells]
    for kind in kinds:
        names: list[str] = []
        for word in words:
            name = next((n for n, p in kind.columns.items() if re.fullmatch(p, word)), "")
            names.append(name if name not in names else "")
        if set(kind.required[:2]) <= set(names):
            return kind, tuple(names)
    return None, ()


def newest_date(content: bytes) -> date | None:
    """The latest YYYYMMDD of this century that stands alone in a text."""
    pattern = rb"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
    found = max(set(re.findall(pattern, content)), default=None)
    try:
        return date.fromisoformat(found.decode()) if found else None
    except ValueError:
        return None


def edition_of(name: str) -> date | None:
    """First day of the edition that a file's name tells (``2024q3``, ``Eff_07-01-2024``)."""
    if found := _EFFECTIVE.search(name):
        month, day, year = (int(part) for part in found.groups())
        try:
            return date(year, month, day)
        except ValueError:
            return None
    if found := _QUARTER.search(name):
        return date(int(found[1]), 3 * int(found[2]) - 2, 1)
    return None
