"""The made-up population: the same for a seed, whole, lifelike, its truth complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from pyspark.sql import SparkSession

from claims.errors import SourceError
from claims.model import INPUT_TABLES
from claims.synthetic import care, employment, people, practices
from claims.synthetic.population import synthesize
from claims.synthetic.schemes.cast import cast
from claims.synthetic.schemes.registry import SCHEMES, play
from claims.synthetic.schemes.scheme import Scheme
from claims.synthetic.world import World

LINES = 20_000
ABSENT = {"supplier_invoices"}


@dataclass(frozen=True)
class Made:
    """A population on disk, attached to DuckDB."""

    root: Path
    counts: dict[str, int]
    connection: duckdb.DuckDBPyConnection

    def value(self, sql: str) -> object:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return row[0]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()


def attached(root: Path, counts: dict[str, int]) -> Made:
    connection = duckdb.connect()
    for folder in sorted(one for one in root.iterdir() if one.is_dir()):
        connection.execute(f"create view {folder.name} as from '{folder}/*.parquet'")
    connection.execute(f"create view truth as from '{root}-truth/schemes.parquet'")
    return Made(root, counts, connection)


@pytest.fixture(scope="module")
def made(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    root = tmp_path_factory.mktemp("population") / "data"
    found = attached(root, synthesize(spark, LINES, 7, str(root)))
    yield found
    found.connection.close()


def row_key(table: str) -> str:
    parts = ", ".join(f"coalesce({name}::varchar, '')" for name in INPUT_TABLES[table].key)
    return f"concat_ws('|', {parts})"


def test_tables_are_the_models(made: Made) -> None:
    assert set(made.counts) - {"dirty"} == set(INPUT_TABLES) - ABSENT
    assert json.loads((made.root / "manifest.json").read_text())["currency"] == "EUR"
    for table in set(INPUT_TABLES) - ABSENT:
        names = [str(row[0]) for row in made.rows(f"describe {table}")]
        assert names == list(INPUT_TABLES[table].names)
        assert made.value(f"select count(*) from {table}") == made.counts[table] > 0


def test_lines_are_about_as_many_as_wanted(made: Made) -> None:
    planted = made.value(
        "select count(distinct row_key) from truth where table_name = 'claim_lines'"
    )
    assert abs(made.counts["claim_lines"] - int(str(planted)) - LINES) < 0.2 * LINES


@pytest.mark.parametrize("table", sorted(set(INPUT_TABLES) - ABSENT - {"claim_lines"}))
def test_rows_but_claims_are_clean(made: Made, table: str) -> None:
    model = INPUT_TABLES[table]
    assert made.value(f"select count(*) - count(distinct {row_key(table)}) from {table}") == 0
    for column in model.columns:
        if column.required:
            assert made.value(f"select count(*) from {table} where {column.name} is null") == 0
        if column.values:
            listed = ", ".join(f"'{value}'" for value in column.values)
            outside = f"select count(*) from {table} where {column.name} not in ({listed})"
            assert made.value(outside) == 0, column.name
    for start, end in model.spans:
        assert made.value(f"select count(*) from {table} where {end} < {start}") == 0, start


def test_dirt_is_counted(made: Made) -> None:
    kinds = ", ".join(f"'{one}'" for one in INPUT_TABLES["claim_lines"].column("claim_type").values)
    broken = made.value(
        f"select count(*) from claim_lines where claim_type not in ({kinds}) or person_id is null"
        " or claim_line_end_date < claim_line_start_date"
        " or paid_amount < 0 and adjustment_type <> 'void'"
        " or claim_line_start_date > date '2025-01-01'"
    )
    repeated = made.value(
        f"select count(*) - count(distinct {row_key('claim_lines')}) from claim_lines"
    )
    assert int(str(broken)) + int(str(repeated)) == made.counts["dirty"] > 0
    assert made.counts["dirty"] < 0.003 * LINES


REFERENCES = [
    ("claim_lines", "person_id", "members", "person_id"),
    ("claim_lines", "billing_provider_id", "providers", "provider_id"),
    ("claim_lines", "rendering_provider_id", "providers", "provider_id"),
    ("claim_lines", "ordering_provider_id", "providers", "provider_id"),
    ("claim_lines", "facility_provider_id", "providers", "provider_id"),
    ("claim_lines", "procedure_code", "procedures", "procedure_code"),
    ("claim_lines", "drug_code", "drugs", "drug_code"),
    ("claim_lines", "card_id", "cards", "card_id"),
    ("claim_lines", "authorization_id", "authorizations", "authorization_id"),
    ("eligibility", "person_id", "members", "person_id"),
    ("cards", "person_id", "members", "person_id"),
    ("authorizations", "person_id", "members", "person_id"),
    ("benefit_payments", "person_id", "members", "person_id"),
    ("benefit_payments", "employer_id", "employers", "employer_id"),
    ("benefit_payments", "certifying_provider_id", "providers", "provider_id"),
    ("employments", "person_id", "members", "person_id"),
    ("employments", "employer_id", "employers", "employer_id"),
    ("contributions", "employer_id", "employers", "employer_id"),
    ("members", "postal_code", "areas", "postal_code"),
    ("providers", "organisation_id", "providers", "provider_id"),
]


@pytest.mark.parametrize(("table", "column", "other", "key"), REFERENCES)
def test_references_hold(made: Made, table: str, column: str, other: str, key: str) -> None:
    lost = made.value(
        f"select count(*) from {table} where {column} is not null"
        f" and {column} not in ('UNKNOWN', '9999999999')"
        f" and {column} not in (select {key} from {other} where {key} is not null)"
    )
    assert lost == 0


def test_paid_within_allowed_within_charged(made: Made) -> None:
    assert (
        made.value(
            "select count(*) from claim_lines where adjustment_type <> 'void'"
            " and (paid_amount > allowed_amount or allowed_amount > charge_amount)"
        )
        == 0
    )


def test_few_members_carry_most_of_the_cost(made: Made) -> None:
    share = made.value(
        "with paid as (select person_id, sum(paid_amount) s from claim_lines group by 1),"
        " ranked as (select s, row_number() over (order by s desc) r from paid)"
        " select sum(s) filter (r <= (select count(*) / 10 from paid)) / sum(s) from ranked"
    )
    assert float(str(share)) > 0.4


def test_life_has_its_irregularities(made: Made) -> None:
    for condition in (
        "adjustment_type = 'void'",
        "adjustment_type = 'replacement'",
        "claim_status = 'denied'",
        "ordering_provider_id = '9999999999'",
        "bill_type_code = '111'",
        "service_start_time is not null",
        "fill_number > 2",
    ):
        assert made.value(f"select count(*) from claim_lines where {condition}") != 0, condition
    sunday, tuesday = made.rows(
        "select count(*) filter (dayofweek(claim_line_start_date) = 0),"
        " count(*) filter (dayofweek(claim_line_start_date) = 2)"
        " from claim_lines where claim_type = 'professional'"
    )[0]
    assert int(str(sunday)) * 5 < int(str(tuesday))


def test_sick_leave_rests_on_a_visit(made: Made) -> None:
    """The rule `certifier_never_seen` must be quiet on nearly every honest leave."""
    unseen, total = made.rows(
        "select count(*) filter (not seen), count(*) from (select exists (select 1"
        " from claim_lines c where c.person_id = b.person_id"
        " and c.rendering_provider_id = b.certifying_provider_id"
        " and abs(c.claim_line_start_date - b.event_date) <= 7) as seen from benefit_payments b"
        " where certifying_provider_id is not null and payment_id not in"
        " (select row_key from truth where kind = 'planted'))"
    )[0]
    assert int(str(unseen)) <= 0.02 * int(str(total))


def test_headcount_agrees_with_employments(made: Made) -> None:
    short = made.rows(
        "select distinct employer_id from (select c.employer_id,"
        " any_value(declared_headcount) heads, count(*) n from contributions c"
        " join employments e on e.employer_id = c.employer_id and c.period_start_date"
        " between e.start_date and coalesce(e.end_date, date '2099-01-01')"
        " group by c.employer_id, c.period_start_date) where n > heads"
    )
    planted = made.rows(
        "select distinct subject_id from truth where scheme = 'undeclared_employees'"
        " and kind = 'planted'"
    )
    assert set(short) == set(planted)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_scheme_and_look_alike_are_there(made: Made, scheme: Scheme) -> None:
    name = scheme.name
    found = {
        str(kind): int(str(many))
        for kind, many in made.rows(
            f"select kind, count(*) from truth where scheme = '{name}' group by 1"
        )
    }
    assert set(found) == {"planted", "look_alike"}
    levels = made.rows(
        f"select distinct difficulty from truth where scheme = '{name}' and kind = 'planted'"
    )
    assert {row[0] for row in levels} == {"easy", "medium", "hard"}


def test_truth_names_rows_that_exist(made: Made) -> None:
    assert len(SCHEMES) >= 18
    assert len({scheme.name for scheme in SCHEMES}) == len(SCHEMES)
    for (table,) in made.rows("select distinct table_name from truth"):
        missing = made.value(
            f"select count(*) from truth where table_name = '{table}'"
            f" and row_key not in (select {row_key(str(table))} from {table})"
        )
        assert missing == 0
    assert made.value("select count(*) from truth where kind = 'planted' and amount <= 0") == 0
    assert not [one for one in made.root.rglob("*") if "truth" in one.name]


def test_clean_rows_are_the_same_rows_on_any_number_of_partitions(
    made: Made, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not planted does not hang on what is, nor on how the work was cut up."""
    monkeypatch.setattr(World, "partitions", 5)
    root = tmp_path / "clean"
    clean = attached(root, synthesize(spark, LINES, 7, str(root), clean=True))
    assert clean.rows("select distinct kind from truth") == [("look_alike",)]
    assert clean.counts["dirty"] == made.counts["dirty"]
    for table in sorted(set(INPUT_TABLES) - ABSENT - {"contributions"}):
        with_schemes = f"from '{made.root}/{table}/*.parquet'"
        added = clean.value(f"select count(*) from (from {table} except all {with_schemes})")
        assert added == 0, table
        planted = f"select row_key from '{made.root}-truth/schemes.parquet'"
        planted += f" where kind = 'planted' and table_name = '{table}'"
        left = f"select count(*) from {table} where {row_key(table)} in ({planted})"
        assert clean.value(left) == 0, table


