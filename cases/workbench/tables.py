"""Tables of rows in a panel: to sort, search and filter, with cells that are text."""

from __future__ import annotations

from typing import Any

import pandas as pd
from itables.widget import ITable

# Below this size itables would silently show a sample; 0 lifts the limit.
UNLIMITED = 0
PAGE = 15


def table_of(frame: pd.DataFrame, **options: Any) -> ITable:
    """A live table whose cells are text, never markup; amounts without decimals."""
    with pd.option_context("display.float_format", "{:,.0f}".format):
        return ITable(
            frame,
            maxBytes=UNLIMITED,
            allow_html=False,
            showIndex=False,
            classes="display compact",
            style="table-layout:auto;width:100%;margin:0",
            lengthMenu=[PAGE, 50, 200],
            pageLength=PAGE,
            **options,
        )
