"""Claims of CMS DE-SynPUF, wide as published, made into claim lines.

- Inpatient and outpatient: every ICD-9 procedure code and every HCPCS code is a line, in this
  order; a claim without any is one line without a procedure. A claim's payment, the patient's
  deductibles and coinsurance and what another payer paid go to its first line, the other lines
  carry 0: the files have no amounts by line, and splitting would make up prices.
- A claim may go on in a second segment, whose dates are blank and whose amounts repeat the claim:
  its lines are numbered from 101, take the dates of the first segment and carry 0.
- Facility (PRVDR_NUM) is billing and facility provider, the attending physician renders; operating
  and other physician stay in ``operating_provider_id`` and ``other_provider_id``.
- Carrier: each of the 13 groups that holds a code or an amount is a line under the group's number,
  with its own payment (LINE_NCH_PMT_AMT). The tax number bills (else the performing physician).
  Line processing indicators other than A, R and S with nothing paid are denials.
- Drug: one line an event. What is paid is the total cost less the patient's part, as the file has
  no plan payment. It names no pharmacy: the billing provider is the placeholder ``UNKNOWN``.

``data_source`` is ``desynpuf_inpatient`` and so on, as claim ids are unique within a kind of file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from claims.sources.files import MALFORMED, POSITION, POSITION_TYPE

INSTITUTIONAL = ("CLM_ID", "SEGMENT", "CLM_FROM_DT", "CLM_THRU_DT", "PRVDR_NUM", "CLM_PMT_AMT")
CARRIER = ("CLM_ID", "CLM_FROM_DT", "CLM_THRU_DT", "PRF_PHYSN_NPI_1", "TAX_NUM_1", "HCPCS_CD_1")
DRUG = (
    "SRVC_DT",
    "PROD_SRVC_ID",
    "QTY_DSPNSD_NUM",
    "DAYS_SUPLY_NUM",
    "PTNT_PAY_AMT",
    "TOT_RX_CST_AMT",
)
# Columns that hold provider ids, and what their holders are.
PROVIDERS = {
    "PRVDR_NUM|TAX_NUM_[0-9]+": "organisation",
    "(AT|OP|OT)_PHYSN_NPI|PRF_PHYSN_NPI_[0-9]+": "individual",
}
ICD_PROCEDURES, HCPCS, DIAGNOSES, GROUPS = 6, 45, 10, 13
MODEL_DIAGNOSES = 5
SEGMENT_STEP = 100
# Columns of institutional claims that are taken as they are.
NAMED = {
    "AT_PHYSN_NPI": "rendering_provider_id",
    "OP_PHYSN_NPI": "operating_provider_id",
    "OT_PHYSN_NPI": "other_provider_id",
    "CLM_DRG_CD": "drg_code",
    "ADMTNG_ICD9_DGNS_CD": "admitting_diagnosis_code",
    "SEGMENT": "segment",
    "CLM_UTLZTN_DAY_CNT": "utilization_day_count",
    "CLM_PASS_THRU_PER_DIEM_AMT": "pass_through_per_diem_amount",
}
_ALLOWED = ("A", "R", "S")
_MEMBER_PAYS = (
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    "NCH_BENE_PTB_DDCTBL_AMT",
    "NCH_BENE_PTB_COINSRNC_AMT",
)


def institutional(frame: DataFrame, kind: str) -> DataFrame:
    """Lines of inpatient or outpatient claims, as texts under the model's names."""
    has = set(frame.columns)
    codes = [(f"ICD9_PRCDR_CD_{n}", "icd9") for n in range(1, ICD_PROCEDURES + 1)]
    codes += [(f"HCPCS_CD_{n}", "hcpcs") for n in range(1, HCPCS + 1)]
    found = F.array_compact(
        F.array(*[_code(name, system) for name, system in codes if name in has])
    )
    none = F.array(F.struct(_null().alias("code"), _null().alias("system")))
    good = _good(frame).withColumn("_codes", F.when(F.size(found) > 0, found).otherwise(none))
    claim = Window.partitionBy("DESYNPUF_ID", "CLM_ID")
    dated = good.withColumns(
        {
            name: F.coalesce(_filled(name), F.min(_filled(name)).over(claim))
            for name in ("CLM_FROM_DT", "CLM_THRU_DT", "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT")
            if name in has
        }
    )
    lines = dated.select("*", F.posexplode("_codes").alias("_place", "_line"))
    segment = F.coalesce(F.col("SEGMENT").try_cast("int"), F.lit(1))
    number = (segment - 1) * SEGMENT_STEP + F.col("_place") + 1
    first = (F.col("_place") == 0) & (segment == 1)
    mapped = lines.select(
        *_claim(kind, "institutional", "CLM_ID"),
        number.cast("string").alias("claim_line_number"),
        F.col("PRVDR_NUM").alias("billing_provider_id"),
        F.col("PRVDR_NUM").alias("facility_provider_id"),
        *[F.col(source).alias(name) for source, name in NAMED.items() if source in has],
        *_dates(
            has,
            CLM_FROM_DT="claim_line_start_date",
            CLM_THRU_DT="claim_line_end_date",
            CLM_ADMSN_DT="admission_date",
            NCH_BENE_DSCHRG_DT="discharge_date",
        ),
        F.col("_line.code").alias("procedure_code"),
        F.col("_line.system").alias("procedure_code_system"),
        *[
            F.col(f"ICD9_DGNS_CD_{n}").alias(f"diagnosis_code_{n}")
            for n in range(1, DIAGNOSES + 1)
            if f"ICD9_DGNS_CD_{n}" in has
        ],
        F.when(first, F.col("CLM_PMT_AMT")).otherwise("0").alias("paid_amount"),
        F.when(first, _sum([name for name in _MEMBER_PAYS if name in has]))
        .otherwise("0")
        .alias("member_paid_amount"),
        F.when(first, F.col("NCH_PRMRY_PYR_CLM_PD_AMT")).otherwise("0").alias("other_payer_amount"),
        *_no_place(),
    )
    return _with_malformed(mapped, frame)


