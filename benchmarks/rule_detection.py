"""Which rule finds which planted scheme: rows named, rows besides, and money against the truth.

    .venv/bin/vigie demo --to demo-lake
    .venv/bin/python -m benchmarks.rule_detection demo-lake

For every scheme of the synthetic population, the planted rows that the rule meant for it names, the
rows of honest look-alikes it names, other rows it names, and its overpayment over the undue amount
of the planted rows it names. A finding's money is one sum, so it is compared where it can be told
apart by rows: the finding names planted rows alone, or claims all that was paid on each of its
rows, or its formula leaves the other rows free. A second table lists the look-alikes that any rule
names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from claims.lake import Lake
from claims.runs import latest


@dataclass(frozen=True)
class Expected:
    """What is to find a scheme.

    Args:
        by: rules of which one is to name a row, or the detector of another family.
        at_least: share of the planted rows that is to be named.
        why: what is not named, and why.
        rest_free: rows that are not undue bring no money by the rule's formula.
        judged: smallest size that the rule judges, where a small population has none.
        lead: the formula claims nothing, so there is no money to compare.
    """

    by: tuple[str, ...]
    at_least: float = 1.0
    why: str = ""
    rest_free: bool = False
    judged: str = ""
    lead: bool = False


def _by(*rules: str, lead: bool = False) -> Expected:
    return Expected(rules, lead=lead)


# By scheme of claims/synthetic/schemes; every scheme has its line.
EXPECTED: Mapping[str, Expected] = MappingProxyType(
    {
        "below_review_threshold": Expected(
            ("amounts_hug_review_threshold",),
            at_least=0.25,
            why="one in a hundred peers is named, and there are fewer: one of three dentists",
            judged="200 lines among 30 peers of one specialty",
            lead=True,
        ),
        "doctor_shopping": Expected(("doctor_shopping",), rest_free=True),
        "dormant_then_burst": _by("spike_before_exit"),
        "duplicate_billing": _by("exact_duplicate_line"),
        "equipment_during_stay": _by("equipment_during_stay"),
        "excluded_provider": _by("excluded_provider_paid", "provider_back_under_new_id"),
        "ghost_transport": Expected(
            ("transport_without_care",),
            at_least=0.95,
            why="a made-up trip that falls beside real care is not told from a real one",
        ),
        "home_care_during_stay": _by("home_care_during_stay"),
        "impossible_day": _by("impossible_day"),
        "incompatible_benefits": _by("incompatible_benefits_overlap"),
        "lent_card": _by("card_not_valid"),
        "member_swapping_ring": Expected(
            ("shared_patients",),
            why="orders go one way round four practices: no pair swaps, no rule sees a ring",
            judged="as many shared members as chance does not explain in the population",
            lead=True,
        ),
        "missing_approval": _by("no_approved_authorization"),
        "pension_after_death": _by("benefit_after_death"),
        "pharmacy_kickback": _by("costly_drug_without_disease"),
        "refill_too_soon": _by("refill_too_soon"),
        "second_identity": _by("duplicate_under_two_identities"),
        "services_after_death": _by("service_after_death"),
        "shared_account": _by(
            "account_shared_by_unrelated_persons", "benefit_account_not_members", lead=True
        ),
        "sick_leave_ring": _by("new_hire_leave_cluster", "certifier_never_seen"),
        "small_amount_skimming": Expected(
            ("small_charges_on_uninvolved_members",),
            at_least=0.7,
            why="charges within three days of real care are not told from it",
        ),
        "staff_self_approved": _by("benefit_account_not_members", lead=True),
        "stolen_member_list": _by("account_of_several_providers", lead=True),
        "two_hospitals": _by("overlapping_stays"),
        "unbundled_pairs": _by("pair_unbundled"),
        "undeclared_earnings": _by("undeclared_earnings"),
        "undeclared_employees": _by("employees_not_in_declared_headcount"),
        "units_over_maximum": _by("units_over_daily_maximum"),
        "upcoded_visits": Expected(
            ("upcoding_level_shift",),
            at_least=0.1,
            why="specialties with fewer than 30 peers of 20 visits are not judged",
            judged="100 visits among 30 peers of one specialty",
        ),
        "vat_kept_back": _by("vat_not_declared"),
        "wages_below_minimum": _by("payroll_below_minimum_wage"),
        "work_during_leave": _by("sick_leave_and_work"),
    }
)
# A row that betrays two subjects of a ring is one row, and its money is undue once.
TOLD = """
create table told as
with truth as (
    select scheme, kind, table_name, row_key, max(amount) as undue
    from read_parquet($truth) group by all
), named as (
    select f.detector, f.finding_id, f.overpayment, f.shadow, e.table_name, e.row_key, e.amount,
        if(f.detector like 'rules.%', split_part(f.detector, '.', 3),
            split_part(f.detector, '.', 2)) as rule
    from found f join proof e using (finding_id) where e.role = 'flagged'
)
select n.* exclude (table_name, row_key), t.scheme, t.kind, t.undue,
    coalesce(t.table_name, n.table_name) as table_name, coalesce(t.row_key, n.row_key) as row_key
