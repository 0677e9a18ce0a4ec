"""One store a test, on SQLite and on a PostgreSQL that the test run starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.decisions import Identity, Store, open_store
from claims.lake import Lake
from tests.cases.decisions.stores import lake_with, new_schema, postgres


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="package")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_with(tmp_path_factory.mktemp("known"), {"r1": ["OLD"], "r2": ["P1", "P2", "P3"]})


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'decisions.db'}"
    return new_schema(request.getfixturevalue("server"))


@pytest.fixture
def store(url: str, lake: Lake) -> Iterator[Store]:
    opened = open_store(url, lake=lake, identity=Identity("ann"))
    yield opened
    opened.engine.dispose()
