"""What every source hands over: tables under the model's names, with their values as they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyspark.sql import DataFrame

DEFAULT_CURRENCY = "EUR"


@dataclass(frozen=True)
class RawTables:
    """A source's tables before any value is cast.

    Args:
        frames: by table of the model a lazy frame: the model's columns it has (texts, or typed
            where the file was), further columns, ``_malformed`` (raw text of a row that could not
            be parted into columns, else null) and ``_position`` (place in the source, or null).
        currency: ISO 4217 code of every amount; none where the source has no amounts.
        warnings: what a reader of the load's report should know.
        not_loaded: files that were left out, each with the reason.
        editions: the source publishes reference tables by edition, so a load adds to what the lake
            holds; ``edition_date`` of a row tells which of two of one key is the later.
    """

    frames: Mapping[str, DataFrame]
    currency: str | None = DEFAULT_CURRENCY
    warnings: tuple[str, ...] = ()
    not_loaded: Mapping[str, str] = field(default_factory=dict)
    editions: bool = False
