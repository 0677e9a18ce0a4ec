"""CMS DE-SynPUF: beneficiary summaries, inpatient, outpatient, carrier and drug files.

Layouts are those of CMS's "DE 1.0 Codebook" (CMS Linkable 2008-2010 Medicare DE-SynPUF). A file is
known by its header, whatever its name; any number of samples may lie in one folder.

- members: one row per DESYNPUF_ID. Its yearly summaries become one row, the latest year's values
  first; the date of death is the latest year's that has one. A second row of a person within one
  year is not merged and goes to quarantine as a repeated key. What the model has no column for
  (race, state, county, conditions, yearly sums) is kept under its own name in lower case.
- eligibility: one row per person, part (A, B, HMO, D) and year with at least one month covered. The
  file counts months without saying which, so the span is the year, ``coverage_months`` has the
  count, and status is ``active``.
- providers: every id met. Facility numbers (PRVDR_NUM) and tax numbers are organisations, NPIs are
  individuals; nothing else is published about them.
- claim_lines: see :mod:`claims.sources.desynpuf_claims`.

Rows in are counted as rows of the model: lines, merged members, spans and ids met, and each source
row that could not be parted into columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from claims.errors import SourceError
from claims.sources import desynpuf_claims, files
from claims.sources.desynpuf_claims import iso
from claims.sources.files import MALFORMED, POSITION, POSITION_TYPE
from claims.sources.raw import RawTables

BENEFICIARY = "beneficiary"
# A column that only this kind of file has, and the others that the mapping reads.
KINDS: dict[str, tuple[str, ...]] = {
    BENEFICIARY: ("BENE_BIRTH_DT", "BENE_DEATH_DT", "BENE_SEX_IDENT_CD"),
    "inpatient": ("CLM_ADMSN_DT", *desynpuf_claims.INSTITUTIONAL),
    "outpatient": ("NCH_BENE_PTB_DDCTBL_AMT", *desynpuf_claims.INSTITUTIONAL),
    "carrier": ("LINE_NCH_PMT_AMT_1", *desynpuf_claims.CARRIER),
    "drug": ("PDE_ID", *desynpuf_claims.DRUG),
}
PERSON = "DESYNPUF_ID"
PARTS = {
    "medicare_part_a": "BENE_HI_CVRAGE_TOT_MONS",
    "medicare_part_b": "BENE_SMI_CVRAGE_TOT_MONS",
    "medicare_hmo": "BENE_HMO_CVRAGE_TOT_MONS",
    "medicare_part_d": "PLAN_CVRG_MOS_NUM",
}
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_YEAR_COLUMN = "_year"


def read(spark: SparkSession, folder: str) -> RawTables:
    """Open all DE-SynPUF files of a folder.

    Raises:
        SourceError: a file cannot be read, lacks columns, or there are no beneficiaries or claims.
    """
    root = Path(folder)
    groups, not_loaded = _find(root)
    claims = [kind for kind in groups if kind != BENEFICIARY]
    if BENEFICIARY not in groups or not claims:
        lack = "beneficiary summary" if BENEFICIARY not in groups else "claims"
        raise SourceError(f"{root}: no DE-SynPUF {lack} file; add the CSV files as CMS names them")
    people = _beneficiaries(spark, groups[BENEFICIARY])
    opened = {kind: _opened(spark, groups[kind]) for kind in claims}
    lines = [desynpuf_claims.MAPPINGS[kind](frame) for kind, frame in opened.items()]
    frames = {
        "claim_lines": _union(lines),
        "members": _members(people),
        "eligibility": _eligibility(people),
        "providers": _providers(opened),
    }
    return RawTables(frames, "USD", ("DE-SynPUF is synthetic data",), not_loaded)


Groups = list[tuple[tuple[str, ...], list[Path]]]


def _find(root: Path) -> tuple[dict[str, Groups], dict[str, str]]:
    groups: dict[str, Groups] = {}
    not_loaded: dict[str, str] = {}
    for path in files.entries(root):
        if path.is_dir() or files.stem_and_form(path)[1] != "csv":
            not_loaded[path.name] = "not a CSV file (.csv or .csv.gz); unpack archives first"
            continue
        header = tuple(name.upper() for name in files.header_of(path))
        kind = next((k for k, columns in KINDS.items() if columns[0] in header), None)
        if kind is None:
            not_loaded[path.name] = "its header is of no DE-SynPUF file"
            continue
        missing = [name for name in (PERSON, *KINDS[kind]) if name not in header]
        if missing:
            raise SourceError(
                f"{path}: the {kind} file lacks {', '.join(missing[:5])}; fetch it again from CMS"
            )
        groups.setdefault(kind, []).append((header, [path]))
    return groups, not_loaded


def _opened(spark: SparkSession, groups: Groups) -> DataFrame:
    return files.read_csv(spark, groups)


def _union(frames: Sequence[DataFrame]) -> DataFrame:
    return reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), frames)


def _beneficiaries(spark: SparkSession, groups: Groups) -> DataFrame:
    years = []
    for header, paths in groups:
        found = _YEAR.search(paths[0].name.replace("_", " "))
        if not found:
            raise SourceError(
                f"{paths[0]}: no year in the file's name; name it as CMS does "
                "(DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv)"
            )
        frame = files.read_csv(spark, [(header, paths)])
        years.append(frame.withColumn(_YEAR_COLUMN, F.lit(int(found.group(1)))))
    return _union(years)


def without_place() -> Column:
    """The position of a row that is made from several, or is one of many made from one."""
    return F.lit(None).cast(POSITION_TYPE).alias(POSITION)


def _members(people: DataFrame) -> DataFrame:
    own = [name for name in people.columns if name not in (POSITION, MALFORMED, _YEAR_COLUMN)]
    content = F.xxhash64(*own)
    within = Window.partitionBy(PERSON, _YEAR_COLUMN).orderBy(content)
    counted = people.where(F.col(MALFORMED).isNull()).withColumn(
        "_copy", F.row_number().over(within)
    )
    merged = counted.groupBy(PERSON, "_copy").agg(
        *[
            F.max_by(
                name,
                _YEAR_COLUMN,
            ).alias(name)
            for name in own
            if name not in (PERSON, "BENE_DEATH_DT")
        ],
        F.max_by(
            "BENE_DEATH_DT", F.when(F.col("BENE_DEATH_DT").isNotNull(), F.col(_YEAR_COLUMN))
        ).alias("BENE_DEATH_DT"),
        F.max(_YEAR_COLUMN).cast("string").alias("summary_year"),
    )
    mapped = {PERSON, "BENE_DEATH_DT", "BENE_BIRTH_DT", "BENE_SEX_IDENT_CD"}
    sex = F.col("BENE_SEX_IDENT_CD")
    members = merged.select(
        F.col(PERSON).alias("person_id"),
        F.when(sex == "1", "male").when(sex == "2", "female").otherwise("unknown").alias("sex"),
        iso("BENE_BIRTH_DT").alias("birth_date"),
        iso("BENE_DEATH_DT").alias("death_date"),
        F.lit("US").alias("country_code"),
        *[F.col(name).alias(name.lower()) for name in own if name not in mapped],
        "summary_year",
        F.lit(None).cast("string").alias(MALFORMED),
        without_place(),
    )
    malformed = people.where(F.col(MALFORMED).isNotNull()).select(
        F.col(PERSON).alias("person_id"), MALFORMED, POSITION
    )
    return members.unionByName(malformed, allowMissingColumns=True)


def _eligibility(people: DataFrame) -> DataFrame:
    year = F.col(_YEAR_COLUMN).cast("string")
    spans = F.array(
        *[
            F.struct(F.lit(part).alias("programme"), F.col(column).alias("months"))
            for part, column in PARTS.items()
            if column in people.columns
        ]
    )
    covered = people.where(F.col(MALFORMED).isNull()).select(
        F.col(PERSON).alias("person_id"), year.alias("year"), F.explode(spans).alias("span")
    )
    months = F.col("span.months").try_cast("int")
    return covered.where(F.coalesce(months, F.lit(1)) > 0).select(
        "person_id",
        F.col("span.programme").alias("programme"),
        F.concat("year", F.lit("-01-01")).alias("coverage_start_date"),
        F.concat("year", F.lit("-12-31")).alias("coverage_end_date"),
        F.lit("active").alias("status"),
        F.lit("desynpuf").alias("data_source"),
        F.col("span.months").alias("coverage_months"),
        F.lit(None).cast("string").alias(MALFORMED),
        without_place(),
    )


def _providers(opened: Mapping[str, DataFrame]) -> DataFrame:
    met = []
    for frame in opened.values():
        good = frame.where(F.col(MALFORMED).isNull())
        for pattern, type_ in desynpuf_claims.PROVIDERS.items():
            names = [name for name in frame.columns if re.fullmatch(pattern, name)]
            if names:
                found = F.explode(F.array(*[F.col(name) for name in names]))
                met.append(good.select(found.alias("provider_id")).withColumn("type", F.lit(type_)))
    none = "provider_id string, type string"
    spark = next(iter(opened.values())).sparkSession
    numbers = _union(met) if met else spark.createDataFrame([], none)
    # A number met both as an organisation's and as a physician's is an organisation's.
    return (
        numbers.where(F.trim("provider_id") != "")
        .groupBy("provider_id")
        .agg(F.max("type").alias("provider_type"))
        .select(
            "provider_id",
            "provider_type",
            F.lit(None).cast("string").alias(MALFORMED),
            without_place(),
        )
    )