def carrier(frame: DataFrame, kind: str = "carrier") -> DataFrame:
    """Lines of physician and supplier claims, as texts under the model's names."""
    has = set(frame.columns)
    fields = {
        "npi": "PRF_PHYSN_NPI",
        "tax": "TAX_NUM",
        "code": "HCPCS_CD",
        "paid": "LINE_NCH_PMT_AMT",
        "deductible": "LINE_BENE_PTB_DDCTBL_AMT",
        "coinsurance": "LINE_COINSRNC_AMT",
        "other": "LINE_BENE_PRMRY_PYR_PD_AMT",
        "allowed": "LINE_ALOWD_CHRG_AMT",
        "status": "LINE_PRCSG_IND_CD",
        "diagnosis": "LINE_ICD9_DGNS_CD",
    }
    groups = []
    held = []
    for n in range(1, GROUPS + 1):
        names = {field: f"{stem}_{n}" for field, stem in fields.items()}
        columns = {k: F.col(name) if name in has else _null() for k, name in names.items()}
        says = [_says_something(column) for column in columns.values()]
        named = [column.alias(field) for field, column in columns.items()]
        groups.append(F.struct(F.lit(str(n)).alias("n"), *named))
        held.append(F.when(reduce(lambda a, b: a | b, says), groups[-1]))
    lines = F.array_compact(F.array(*held))
    # A claim without any group still is a row: its first group shows that nothing is there.
    some = F.when(F.size(lines) > 0, lines).otherwise(F.array(groups[0]))
    good = _good(frame).select("*", F.explode(some).alias("_l"))
    line = {name: F.col(f"_l.{name}") for name in fields}
    paid = line["paid"].try_cast("decimal(18,2)")
    status = F.when(line["status"].isin(*_ALLOWED) | (paid != 0), "paid").when(
        F.trim(line["status"]) != "", "denied"
    )
    mapped = good.select(
        *_claim(kind, "professional", "CLM_ID"),
        F.col("_l.n").alias("claim_line_number"),
        F.coalesce(_not_blank(line["tax"]), line["npi"]).alias("billing_provider_id"),
        line["npi"].alias("rendering_provider_id"),
        *_dates(has, CLM_FROM_DT="claim_line_start_date", CLM_THRU_DT="claim_line_end_date"),
        status.alias("claim_status"),
        line["status"].alias("status_reason_code"),
        line["code"].alias("procedure_code"),
        F.when(F.trim(line["code"]) != "", "hcpcs").alias("procedure_code_system"),
        line["diagnosis"].alias("diagnosis_code_1"),
        *[
            F.col(f"ICD9_DGNS_CD_{n}").alias(f"diagnosis_code_{n + 1}")
            for n in range(1, 9)
            if f"ICD9_DGNS_CD_{n}" in has
        ],
        line["allowed"].alias("allowed_amount"),
        line["paid"].alias("paid_amount"),
        _plus(line["deductible"], line["coinsurance"]).alias("member_paid_amount"),
        line["other"].alias("other_payer_amount"),
        *_no_place(),
    )
    return _with_malformed(mapped, frame)


