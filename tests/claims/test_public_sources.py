"""CMS DE-SynPUF and Synthea: made files show the mapping, the real ones load whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from claims.errors import SourceError
from claims.model import INPUT_TABLES
from claims.quarantine import part
from claims.reading import read_source
from claims.sources import desynpuf, synthea
from tests.claims.made_sources import write_csv

AS_OF = date(2026, 1, 1)
DATA = Path(__file__).parents[2] / ".." / "shared" / "data"

PERSON = {
    "DESYNPUF_ID": "A1",
    "BENE_BIRTH_DT": "19300501",
    "BENE_DEATH_DT": "",
    "BENE_SEX_IDENT_CD": "2",
    "SP_STATE_CODE": "26",
    "BENE_HI_CVRAGE_TOT_MONS": "12",
    "BENE_SMI_CVRAGE_TOT_MONS": "0",
    "PLAN_CVRG_MOS_NUM": "05",
}


def numbered(stem: str, count: int, **values: str) -> dict[str, str]:
    return {f"{stem}_{n}": values.get(f"n{n}", "") for n in range(1, count + 1)}


def inpatient(claim: str, segment: str, **more: str) -> dict[str, str]:
    whole = {
        "CLM_FROM_DT": "20080101",
        "CLM_THRU_DT": "20080105",
        "CLM_ADMSN_DT": "20080101",
        "NCH_BENE_DSCHRG_DT": "20080105",
    }
    dates = whole if segment == "1" else dict.fromkeys(whole, "")
    return {
        "DESYNPUF_ID": "A1",
        "CLM_ID": claim,
        "SEGMENT": segment,
        **dates,
        "PRVDR_NUM": "H1",
        "CLM_PMT_AMT": "4000.00",
        "NCH_PRMRY_PYR_CLM_PD_AMT": "5.00",
        "AT_PHYSN_NPI": "N1",
        "OP_PHYSN_NPI": "",
        "OT_PHYSN_NPI": "",
        "NCH_BENE_IP_DDCTBL_AMT": "1024.00",
        "NCH_BENE_PTA_COINSRNC_LBLTY_AM": "",
        "CLM_DRG_CD": "201",
        **numbered("ICD9_DGNS_CD", 10, n1="7866", n6="2724"),
        **numbered("ICD9_PRCDR_CD", 6),
        **numbered("HCPCS_CD", 45),
        **more,
    }


def carrier(claim: str, **more: str) -> dict[str, str]:
    amounts = (
        "LINE_NCH_PMT_AMT",
        "LINE_BENE_PTB_DDCTBL_AMT",
        "LINE_COINSRNC_AMT",
        "LINE_BENE_PRMRY_PYR_PD_AMT",
        "LINE_ALOWD_CHRG_AMT",
    )
    zero = {f"{stem}_{n}": "0.00" for stem in amounts for n in range(1, 14)}
    return {
        "DESYNPUF_ID": "A1",
        "CLM_ID": claim,
        "CLM_FROM_DT": "20090302",
        "CLM_THRU_DT": "20090302",
        **numbered("ICD9_DGNS_CD", 8, n1="25000"),
        **numbered("PRF_PHYSN_NPI", 13),
        **numbered("TAX_NUM", 13),
        **numbered("HCPCS_CD", 13),
        **zero,
        **numbered("LINE_PRCSG_IND_CD", 13),
        **numbered("LINE_ICD9_DGNS_CD", 13),
        **more,
    }


GROUP_1 = {
    "PRF_PHYSN_NPI_1": "N2",
    "TAX_NUM_1": "T1",
    "HCPCS_CD_1": "99213",
    "LINE_NCH_PMT_AMT_1": "50.00",
    "LINE_ALOWD_CHRG_AMT_1": "70.00",
    "LINE_BENE_PTB_DDCTBL_AMT_1": "10.00",
    "LINE_COINSRNC_AMT_1": "10.00",
    "LINE_PRCSG_IND_CD_1": "A",
    "LINE_ICD9_DGNS_CD_1": "4011",
}
GROUP_3 = {"PRF_PHYSN_NPI_3": "N3", "HCPCS_CD_3": "36415", "LINE_PRCSG_IND_CD_3": "C"}
DRUG = {
    "DESYNPUF_ID": "A2",
    "PDE_ID": "D1",
    "SRVC_DT": "20080401",
    "PROD_SRVC_ID": "00093",
    "QTY_DSPNSD_NUM": "30.000",
    "DAYS_SUPLY_NUM": "30",
    "PTNT_PAY_AMT": "3.00",
    "TOT_RX_CST_AMT": "10.00",
}


def made_desynpuf(root: Path) -> Path:
    root.mkdir()
    made: Mapping[str, Sequence[Mapping[str, str]]] = {
        "DE1_0_2008_Beneficiary_Summary_File_Sample_1": [PERSON, {**PERSON, "DESYNPUF_ID": "A2"}],
        "DE1_0_2009_Beneficiary_Summary_File_Sample_1": [
            {**PERSON, "SP_STATE_CODE": "39", "BENE_DEATH_DT": "20090601"},
            {**PERSON, "DESYNPUF_ID": "B7"},
            {**PERSON, "DESYNPUF_ID": "B7", "SP_STATE_CODE": "1"},
        ],
        "inpatient": [
            inpatient("I1", "1", ICD9_PRCDR_CD_2="7092", HCPCS_CD_4="J2405"),
            inpatient("I1", "2", HCPCS_CD_1="80053"),
            inpatient("I2", "1", CLM_PMT_AMT="-3000.00"),
        ],
        "carrier": [carrier("R1", **GROUP_1, **GROUP_3), carrier("R2")],
        "drug": [DRUG],
    }
    for name, rows in made.items():
        write_csv(root / f"{name}.csv", rows)
    with (root / "drug.csv").open("a") as opened:
        opened.write("A2,cut\n")
    (root / "codebook.pdf").write_text("x")
    return root


def by_key(frame: DataFrame) -> dict[tuple[str, int], Any]:
    return {(row.claim_id, row.claim_line_number): row for row in frame.collect()}


def test_desynpuf_made_files(spark: SparkSession, tmp_path: Path) -> None:
    cast = read_source(spark, "desynpuf", str(made_desynpuf(tmp_path / "root")), AS_OF)
    assert cast.currency == "USD"
    assert set(cast.not_loaded) == {"codebook.pdf"}
    lines = by_key(cast.frames["claim_lines"])
    assert sorted(lines) == [("D1", 1), ("I1", 1), ("I1", 2), ("I1", 101), ("R1", 1), ("R1", 3)]
    first, second, third = lines["I1", 1], lines["I1", 2], lines["I1", 101]
    assert (first.procedure_code, first.procedure_code_system) == ("7092", "icd9")
    assert (second.procedure_code, second.procedure_code_system) == ("J2405", "hcpcs")
    assert [r.paid_amount for r in (first, second, third)] == [
        Decimal(4000),
        Decimal(0),
        Decimal(0),
    ]
    assert (first.member_paid_amount, first.other_payer_amount) == (Decimal(1024), Decimal(5))
    assert third.claim_line_start_date == third.admission_date == date(2008, 1, 1)
    assert (first.diagnosis_code_1, first.diagnosis_code_6, first.drg_code) == (
        "7866",
        "2724",
        "201",
    )
    visit, denied = lines["R1", 1], lines["R1", 3]
    assert (visit.billing_provider_id, visit.rendering_provider_id) == ("T1", "N2")
    assert (visit.paid_amount, visit.allowed_amount) == (Decimal(50), Decimal(70))
    assert (visit.member_paid_amount, visit.diagnosis_code_1) == (Decimal(20), "4011")
    assert (denied.billing_provider_id, denied.claim_status) == ("N3", "denied")
    drug = lines["D1", 1]
    assert (drug.claim_type, drug.billing_provider_id) == ("pharmacy", "UNKNOWN")
    assert (drug.paid_amount, drug.drug_code, drug.days_supply) == (Decimal(7), "00093", 30)

    members = {row.person_id: row for row in cast.frames["members"].collect()}
    assert sorted(members) == ["A1", "A2", "B7"]
    assert (members["A1"].death_date, members["A1"].sp_state_code) == (date(2009, 6, 1), "39")
    assert (members["A2"].sex, members["A2"].death_date) == ("female", None)
    spans = cast.frames["eligibility"].where("person_id = 'A1'").collect()
    assert sorted((s.programme, s.coverage_start_date.year, s.status) for s in spans) == [
        ("medicare_part_a", 2008, "active"),
        ("medicare_part_a", 2009, "active"),
        ("medicare_part_d", 2008, "active"),
        ("medicare_part_d", 2009, "active"),
    ]
    providers = {r.provider_id: r.provider_type for r in cast.frames["providers"].collect()}
    assert providers == {
        "H1": "organisation",
        "T1": "organisation",
        "N1": "individual",
        "N2": "individual",
        "N3": "individual",
    }
    reasons = [(r.table_name, r.reasons[0]) for r in cast.quarantine.collect()]
    assert sorted(r for r in reasons if r[0] != "eligibility") == [
        ("claim_lines", "billing_provider_id: required, empty"),
        (
            "claim_lines",
            "malformed row: the number of fields is not the header's, or a quote is left open",
        ),
        ("claim_lines", "paid_amount: negative outside a void"),
        ("members", "duplicate key"),
    ]
    assert cast.accounts["claim_lines"] == {"in": 9, "loaded": 6, "quarantined": 3}
    cast.release()


def test_foreign_folders_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    write_csv(tmp_path / "members.csv", [{"person_id": "M1"}])
    with pytest.raises(SourceError, match="no DE-SynPUF beneficiary summary"):
        desynpuf.read(spark, str(tmp_path))
    with pytest.raises(SourceError, match="add the files of the Synthea export"):
        synthea.read(spark, str(tmp_path))
    write_csv(tmp_path / "patients.csv", [{"Id": "1"}])
    with pytest.raises(SourceError, match=r"patients\.csv: lacks BIRTHDATE"):
        synthea.read(spark, str(tmp_path))
    write_csv(tmp_path / "carrier.csv", [{"DESYNPUF_ID": "1", "LINE_NCH_PMT_AMT_1": "1"}])
    with pytest.raises(SourceError, match="the carrier file lacks CLM_ID"):
        desynpuf.read(spark, str(tmp_path))


def real(name: str) -> str:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"the public sample ../shared/data/{name} is not on this machine")
    return str(folder)


def test_desynpuf_real_files(spark: SparkSession) -> None:
    raw = desynpuf.read(spark, real("synpuf"))
    lines = part(raw.frames["claim_lines"], INPUT_TABLES["claim_lines"], AS_OF)
    # 46 claims with a negative payment, two second segments whose first is not in the sample.
    assert lines.account == (71_354, 48)
    total = lines.accepted.selectExpr("sum(paid_amount)", "count(distinct claim_id)").collect()[0]
    assert tuple(total) == (Decimal("114107400.00"), 22_604)
    lines.release()
    people = part(raw.frames["members"], INPUT_TABLES["members"], AS_OF)
    assert people.account == (20_000, 0)
    people.release()


def test_synthea_real_files(spark: SparkSession) -> None:
    cast = read_source(spark, "synthea", real("synthea"), AS_OF)
    assert {name: tuple(account.values()) for name, account in cast.accounts.items()} == {
        "claim_lines": (1_579, 1_579, 0),
        "members": (11, 11, 0),
        "providers": (94, 94, 0),
        "eligibility": (123, 123, 0),
    }
    lines = cast.frames["claim_lines"]
    sums = lines.selectExpr(
        "sum(paid_amount)",
        "sum(other_payer_amount)",
        "sum(member_paid_amount)",
        "count_if(claim_type = 'pharmacy')",
        "count_if(charge_amount < paid_amount)",
        "count_if(claim_line_end_date is null)",
    ).collect()[0]
    assert tuple(sums) == (
        Decimal("934845.31"),
        Decimal("85857.53"),
        Decimal("199164.38"),
        173,
        0,
        148,
    )
    assert list(cast.not_loaded) == ["procedures.csv.gz"]
    cast.release()