def test_same_seed_plants_the_same_and_another_seed_another(
    made: Made, spark: SparkSession
) -> None:
    def planted(seed: int) -> list[tuple[str, ...]]:
        world = World(spark, LINES, seed)
        members = employment.working(world, people.numbered(world))
        practitioners = practices.numbered(world)
        offices = practices.providers(world, practitioners)
        truth = play(cast(world, members, practitioners, offices), SCHEMES).truth
        return sorted(tuple(str(value) for value in row.values()) for row in truth)

    told = sorted(tuple(str(value) for value in row) for row in made.rows("from truth"))
    assert planted(7) == told
    # Employers made for schemes are numbered alike for every seed; claims are not.
    others = {row[6] for row in planted(8) if row[5] == "claim_lines"}
    assert others
    assert not others & {row[6] for row in told}


def test_draws_of_a_member_do_not_hang_on_the_others(spark: SparkSession) -> None:
    world = World(spark, LINES, 7)
    workers = employment.working(world, people.numbered(world))
    alone = care.episodes(world, workers.where("i = 20")).select("e", "kind", "start")
    among = care.episodes(world, workers).where("i = 20").select("e", "kind", "start")
    assert sorted(alone.collect()) == sorted(among.collect())


def test_wrong_wishes_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    root = str(tmp_path / "data")
    with pytest.raises(SourceError, match="too few"):
        synthesize(spark, 10, 1, root)
    with pytest.raises(SourceError, match="truth"):
        synthesize(spark, LINES, 1, root, truth=f"{root}/claim_lines/truth.parquet")
    with pytest.raises(SourceError, match="no scheme"):
        synthesize(spark, LINES, 1, root, schemes=["nothing"])
