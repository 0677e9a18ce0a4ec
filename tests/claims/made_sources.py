"""Small sources written to disk for the tests of loading."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

LINE = {
    "claim_id": "C1",
    "claim_line_number": "1",
    "data_source": "",
    "claim_type": "professional",
    "adjustment_type": "",
    "original_claim_id": "",
    "claim_status": "paid",
    "person_id": "M1",
    "billing_provider_id": "P1",
    "claim_line_start_date": "2025-05-01",
    "paid_amount": "10.00",
    "note": "kept",
}
SMALL: dict[str, Sequence[Mapping[str, str]]] = {
    "claim_lines": [LINE],
    "members": [{"person_id": "M1", "sex": "male"}],
    "providers": [{"provider_id": "P1", "name": "Lab"}],
}


def canonical_root(
    root: Path, tables: Mapping[str, Sequence[Mapping[str, str]]] | None = None
) -> Path:
    """Write CSV tables (the three required ones unless given) and a manifest."""
    root.mkdir()
    for name, rows in {**SMALL, **(tables or {})}.items():
        write_csv(root / f"{name}.csv", rows)
    (root / "manifest.json").write_text('{"currency": "EUR"}')
    return root


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, names)
        writer.writeheader()
        writer.writerows(rows)
