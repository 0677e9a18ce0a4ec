"""What an analyst sees of a person before saying why more is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from claims.model import TABLES

MASK = "•••"

PERSONAL = frozenset(
    [
        "first_name",
        "last_name",
        "name",
        "holder_name",
        "national_id",
        "tax_id",
        "birth_date",
        "address",
        "phone",
        "email",
        "latitude",
        "longitude",
        "visit_latitude",
        "visit_longitude",
        "postal_code",
        "origin_postal_code",
        "destination_postal_code",
        "old_value",
        "new_value",
    ]
)


def masked_row(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with personal values, and whatever the model does not know, replaced by a mask."""
    return {
        name: MASK if value is not None and _hidden(table, name) else value
        for name, value in row.items()
    }


def masked_frame(table: str, frame: pd.DataFrame, kept: tuple[str, ...] = ()) -> pd.DataFrame:
    """As :func:`masked_row`, for all rows.

    Args:
        kept: columns that are not the table's own.
    """
    shown = frame.copy()
    for name in frame.columns:
        if name not in kept and _hidden(table, name):
            shown[name] = frame[name].map(lambda value: value if pd.isna(value) else MASK)
    return shown


def _hidden(table: str, column: str) -> bool:
    # A source's own extra columns may hold anything, a name too.
    return column in PERSONAL or column not in TABLES[table].names
