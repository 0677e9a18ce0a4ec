"""CMS National Correct Coding Initiative: procedure pairs, unit limits and add-on codes.

Layouts are those of CMS's quarterly Medicare files: procedure-to-procedure edits (tabbed text or
CSV, four parts a setting), medically unlikely edits (CSV, one a setting) and add-on code edits;
and the short layouts of tables derived from them, which leave out the effective date. Any number
of settings and quarters may lie in one folder, plain, gzipped or zipped. A table is known by its
header; the quarter it is of by its name (``ccipra-v302r0-f1``, ``Eff_07-01-2024``, ``2024q3``, of
the file, archive or folder), else by the latest date that stands in it.

- procedure_pairs, relation ``not_together``: one row a pair and effective date. Column 1 is paid,
  column 2 is not. Modifier indicator 0 is ``modifier_allowed`` false, 1 is true, 9 (not
  applicable, an edit that never was in force) is null. A pair that practitioners' and outpatient
  tables share is one row: in force while either says so, with a modifier where either allows it;
  ``ncci_setting`` says whose pair it is. A deletion date is kept as published.
- procedure_pairs, relation ``add_on``: column 1 is the primary code, column 2 the add-on code.
  CMS writes ``CCCCC`` for primaries that the contractor names; it is kept.
- procedures: ``max_units_per_day`` is the largest limit of the settings, so that no bill is judged
  by another setting's table; each setting's own stands in ``mue_practitioner``, ``mue_outpatient``
  and ``mue_dme``, the adjudication indicator (1 claim line, 2 and 3 date of service) in
  ``mue_adjudication_indicator``. ``is_add_on`` is true from the first day one of the code's edits
  was in force, false from the day all are deleted.

A layout without an effective date tells what is in force on the first day of its quarter, so that
day is the effective date; a row deleted before has its deletion date for both and never applies.
``effective_date_known`` is then false, and a later edition renews the open row of the pair.

Rows in are counted as rows of the model: a pair, or a code with its limit, whatever number of
settings and quarters tell it (the latest quarter counts). A second row of one key within one table
and quarter is not merged and goes to quarantine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from claims.errors import SourceError
from claims.sources import published
from claims.sources.ncci_queries import ADD_ON_PAIRS, CODE_SCHEMA, PAIR_SCHEMA, codes
from claims.sources.ncci_queries import PAIRS as PAIRS_QUERY
from claims.sources.published import Kind, Text
from claims.sources.published_rows import queried
from claims.sources.raw import RawTables

PAIRS = Kind(
    "procedure pairs",
    "pairs",
    {
        "column_1": "column 1(?: code)?",
        "column_2": "column 2(?: code)?",
        "effective": "(?:ptp )?effective(?: date)?",
        "deletion": "deletion(?: date)?(?: no data)?|ptp deleted",
        "modifier": "modifier(?: .*)?|ptp mod",
        "rationale": "(?:ptp )?(?:edit )?rationale",
    },
    ("column_1", "column_2", "deletion", "modifier"),
    runs_on=True,
)
LIMITS = Kind(
    "medically unlikely edits",
    "limits",
    {
        "code": "hcpcs cpt code|hcpcs code",
        "units": "(?:.* )?mue values?|mue units",
        "indicator": "mue adjudication indicator|mue mai",
        "rationale": "mue rationale",
        "setting": "mue service",
    },
    ("code", "units"),
)
ADD_ONS = Kind(
    "add-on codes",
    "add_ons",
    {
        "add_on": "add on code",
        "primary": "primary code",
        "type": "aoc edit type",
        "effective": "aoc edit effdt",
        "deletion": "aoc edit deldt",
    },
    ("add_on", "primary"),
)
KINDS = (PAIRS, LIMITS, ADD_ONS)
_SETTINGS = {
    "practitioner": r"practitioner|ccipra|physician",
    "outpatient": r"outpatient|ccioph|hospital",
    "dme": r"dme|durable",
}
# Version 30.2 is the third quarter of 2024: CMS counts years from 1994 and quarters from 0.
_VERSION = re.compile(r"-v([0-9]{2})([0-3])(?:r[0-9])?", re.IGNORECASE)


def read(spark: SparkSession, folder: str) -> RawTables:
    """Open all NCCI tables of a folder.

    Raises:
        SourceError: a file cannot be read, lacks columns or tells no quarter, or none is NCCI's.
    """
    found, not_loaded = published.find(Path(folder), KINDS, "NCCI")
    texts = [(text, _told(text)) for text in found]
    has = {kind.table: any(text.kind == kind for text in found) for kind in KINDS}
    frames: dict[str, DataFrame] = {}
    pairs = [PAIRS_QUERY] * has["pairs"] + [ADD_ON_PAIRS] * has["add_ons"]
    if pairs:
        query = " union all ".join(f"from ({each})" for each in pairs)
        chosen = [entry for entry in texts if entry[0].kind != LIMITS]
        frames["procedure_pairs"] = queried(spark, chosen, query, PAIR_SCHEMA)
    if has["limits"] or has["add_ons"]:
        query = codes(has["limits"], has["add_ons"])
        chosen = [entry for entry in texts if entry[0].kind != PAIRS]
        frames["procedures"] = queried(spark, chosen, query, CODE_SCHEMA)
    return RawTables(frames, None, _warnings(found), not_loaded, editions=True)


def _warnings(texts: Sequence[Text]) -> tuple[str, ...]:
    if all(text.kind != PAIRS or text.has("effective") for text in texts):
        return ()
    return (
        "procedure_pairs: a table has no effective dates, so its pairs hold from its quarter on",
    )


def _told(text: Text) -> dict[str, str | None]:
    return {
        "edition": edition_of(text).isoformat(),
        "setting_of_text": _setting(text),
        "undated": None if text.has("effective") else "true",
    }


def edition_of(text: Text) -> date:
    """First day of the quarter that a text is of.

    Raises:
        SourceError: neither a name nor a date within tells it.
    """
    path = Path(text.path)
    for name in (text.member, path.name, path.parent.name):
        if version := _VERSION.search(name):
            return date(1994 + int(version[1]), 3 * int(version[2]) + 1, 1)
        if found := published.edition_of(name):
            return found
    if text.newest and text.has("effective"):
        return text.newest
    raise SourceError(
        f"{text.label}: neither its name nor its rows tell the quarter; put it into the name as "
        "CMS does (Eff_07-01-2024), or write 2024q3"
    )


def _setting(text: Text) -> str | None:
    words = f"{text.header} {text.member} {Path(text.path).name}".lower()
    return next((name for name, known in _SETTINGS.items() if re.search(known, words)), None)
