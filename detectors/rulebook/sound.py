"""Which rule files were found sound before: to bind all of them in DuckDB takes some seconds.

Only that a text is sound is kept, by a hash of the text and of everything that judged it (the code,
the names of code sets and the versions of the libraries), so a change of either asks anew. Nothing
depends on it: a cache that cannot be read or written, or that holds other things, costs the time it
would have saved. Runs do not go by it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Set
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory

from platformdirs import user_cache_path

CODE = ("detectors.rulebook", "claims", "claims.model")
LIBRARIES = ("duckdb", "sqlglot", "pyyaml")
# Edited rules leave hashes behind; a file of more starts anew.
MOST = 10_000


def key(*parts: str) -> str:
    """What a text is known by, with all that its judgement depends on."""
    return _hash((_judge(), *parts))


def known() -> frozenset[str]:
    """Keys of the texts that were found sound; none where there is no cache to be read."""
    try:
        return frozenset(_file().read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return frozenset()


def remember(before: Set[str], fresh: Set[str]) -> None:
    """Keep the keys of texts found sound, in one step, as two may write at a time."""
    if not fresh:
        return
    kept = sorted(before | fresh if len(before) + len(fresh) <= MOST else fresh)
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent) as folder:
            written = Path(folder) / path.name
            written.write_text("\n".join(kept), encoding="ascii", errors="replace")
            written.replace(path)
    except OSError:
        return


def _file() -> Path:
    return user_cache_path("vigie") / "sound_rules"


@cache
def _judge() -> str:
    versions = (sys.version, *(version(library) for library in LIBRARIES))
    modules = (module for package in CODE for module in _modules(files(package)))
    return _hash((*versions, *modules))


def _modules(package: Traversable) -> Iterator[str]:
    for file in sorted(package.iterdir(), key=lambda item: item.name):
        if file.name.endswith((".py", ".yaml")):
            yield file.name
            yield file.read_text(encoding="utf-8")


def _hash(parts: tuple[str, ...]) -> str:
    made = sha256()
    for part in parts:
        # Each with its length, so that no two lists of parts read the same.
        data = part.encode("utf-8", "surrogatepass")
        made.update(len(data).to_bytes(8, "big") + data)
    return made.hexdigest()
