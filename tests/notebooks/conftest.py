"""One result lake for all tests of the workbench, and a store of decisions for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.decisions import Identity, Store, open_store
from cases.workbench import Queue, queue
from claims.lake import Lake
from tests.notebooks.result_lake import result_lake


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(str(tmp_path_factory.mktemp("workbench") / "lake"))
    result_lake(made)
    return made


@pytest.fixture
def store(lake: Lake, tmp_path: Path) -> Iterator[Store]:
    """The decisions of an analyst called ann."""
    opened = open_store(f"sqlite:///{tmp_path / 'acts.db'}", lake=lake, identity=Identity("ann"))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def cases(lake: Lake, store: Store) -> Queue:
    return queue(lake, store=store)
