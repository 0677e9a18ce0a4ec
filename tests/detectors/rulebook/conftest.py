"""Tests judge rules anew: what an earlier run of them found sound is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.rulebook import sound


@pytest.fixture(autouse=True, scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the session's own, empty at first."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound, "user_cache_path", lambda name: folder / name)
        yield folder
