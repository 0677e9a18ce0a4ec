"""The page of features in docs/ is the one that the catalogue gives."""

from __future__ import annotations

from pathlib import Path

from features.catalogue import features_of
from features.pages import page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    written = (DOCS / "features.md").read_text(encoding="utf-8")
    assert written == page(), "run `vigie feature-docs`"


def test_every_feature_has_one_row_of_five_cells() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == sum(
        len(features_of(subject)) for subject in ("provider", "member", "employer", "account")
    )
    assert all(row.count(" | ") == 4 for row in rows)
