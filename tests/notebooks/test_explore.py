from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cases.workbench.explore import Explorer, explore
from claims.errors import VigieError
from claims.lake import Lake
from tests.notebooks.result_lake import PHONE, PROVIDERS, SURNAME, _provider


@pytest.fixture
def data(lake: Lake) -> Explorer:
    return explore(lake)


def test_a_question_reads_the_runs_own_rows(data: Explorer, lake: Lake) -> None:
    assert data.sql("select count(*) as n from cases").frame["n"][0] == PROVIDERS
    assert {"claim_lines", "cases", "provider_profiles"} <= set(data.tables)
    assert "bucket" not in set(data.columns("claim_lines")["column"])


@pytest.mark.parametrize(
    "question",
    [
        "select billing_provider_id, sum(paid_amount) as s from claim_lines group by 1 order by s",
        "select billing_provider_id as p, sum(paid_amount) as s from claim_lines group by all",
        "select date_trunc('month', claim_line_start_date) as m, specialty, sum(paid_amount) as s "
        "from claim_lines join providers on provider_id = billing_provider_id "
        "where paid_amount > 50 group by m, specialty having s > 100",
        "with paid as (select person_id as who, sum(paid_amount) as s from claim_lines "
        "group by person_id) select * from paid order by s desc",
        "select who as w, s from (select person_id as who, sum(paid_amount) as s "
        "from claim_lines group by all)",
        "select sum(paid_amount) as s from claim_lines where paid_amount > 100",
        "select authorization_id as nothing, sum(paid_amount) as s from claim_lines group by 1",
    ],
)
def test_every_line_of_an_aggregate_leads_to_the_rows_it_sums(
    data: Explorer, question: str
) -> None:
    answer = data.sql(question)
    for line in (0, len(answer) - 1):
        rows = answer.rows(line)
        total = sum(rows.table.column("paid_amount").to_pylist(), Decimal(0))
        assert total == answer.table.column("s")[line].as_py()
        assert len(rows) > 0
        assert len(rows.rows(0)) == 1
    assert ".rows(0)" in answer._repr_html_()


def test_a_value_given_apart_goes_down_too(data: Explorer) -> None:
    paid = "select procedure_code, sum(paid_amount) as s from claim_lines where person_id = $p"
    answer = data.sql(f"{paid} group by all", p="M000")
    rows = answer.rows(0)
    assert set(rows.frame["person_id"]) == {"M000"}


def test_what_cannot_be_taken_apart_says_so(data: Explorer) -> None:
    both = data.sql("select count(*) from members union all select count(*) from providers")
    with pytest.raises(VigieError, match="one of its parts"):
        both.rows(0)
    with pytest.raises(VigieError, match="no line 7"):
        both.rows(7)


@pytest.mark.parametrize(
    "bad",
    [
        "drop table claim_lines",
        "create table x as select 1",
        "select 1; select 2",
        "copy (select 1) to 'never.csv'",
        "set memory_limit = '1GB'",
        "attach 'never.db'",
        "install httpfs",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from members_as_stored",
        "select * from main.members_as_stored",
        "select (select max(last_name) from members_as_stored) as x",
        "select * from duckdb_views()",
        "with x as (select * from read_parquet('/tmp/*')) select * from x",
        "select nonsense from members",
        "selec",
        "",
    ],
)
def test_only_a_question_to_the_tables_is_admitted(
    data: Explorer, bad: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VigieError):
        data.sql(bad)
    assert not list(tmp_path.glob("never*"))


def test_no_way_of_asking_shows_a_personal_value(data: Explorer) -> None:
    asked = [
        "select * from members",
        "select last_name as shoe_size from members",
        "select lower(last_name) || phone as x, source_note from members, providers, claim_lines "
        "limit 50",
        "select list(last_name) as x from members",
        "select max(name) as x from providers",
        "select source_note as x from claim_lines",
    ]
    for question in asked[:2] + asked[3:]:
        shown = data.sql(question).frame.to_csv()
        assert SURNAME not in shown
        assert PHONE not in shown
    assert SURNAME not in data.describe("members").to_csv()
    with pytest.raises(VigieError):
        data.sql(asked[2])


def test_a_shared_phone_is_found_without_being_read(data: Explorer) -> None:
    shared = data.sql(
        "select phone, count(*) as n from providers where phone is not null group by 1"
    )
    assert list(shared.frame["n"]) == [2]
    assert set(shared.rows(0).frame["provider_id"]) == {_provider(0), _provider(1)}


def test_names_are_shown_for_a_reason(data: Explorer, caplog: pytest.LogCaptureFixture) -> None:
    shown = data.unmask("letter to the members")
    assert SURNAME in shown.sql("select last_name from members limit 1").frame.to_csv()
    assert "letter to the members" in caplog.text
    assert "because: letter" in shown._repr_html_()
    with pytest.raises(VigieError, match="say why"):
        data.unmask("")


def test_helpers_give_answers_that_lead_down(data: Explorer) -> None:
    top = data.top("claim_lines", "billing_provider_id", "sum(paid_amount)")
    assert len(top) == PROVIDERS
    assert top.frame["value"].is_monotonic_decreasing
    assert len(top.rows(0)) == top.frame["rows"][0]
    changed = data.compare(
        "claim_lines", "billing_provider_id",
        "claim_line_start_date < '2024-07-01'", "claim_line_start_date >= '2024-07-01'",
    )  # fmt: skip
    assert (changed.frame["a"] + changed.frame["b"] == changed.frame["rows"]).all()
    assert len(changed.rows(0)) == changed.frame["rows"][0]
    with pytest.raises(VigieError, match="no table nothing"):
        data.top("nothing", "x")


def test_a_profile_stands_beside_the_usual_and_leads_to_its_rows(data: Explorer) -> None:
    own = data.profile("provider", _provider(0)).set_index("feature")
    assert own.loc["units_per_line", "value"] > own.loc["units_per_line", "median"]
    assert len(data.rows_of("provider", _provider(0))) == 40
    with pytest.raises(VigieError, match="no profile of provider nobody"):
        data.profile("provider", "nobody")


def test_lines_are_written_as_they_are_shown(data: Explorer, tmp_path: Path) -> None:
    answer = data.sql("select person_id, last_name from members order by person_id")
    text = answer.save(tmp_path / "members.csv").read_text(encoding="utf-8")
    assert text.count("\n") == len(answer) + 1
    assert SURNAME not in text
