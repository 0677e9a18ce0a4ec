"""The gate passes a clean load, and counts every defect of its dirty twin."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from claims.errors import GateError, VigieError
from claims.model import INPUT_TABLES
from expectations import gate
from expectations.check import Check, Lookup
from expectations.checks import CHECKS, find
from expectations.counting import count
from expectations.frames import asking, readable, rows_of
from expectations.gate import check, suite
from expectations.quarantined import failing_rows
from expectations.queries import Terms, source, sums
from expectations.report import Report
from tests.expectations.conftest import AS_OF, Frames
from tests.expectations.loads import DIRTY_FAILURES


def outcome(report: Report, name: str) -> str:
    return next(result.status for result in report.results if result.full_name == name)


def test_a_clean_load_passes(clean_report: Report) -> None:
    assert [result.full_name for result in (*clean_report.critical, *clean_report.warnings)] == []
    run = {result.full_name for result in clean_report.results if result.status == "pass"}
    assert run >= {name for name in DIRTY_FAILURES if name not in LATER}


# Checks that need a column or value which only the dirty twin has.
LATER = {
    "claim_lines.discharge_date_after_start",
    "benefit_payments.event_before_period",
}


def test_every_defect_is_counted_and_nothing_else(dirty_report: Report) -> None:
    loads = {item.full_name for checks in CHECKS.values() for item in checks if item.kind == "load"}
    counted = {
        result.full_name: result.failing
        for result in dirty_report.results
        if result.failing and result.full_name not in loads
    }
    assert counted == DIRTY_FAILURES


def test_only_what_would_make_results_wrong_for_everyone_is_critical(dirty_report: Report) -> None:
    assert [result.full_name for result in dirty_report.critical] == ["claim_lines.key_unique"]


def test_rows_in_quarantine_are_told_and_most_of_them_stop_a_run(clean_frames: Frames) -> None:
    accounts = {
        "claim_lines": {"in": 5, "loaded": 4, "quarantined": 1},
        "members": {"in": 5, "loaded": 2, "quarantined": 3},
    }
    report = check(clean_frames, None, AS_OF, accounts=accounts)
    assert [result.full_name for result in report.critical] == ["members.most_accepted"]
    refused = {
        r.full_name: r.failing for r in report.warnings if r.full_name.endswith("quarantined")
    }
    assert refused == {"claim_lines.none_quarantined": 1, "members.none_quarantined": 3}
    assert outcome(report, "providers.most_accepted") == "not_run"


def test_a_tolerated_share_passes() -> None:
    assert find("members.postal_code_form").tolerance == 0.01


def test_spark_counts_as_duckdb_does(dirty_frames: Frames) -> None:
    names = ("claim_lines", "members", "cards")
    frames = {name: dirty_frames[name] for name in names}
    assert count(frames, Terms(AS_OF), small=0) == count(frames, Terms(AS_OF))


def test_an_absent_table_is_not_run_with_its_reason(clean_report: Report) -> None:
    found = [result for result in clean_report.results if result.table == "drugs"]
    assert {result.status for result in found} == {"not_run"}
    assert {result.reason for result in found} == {"table drugs is absent"}
    reasons = {result.full_name: result.reason for result in clean_report.not_run}
    assert reasons["claim_lines.days_supply_plausible"] == "no value in claim_lines.days_supply"
    assert "no earlier load" in reasons["claim_lines.rows_drift"]


def test_a_required_table_that_is_absent_or_empty_is_critical(clean_frames: Frames) -> None:
    frames = {"claim_lines": clean_frames["claim_lines"].limit(0)}
    report = check(frames, None, AS_OF)
    assert {result.full_name for result in report.critical} == {
        "claim_lines.has_rows",
        "members.schema",
        "providers.schema",
    }


def test_a_column_of_another_type_is_critical_and_its_checks_do_not_run(
    clean_frames: Frames,
) -> None:
    members = clean_frames["members"].selectExpr(
        "person_id", "cast(birth_date as string) birth_date"
    )
    report = check({**clean_frames, "members": members}, None, AS_OF)
    assert [(r.full_name, r.reason) for r in report.critical] == [("members.schema", "birth_date")]
    assert outcome(report, "claim_lines.service_after_birth") == "not_run"


def test_an_amount_in_another_currency_is_a_warning(clean_frames: Frames) -> None:
    lines = clean_frames["claim_lines"].selectExpr(
        "*", "if(claim_id = 'A', 'USD', 'EUR') as currency"
    )
    report = check({**clean_frames, "claim_lines": lines}, None, AS_OF)
    assert [r.full_name for r in report.warnings] == ["claim_lines.one_currency"]


def test_counts_equal_the_library_evaluating_rows_itself(dirty_frames: Frames) -> None:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    rows = pd.DataFrame(dirty_frames["claim_lines"].toPandas())
    rows["service_unit_quantity"] = rows["service_unit_quantity"].astype(float)
    batch = (
        gx.get_context(mode="ephemeral")
        .data_sources.add_pandas("rows")
        .add_dataframe_asset("lines")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": rows})
    )
    kinds = INPUT_TABLES["claim_lines"].column("claim_type").values
    direct = {
        "claim_type_known": gxe.ExpectColumnValuesToBeInSet(
            column="claim_type", value_set=list(kinds)
        ),
        "units_positive": gxe.ExpectColumnValuesToBeBetween(
            column="service_unit_quantity", min_value=0, strict_min=True
        ),
        "person_id_present": gxe.ExpectColumnValuesToNotBeNull(column="person_id"),
        "procedure_code_form": gxe.ExpectColumnValuesToMatchRegex(
            column="procedure_code", regex="^[0-9A-Z][0-9]{3}[0-9A-Z]$"
        ),
    }
    failing = count({"claim_lines": dirty_frames["claim_lines"]}, Terms(AS_OF))[
        "claim_lines"
    ].failing
    for name, expectation in direct.items():
        assert batch.validate(expectation).result["unexpected_count"] == failing[name], name


def test_every_table_has_a_suite_that_keeps_every_expectation() -> None:
    assert set(CHECKS) == set(INPUT_TABLES)
    for table, checks in CHECKS.items():
        assert len({item.name for item in checks}) == len(checks)
        assert len(suite(table, checks).expectations) == len(checks)


def test_an_expectation_that_the_library_drops_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def dropping(name: str, expectations: list[object]) -> SimpleNamespace:
        return SimpleNamespace(name=name, expectations=expectations[1:])

    monkeypatch.setattr(gate, "_library", lambda: SimpleNamespace(ExpectationSuite=dropping))
    with pytest.raises(GateError, match="1 of 2 expectations"):
        suite("members", [find("members.key_unique"), find("members.schema")])


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("claim_lines.service_before_death", ["D6"]),
        ("claim_lines.key_unique", ["D22", "D22"]),
        ("claim_lines.unpaid_is_zero", ["D11"]),
    ],
)
def test_failing_rows_are_found_by_name(dirty_frames: Frames, name: str, claims: list[str]) -> None:
    found = failing_rows(dirty_frames, name, AS_OF)
    assert sorted(row.claim_id for row in found.select("claim_id").collect()) == claims


def test_failing_rows_need_a_check_about_rows(dirty_frames: Frames) -> None:
    with pytest.raises(VigieError, match="no check"):
        failing_rows(dirty_frames, "claim_lines.nonsense", AS_OF)
    with pytest.raises(VigieError, match="load as a whole"):
        failing_rows(dirty_frames, "claim_lines.rows_drift", AS_OF)
    with pytest.raises(VigieError, match="table cards is absent"):
        failing_rows(
            {"claim_lines": dirty_frames["claim_lines"]}, "claim_lines.card_of_person", AS_OF
        )


def test_spark_understands_every_condition_as_duckdb_does(spark: SparkSession) -> None:
    read = {
        name: readable(spark.createDataFrame([], table.ddl), table)
        for name, table in INPUT_TABLES.items()
    }
    with asking(read) as asked:
        for name, checks in CHECKS.items():
            groups: dict[tuple[Lookup, ...], list[Check]] = {}
            for item in checks:
                if item.failing:
                    groups.setdefault(item.lookups, []).append(item)
            for lookups, group in groups.items():
                query = f"select {', '.join(sums(group, Terms(AS_OF)))} {source(name, lookups)}"
                tables = [name, *[lookup.table for lookup in lookups]]
                names = [item.name for item in group]
                # Spark analyses the query without running it; DuckDB runs it over no rows.
                assert rows_of(query, {table: read[table] for table in tables}).columns == names
                assert list(asked.one(query, *tables)) == names