def drug(frame: DataFrame, kind: str = "drug") -> DataFrame:
    """Lines of prescription drug events, as texts under the model's names."""
    has = set(frame.columns)
    part = F.col("PTNT_PAY_AMT").try_cast("decimal(18,2)")
    paid = F.col("TOT_RX_CST_AMT").try_cast("decimal(18,2)") - part
    mapped = _good(frame).select(
        *_claim(kind, "pharmacy", "PDE_ID"),
        F.lit("1").alias("claim_line_number"),
        F.lit("UNKNOWN").alias("billing_provider_id"),
        *_dates(has, SRVC_DT="claim_line_start_date"),
        F.col("PROD_SRVC_ID").alias("drug_code"),
        F.col("DAYS_SUPLY_NUM").alias("days_supply"),
        F.col("QTY_DSPNSD_NUM").alias("service_unit_quantity"),
        F.col("TOT_RX_CST_AMT").alias("charge_amount"),
        paid.cast("string").alias("paid_amount"),
        F.col("PTNT_PAY_AMT").alias("member_paid_amount"),
        MALFORMED,
        POSITION,
    )
    return _with_malformed(mapped, frame)


MAPPINGS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "inpatient": lambda frame: institutional(frame, "inpatient"),
    "outpatient": lambda frame: institutional(frame, "outpatient"),
    "carrier": carrier,
    "drug": drug,
}


def _good(frame: DataFrame) -> DataFrame:
    return frame.where(F.col(MALFORMED).isNull())


def _with_malformed(mapped: DataFrame, frame: DataFrame) -> DataFrame:
    """Add the source rows that could not be parted, which carry nothing but their text."""
    bad = frame.where(F.col(MALFORMED).isNotNull())
    person = F.col("DESYNPUF_ID").alias("person_id")
    return mapped.unionByName(bad.select(person, MALFORMED, POSITION), allowMissingColumns=True)


def _claim(kind: str, claim_type: str, claim_id: str) -> list[Column]:
    return [
        F.col(claim_id).alias("claim_id"),
        F.lit(f"desynpuf_{kind}").alias("data_source"),
        F.lit(claim_type).alias("claim_type"),
        F.col("DESYNPUF_ID").alias("person_id"),
    ]


def iso(name: str) -> Column:
    """CMS's YYYYMMDD as an ISO date; any other text stays as it is, for the cast to judge."""
    return F.regexp_replace(name, r"\A([0-9]{4})([0-9]{2})([0-9]{2})\z", "$1-$2-$3")


def _dates(has: set[str], **names: str) -> list[Column]:
    return [iso(source).alias(name) for source, name in names.items() if source in has]


def _no_place() -> list[Column]:
    place = F.lit(None).cast(POSITION_TYPE)
    return [F.lit(None).cast("string").alias(MALFORMED), place.alias(POSITION)]


def _null() -> Column:
    return F.lit(None).cast("string")


def _not_blank(column: Column) -> Column:
    return F.when(F.trim(column) != "", column)


def _filled(name: str) -> Column:
    return _not_blank(F.col(name))


def _code(name: str, system: str) -> Column:
    code = F.struct(F.col(name).alias("code"), F.lit(system).alias("system"))
    return F.when(F.trim(F.col(name)) != "", code)


def _says_something(column: Column) -> Column:
    """A code, or an amount other than zero (unused groups carry 0.00)."""
    return F.coalesce(~F.trim(column).rlike(r"\A(0*\.?0*)\z"), F.lit(False))


def _plus(*columns: Column) -> Column:
    amounts = [column.try_cast("decimal(18,2)") for column in columns]
    return reduce(lambda a, b: a + b, amounts).cast("string")


def _sum(names: list[str]) -> Column:
    return _plus(*[F.coalesce(_filled(name), F.lit("0")) for name in names])
