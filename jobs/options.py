"""Options that several jobs share, declared once for the command line and for spark-submit."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Source(StrEnum):
    """Formats that a load reads."""

    canonical = "canonical"
    desynpuf = "desynpuf"
    synthea = "synthea"
    ncci = "ncci"
    leie = "leie"
    holidays = "holidays"


class Family(StrEnum):
    """Families of detectors."""

    deviation = "deviation"
    rules = "rules"
    forest = "forest"
    collusion = "collusion"


class Mode(StrEnum):
    """What a load does with rows that the lake holds already."""

    overwrite = "overwrite"
    append = "append"


class RuleGrain(StrEnum):
    """Classes of evaluation that a rule can belong to."""

    line = "line"
    member_timeline = "member_timeline"
    pair = "pair"
    provider_period = "provider_period"
    account = "account"
    employer_period = "employer_period"


class Output(StrEnum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"


LakeUri = Annotated[
    str, typer.Option("--lake", help="Folder or URI of the lake.", envvar="VIGIE_LAKE")
]
FromFolder = Annotated[
    str,
    typer.Option(
        "--from", help="Folder of the source's files; of holidays a place, as FR or US-NY."
    ),
]
SourceName = Annotated[Source, typer.Option("--source", help="Format of the source.")]
Master = Annotated[
    str | None, typer.Option("--master", help="Spark master; spark-submit's own or local[*].")
]
Packages = Annotated[
    str | None, typer.Option("--packages", help="Maven coordinates in place of the built-in ones.")
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="Nothing can have happened after it; today if absent."
    ),
]
FromDate = Annotated[
    datetime | None,
    typer.Option("--from-date", formats=["%Y-%m-%d"], help="First day; the data's own if absent."),
]
ToDate = Annotated[
    datetime | None,
    typer.Option("--to-date", formats=["%Y-%m-%d"], help="Last day; the data's own if absent."),
]
RunId = Annotated[
    str | None, typer.Option("--run", help="The run to go on with; the latest unfinished one.")
]
ReadRunId = Annotated[
    str | None, typer.Option("--run", help="A succeeded run; the latest one if absent.")
]
OwnRules = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        "--folder",
        help="A site's own folder of rules; repeatable.",
        envvar="VIGIE_RULES",
    ),
]
RuleFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--folder",
        "--rules",
        help="A site's own folder of rules; repeatable.",
        envvar="VIGIE_RULES",
    ),
]
RuleParams = Annotated[
    Path | None,
    typer.Option(
        "--params",
        help="A site's values of rules' parameters, a YAML file.",
        envvar="VIGIE_RULE_PARAMS",
    ),
]
Format = Annotated[Output, typer.Option("--format", help="Table, JSON or CSV.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every method that samples.")]
Only = Annotated[Family | None, typer.Option("--only", help="Run one family of detectors.")]
Capacity = Annotated[
    float, typer.Option("--capacity-hours", min=0, help="Hours of investigation there are.")
]
Decisions = Annotated[
    str | None,
    typer.Option(
        "--decisions",
        help="Database URL of the decisions; SQLite in LAKE.decisions.db if absent.",
        envvar="VIGIE_DECISIONS",
    ),
]


def day(value: datetime | None) -> date | None:
    """The date of an option that the command line reads as a timestamp."""
    return value.date() if value else None
