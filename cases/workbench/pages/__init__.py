"""Pages of the workbench: HTML in which every value is escaped, with one style and no script."""

from __future__ import annotations

import base64
import math
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from cases.workbench.palette import COLOURS


def _money(value: float | Decimal | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _percent(value: float) -> str:
    """A share in whole percent, never 100 for what is not certain."""
    return f"{min(value * 100, 99):.0f} %" if value < 1 else "100 %"


def _cell(value: Any) -> str:
    """One value of a row: numbers grouped by thousands, nothing for a null."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:,}" if isinstance(value, Decimal) else str(value)


def _cell_money(value: Any) -> str:
    return "" if value is None or pd.isna(value) else _money(value)


def _figure(value: Any) -> str:
    """A number of a report: shares to three digits, whole numbers as they are."""
    if isinstance(value, float) and not math.isnan(value):
        return (
            f"{value:,.0f}"
            if value.is_integer()
            else f"{value:,.3g}"
            if abs(value) < 100
            else _money(value)
        )
    return _cell(value)


def _day(value: Any) -> str:
    return "" if value is None or pd.isna(value) else f"{value:%Y-%m-%d}"


def _picture(svg: str, alt: str) -> Markup:
    # As an image, a drawing can neither run a script nor ask for anything.
    data = base64.b64encode(svg.encode()).decode()
    return Markup('<img class="chart" src="data:image/svg+xml;base64,{}" alt="{}">').format(
        data, alt
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cases.workbench", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=_money, percent=_percent, cell=_cell, cell_money=_cell_money, day=_day, figure=_figure
    )
    environment.tests["decimal"] = lambda value: isinstance(value, Decimal)
    environment.globals.update(picture=_picture, colours=COLOURS)
    return environment


def fragment(name: str, **values: Any) -> str:
    """A piece of HTML with its style, for a notebook's cell."""
    style = files("cases.workbench.pages").joinpath("style.css").read_text(encoding="utf-8")
    body = _environment().get_template(name).render(**values)
    return f'<style>{style}</style><div class="vigie">{body}</div>'


def page(title: str, body: str) -> str:
    """A self-contained HTML document around a fragment."""
    return _environment().get_template("page.html").render(title=title, body=body)
