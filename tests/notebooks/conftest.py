"""One result lake for all tests of the workbench."""

from __future__ import annotations

import pytest

from cases.workbench import Queue, queue
from claims.lake import Lake
from tests.notebooks.result_lake import result_lake


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(str(tmp_path_factory.mktemp("workbench") / "lake"))
    result_lake(made)
    return made


@pytest.fixture
def cases(lake: Lake) -> Queue:
    return queue(lake)