from truth t full join named n on t.table_name = n.table_name and t.row_key = n.row_key
"""
ROWS = """
select count(distinct (table_name, row_key)) filter (scheme = $scheme and kind = 'planted')
        as planted,
    count(distinct (table_name, row_key)) filter (list_contains($by, rule) and scheme = $scheme
        and kind = 'planted') as named,
    count(distinct (table_name, row_key)) filter (list_contains($by, rule) and kind = 'look_alike')
        as look_alikes,
    count(distinct (table_name, row_key)) filter (list_contains($by, rule) and kind is null)
        as others
from told
"""
MONEY = """
with finding as (
    select any_value(overpayment) as claimed, sum(amount) as paid,
        bool_and(coalesce(mine, false)) as pure, sum(amount) filter (mine) as of_mine,
        sum(undue) filter (mine) as undue
    from (select *, scheme = $scheme and kind = 'planted' as mine from told
        where list_contains($by, rule) and detector like 'rules.%')
    group by finding_id having bool_or(mine)
)
select sum(undue) as undue, sum(if(pure or $rest_free, claimed, of_mine)) as claimed
from finding where claimed > 0 and (pure or $rest_free or claimed = paid)
"""
LOOK_ALIKES = """
select rule, shadow, scheme, count(distinct (table_name, row_key)) as rows from told
where kind = 'look_alike' and detector like 'rules.%' group by all order by shadow, rule, scheme
"""


@dataclass(frozen=True)
class Detection:
    """A run's findings beside the truth, row by row (table ``told``)."""

    connection: duckdb.DuckDBPyConnection

    def scheme(self, name: str) -> dict[str, Any]:
        """Rows planted, named, of look-alikes and others, and money undue and claimed."""
        expected = EXPECTED[name]
        given = {"scheme": name, "by": list(expected.by)}
        free = {**given, "rest_free": expected.rest_free}
        rows = self._first(ROWS, given) | self._first(MONEY, free)
        return {"scheme": name, "by": expected.by, **rows}

    def look_alikes(self) -> list[dict[str, Any]]:
        """Rows of look-alikes that any rule names, by rule and scheme."""
        rows: list[dict[str, Any]] = self.connection.sql(LOOK_ALIKES).to_arrow_table().to_pylist()
        return rows

    def _first(self, sql: str, given: Mapping[str, Any]) -> dict[str, Any]:
        rows = self.connection.sql(sql, params=dict(given)).to_arrow_table()
        found: dict[str, Any] = rows.to_pylist()[0]
        return found


def detection(lake: Lake, truth: Path, run_id: str | None = None) -> Detection:
    """Hold a run (the latest succeeded one by default) against the truth of its population."""
    run = run_id or str(latest(lake, "run")["run_id"])
    connection = duckdb.connect()
    for name, table in (("found", "findings"), ("proof", "evidence")):
        parts = []
        for shadow, full in ((False, table), (True, f"shadow_{table}")):
            if lake.exists(full):
                rows = lake.query(f"select * from {full} where run_id = $run", full, run=run)
                connection.register(full, rows)
                parts.append(f"select *, {shadow} as shadow from {full}")
        connection.execute(f"create table {name} as {' union all '.join(parts)}")
    connection.execute(TOLD, {"truth": str(truth)})
    return Detection(connection)


def main(
    folder: Annotated[Path, typer.Argument(help="Folder that `vigie demo --to` filled.")],
) -> None:
    """Print, scheme by scheme, what the rule that should find it named and claimed."""
    found = detection(Lake(f"{folder}/lake"), folder / "truth" / "schemes.parquet")
    table = Table("scheme", "found by", "planted rows", "named", "look-alikes", "others", "money")
    for name, expected in EXPECTED.items():
        row = found.scheme(name)
        money = f"{row['claimed'] / row['undue']:.3f}" if row["undue"] else "none"
        money = "a lead" if expected.lead else money
        counts = [str(row[count]) for count in ("planted", "named", "look_alikes", "others")]
        table.add_row(name, ", ".join(expected.by), *counts, money)
    named = Table("look-alike of", "named by", "status", "rows")
    for row in found.look_alikes():
        status = "shadow" if row["shadow"] else "active"
        named.add_row(row["scheme"], row["rule"], status, str(row["rows"]))
    console = Console(width=150)
    console.print(table, named)
    for name, expected in EXPECTED.items():
        if expected.why or expected.judged:
            console.print(f"{name}: {expected.why or f'judged from {expected.judged}'}")


if __name__ == "__main__":
    typer.run(main)
