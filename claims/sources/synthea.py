"""Synthea's CSV export (Synthea wiki, "CSV File Data Dictionary").

- members: ``patients``. Names, SSN and address go to the model's columns, the rest stays.
- providers: ``organizations`` (organisations) and ``providers`` (individuals, with theirs).
- eligibility: ``payer_transitions``, the payer's name (``payers``) as programme. A span ends the
  day before its last instant, which is the first of the next span. NO_INSURANCE makes no row.
- claim_lines: each CHARGE of ``claims_transactions``, numbered by its CHARGEID. The payments that
  follow it in its claim are its own: electronic ones are the payer's (``paid_amount``), or the
  second payer's after a transfer to it (``other_payer_amount``); copay, cash, card and cheque are
  the patient's (``member_paid_amount``). The place of service bills. Type 1 is professional and 2
  institutional, but a charge that ``medications`` names is a pharmacy line with its drug code.
- Times of day are wall-clock as written (a trailing Z is not shifted); 1970-01-01T00:00:00Z is how
  Synthea writes "none". Stays take admission and discharge from their encounter.

``procedures`` holds no line that ``claims_transactions`` lacks, and no claim; it is not loaded.
Rows in are counted as rows of the model; the payments of a charge are part of its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from claims.errors import SourceError
from claims.sources import files
from claims.sources.files import MALFORMED, POSITION, POSITION_TYPE
from claims.sources.raw import RawTables

# The files the mapping reads, and the columns it cannot do without.
NEEDED: dict[str, str] = {
    "patients": "ID BIRTHDATE DEATHDATE SSN FIRST LAST GENDER ADDRESS ZIP LAT LON",
    "organizations": "ID NAME ADDRESS ZIP LAT LON PHONE",
    "providers": "ID ORGANIZATION NAME SPECIALITY ADDRESS ZIP LAT LON",
    "payers": "ID NAME",
    "payer_transitions": "PATIENT START_DATE END_DATE PAYER",
    "encounters": "ID START STOP ENCOUNTERCLASS",
    "claims": "ID DIAGNOSIS1 REFERRINGPROVIDERID STATUS1 LASTBILLEDDATE1 HEALTHCARECLAIMTYPEID1",
    "claims_transactions": "CLAIMID CHARGEID PATIENTID TYPE AMOUNT METHOD FROMDATE TODATE"
    " PLACEOFSERVICE PROCEDURECODE UNITS TRANSFERTYPE PAYMENTS APPOINTMENTID PROVIDERID NOTES",
    "medications": "PATIENT ENCOUNTER CODE START",
}
NEVER = "1970-01-01T00:00:00Z"
STAYS = ("inpatient", "snf", "hospice")
MONEY = "decimal(18,2)"


def read(spark: SparkSession, folder: str) -> RawTables:
    """Open a Synthea export.

    Raises:
        SourceError: a file is missing, cannot be read, or lacks columns.
    """
    root = Path(folder)
    opened: dict[str, DataFrame] = {}
    not_loaded: dict[str, str] = {}
    for path in files.entries(root):
        name, form = files.stem_and_form(path)
        if path.is_dir() or form != "csv" or name not in NEEDED:
            not_loaded[path.name] = "not a file that the Synthea mapping reads"
            continue
        if name in opened:
            raise SourceError(f"{root}: {name} lies there twice; keep one of the files")
        header = tuple(column.upper() for column in files.header_of(path))
        missing = [column for column in NEEDED[name].split() if column not in header]
        if missing:
            raise SourceError(f"{path}: lacks {', '.join(missing)}; export it again from Synthea")
        opened[name] = files.read_csv(spark, [(header, [path])])
    absent = sorted(set(NEEDED) - set(opened))
    if absent:
        raise SourceError(f"{root}: no {', '.join(absent)}; add the files of the Synthea export")
    frames = {
        "claim_lines": _claim_lines(opened),
        "members": _members(opened["patients"]),
        "providers": _providers(opened["organizations"], opened["providers"]),
        "eligibility": _eligibility(opened["payer_transitions"], opened["payers"]),
    }
    return RawTables(frames, "USD", ("Synthea is synthetic data",), not_loaded)


def _members(patients: DataFrame) -> DataFrame:
    gender = F.col("GENDER")
    mapped = {
        "ID": "person_id",
        "BIRTHDATE": "birth_date",
        "DEATHDATE": "death_date",
        "SSN": "national_id",
        "FIRST": "first_name",
        "LAST": "last_name",
        "ADDRESS": "address",
        "ZIP": "postal_code",
        "LAT": "latitude",
        "LON": "longitude",
    }
    return patients.select(
        *_named(patients, mapped, "GENDER"),
        F.when(gender == "F", "female")
        .when(gender == "M", "male")
        .otherwise("unknown")
        .alias("sex"),
        F.lit("US").alias("country_code"),
    )


def _providers(organizations: DataFrame, providers: DataFrame) -> DataFrame:
    shared = {
        "ID": "provider_id",
        "NAME": "name",
        "ADDRESS": "address",
        "ZIP": "postal_code",
        "LAT": "latitude",
        "LON": "longitude",
    }
    houses = organizations.select(
        *_named(organizations, {**shared, "PHONE": "phone"}),
        F.lit("organisation").alias("provider_type"),
    )
    individuals = {**shared, "ORGANIZATION": "organisation_id", "SPECIALITY": "specialty"}
    people = providers.select(
        *_named(providers, individuals), F.lit("individual").alias("provider_type")
    )
    return houses.unionByName(people, allowMissingColumns=True)


def _eligibility(transitions: DataFrame, payers: DataFrame) -> DataFrame:
    names = payers.select(F.col("ID").alias("PAYER"), F.col("NAME").alias("programme"))
    last = F.date_sub(_day("END_DATE").try_cast("date"), 1).cast("string")
    spans = transitions.join(F.broadcast(names), "PAYER", how="left")
    kept = F.col("programme").isNull() | (F.col("programme") != "NO_INSURANCE")
    return spans.where(kept).select(
        F.col("PATIENT").alias("person_id"),
        F.coalesce("programme", "PAYER").alias("programme"),
        _day("START_DATE").alias("coverage_start_date"),
        F.coalesce(last, "END_DATE").alias("coverage_end_date"),
        F.lit("synthea").alias("data_source"),
        *[
            F.col(name).alias(name.lower())
            for name in ("MEMBERID", "PLAN_OWNERSHIP")
            if name in transitions.columns
        ],
        MALFORMED,
        POSITION,
    )


def _claim_lines(opened: Mapping[str, DataFrame]) -> DataFrame:
    charges = _charges(opened["claims_transactions"])
    claims = opened["claims"].where(F.col(MALFORMED).isNull())
    diagnoses = [f"DIAGNOSIS{n}" for n in range(1, 6) if f"DIAGNOSIS{n}" in claims.columns]
    heads = claims.select(
        F.col("ID").alias("CLAIMID"),
        *[F.col(name).alias(f"diagnosis_code_{n}") for n, name in enumerate(diagnoses, start=1)],
        F.col("REFERRINGPROVIDERID").alias("ordering_provider_id"),
        _day("LASTBILLEDDATE1").alias("submitted_date"),
        "STATUS1",
        "HEALTHCARECLAIMTYPEID1",
    ).dropDuplicates(["CLAIMID"])
    visits = (
        opened["encounters"]
        .select(
            F.col("ID").alias("APPOINTMENTID"),
            F.col("ENCOUNTERCLASS").alias("encounter_class"),
            F.when(F.col("ENCOUNTERCLASS").isin(*STAYS), _day("START")).alias("admission_date"),
            F.when(F.col("ENCOUNTERCLASS").isin(*STAYS), _day("STOP")).alias("discharge_date"),
        )
        .dropDuplicates(["APPOINTMENTID"])
    )
    drugs = (
        opened["medications"]
        .select(
            F.col("PATIENT").alias("PATIENTID"),
            F.col("ENCOUNTER").alias("APPOINTMENTID"),
            F.col("CODE").alias("PROCEDURECODE"),
            F.col("START").alias("FROMDATE"),
            F.lit(True).alias("is_drug"),
        )
        .distinct()
    )
    joined = (
        charges.join(heads, "CLAIMID", how="left")
        .join(visits, "APPOINTMENTID", how="left")
        .join(drugs, ["PATIENTID", "APPOINTMENTID", "PROCEDURECODE", "FROMDATE"], how="left")
    )
    return joined.select(*_line())


def _charges(transactions: DataFrame) -> DataFrame:
    """Charges with the payments that follow each in its claim, by payer."""
    place = F.coalesce(F.col("CHARGEID").try_cast("bigint"), F.lit(0))
    order = Window.partitionBy("CLAIMID").orderBy(place, "ID")
    charge = F.sum(F.when(F.col("TYPE") == "CHARGE", 1).otherwise(0)).over(order)
    numbered = transactions.where(F.col(MALFORMED).isNull()).withColumn("_charge", charge)
    within = Window.partitionBy("CLAIMID", "_charge").orderBy(place, "ID")
    moved = F.when(F.col("TYPE") == "TRANSFERIN", F.col("TRANSFERTYPE"))
    to_second = F.last(moved, ignorenulls=True).over(within).eqNullSafe("2")
    electronic = F.col("METHOD") == "ECHECK"
    payer = F.when(electronic & to_second, "other").when(electronic, "paid").otherwise("member")
    whole = Window.partitionBy("CLAIMID", "_charge")
    amount = F.when(F.col("TYPE") == "PAYMENT", F.col("PAYMENTS").try_cast(MONEY))
    paying = numbered.withColumn("_payer", payer)
    sums = {
        f"_{name}": F.coalesce(
            F.sum(F.when(F.col("_payer") == name, amount)).over(whole), F.lit(0).cast(MONEY)
        ).cast("string")
        for name in ("paid", "member", "other")
    }
    charges = paying.withColumns(sums).where(F.col("TYPE") == "CHARGE")
    bad = transactions.where(F.col(MALFORMED).isNotNull())
    return charges.unionByName(bad, allowMissingColumns=True)


def _line() -> list[Column]:
    drug = F.col("is_drug").isNotNull()
    kind = F.col("HEALTHCARECLAIMTYPEID1")
    pending = (F.col("STATUS1") != "CLOSED") & (F.col("_paid").try_cast(MONEY) == 0)
    claim_type = (
        F.when(drug, "pharmacy")
        .when(kind == "1", "professional")
        .when(kind == "2", "institutional")
    )
    return [
        F.col("CLAIMID").alias("claim_id"),
        F.col("CHARGEID").alias("claim_line_number"),
        F.lit("synthea").alias("data_source"),
        claim_type.alias("claim_type"),
        F.col("PATIENTID").alias("person_id"),
        F.col("PLACEOFSERVICE").alias("billing_provider_id"),
        F.col("PROVIDERID").alias("rendering_provider_id"),
        F.col("PLACEOFSERVICE").alias("facility_provider_id"),
        F.col("ordering_provider_id"),
        _day("FROMDATE").alias("claim_line_start_date"),
        _day("TODATE").alias("claim_line_end_date"),
        _time("FROMDATE").alias("service_start_time"),
        _time("TODATE").alias("service_end_time"),
        F.col("admission_date"),
        F.col("discharge_date"),
        F.col("submitted_date"),
        F.when(pending, "pending").otherwise("paid").alias("claim_status"),
        F.when(~drug, F.col("PROCEDURECODE")).alias("procedure_code"),
        F.when(~drug, "local").alias("procedure_code_system"),
        F.when(drug, F.col("PROCEDURECODE")).alias("drug_code"),
        F.col("UNITS").alias("service_unit_quantity"),
        *[F.col(f"diagnosis_code_{n}") for n in range(1, 6)],
        F.col("AMOUNT").alias("charge_amount"),
        F.col("_paid").alias("paid_amount"),
        F.col("_member").alias("member_paid_amount"),
        F.col("_other").alias("other_payer_amount"),
        F.col("APPOINTMENTID").alias("encounter_id"),
        F.col("encounter_class"),
        F.col("NOTES").alias("procedure_description"),
        F.col(MALFORMED),
        F.lit(None).cast(POSITION_TYPE).alias(POSITION),
    ]


def _named(frame: DataFrame, mapped: Mapping[str, str], *used: str) -> list[Column]:
    """Columns under the model's names, and those it has none for in lower case."""
    own = [name for name in frame.columns if name not in (MALFORMED, POSITION)]
    kept = [F.col(name).alias(mapped.get(name, name.lower())) for name in own if name not in used]
    return [*kept, F.col(MALFORMED), F.col(POSITION)]


def _time(name: str) -> Column:
    return F.when(F.col(name) != NEVER, F.col(name))


def _day(name: str) -> Column:
    """The day of a time; a text that is no time stays as it is, for the cast to judge."""
    form = r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9:.]+Z?\z"
    return F.regexp_replace(_time(name), form, "$1")
