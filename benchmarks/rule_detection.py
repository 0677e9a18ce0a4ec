"""Which rule finds which planted scheme: rows named, rows besides, and money against the truth.

    .venv/bin/vigie demo --to demo-lake
    .venv/bin/python -m benchmarks.rule_detection demo-lake

For each scheme of the synthetic population that a rule should find, the planted rows that the rule
names, the rows of honest look-alikes it names, other rows it names, and its overpayment over the
undue amount of the planted rows it names (findings that name nothing else, so that the two speak of
the same rows). Schemes that only a whole network or a history betrays are for the other families.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from claims.lake import Lake
from claims.runs import latest

# By scheme of claims/synthetic/schemes, the rules of which one is to find it.
EXPECTED: dict[str, tuple[str, ...]] = {
    "below_review_threshold": ("amounts_hug_review_threshold",),
    "doctor_shopping": ("doctor_shopping",),
    "duplicate_billing": ("exact_duplicate_line",),
    "equipment_during_stay": ("equipment_during_stay",),
    "excluded_provider": ("excluded_provider_paid", "provider_back_under_new_id"),
    "ghost_transport": ("transport_without_care",),
    "home_care_during_stay": ("home_care_during_stay",),
    "impossible_day": ("impossible_day",),
    "incompatible_benefits": ("incompatible_benefits_overlap",),
    "lent_card": ("card_not_valid",),
    "missing_approval": ("no_approved_authorization",),
    "pension_after_death": ("benefit_after_death",),
    "pharmacy_kickback": ("costly_drug_without_disease",),
    "refill_too_soon": ("refill_too_soon",),
    "services_after_death": ("service_after_death",),
    "shared_account": ("account_shared_by_unrelated_persons", "benefit_account_not_members"),
    "sick_leave_ring": ("new_hire_leave_cluster", "certifier_never_seen"),
    "small_amount_skimming": ("small_charges_on_uninvolved_members",),
    "unbundled_pairs": ("pair_unbundled",),
    "undeclared_earnings": ("undeclared_earnings",),
    "undeclared_employees": ("employees_not_in_declared_headcount",),
    "units_over_maximum": ("units_over_daily_maximum",),
    "upcoded_visits": ("upcoding_level_shift",),
    "vat_kept_back": ("vat_not_declared",),
    "wages_below_minimum": ("payroll_below_minimum_wage",),
    "work_during_leave": ("sick_leave_and_work",),
}
# A row that betrays two subjects of a ring is one row, and its money is undue once.
TRUTH = """
    create table truth as
    select scheme, kind, table_name, row_key, max(amount) as amount
    from read_parquet($1) group by all
"""
FOUND = """
    with named as (
        select split_part(f.detector, '.', 3) as rule, f.finding_id, f.overpayment, e.table_name,
            e.row_key
        from found f join proof e using (finding_id) where e.role = 'flagged'
    ),
    told as (
        select n.*, t.kind, t.scheme, t.amount
        from named n left join truth t
            on t.table_name = n.table_name and t.row_key = n.row_key
    ),
    pure as (
        select finding_id, any_value(scheme) as scheme, any_value(rule) as rule,
            any_value(overpayment) as overpayment, sum(amount) as undue
        from told group by finding_id having bool_and(coalesce(kind = 'planted', false))
            and count(distinct scheme) = 1
    )
    select
        (select count(*) from truth where scheme = $scheme and kind = 'planted') as planted,
        (select count(distinct (table_name, row_key)) from told
            where list_contains($rules, rule) and scheme = $scheme and kind = 'planted') as named,
        (select count(distinct (table_name, row_key)) from told
            where list_contains($rules, rule) and kind = 'look_alike') as look_alikes,
        (select count(distinct (table_name, row_key)) from told
            where list_contains($rules, rule) and kind is null) as others,
        (select sum(undue) from pure
            where list_contains($rules, rule) and scheme = $scheme and overpayment > 0) as undue,
        (select sum(overpayment) from pure
            where list_contains($rules, rule) and scheme = $scheme) as claimed
"""


def measured(lake: Lake, truth: Path) -> list[dict[str, Any]]:
    """One row a scheme: rows planted, named, of look-alikes, others, undue and claimed money."""
    run = str(latest(lake, "run")["run_id"])
    with duckdb.connect() as connection:
        for name, tables in (
            ("found", ("findings", "shadow_findings")),
            ("proof", ("evidence", "shadow_evidence")),
        ):
            parts = [
                lake.query(f"select * from {table} where run_id = $run", table, run=run)
                for table in tables
                if lake.exists(table)
            ]
            for number, part in enumerate(parts):
                connection.register(f"{name}_{number}", part)
            union = " union all ".join(f"select * from {name}_{n}" for n in range(len(parts)))
            connection.execute(f"create table {name} as {union}")
        connection.execute(TRUTH, [str(truth)])
        rows = []
        for scheme, rules in EXPECTED.items():
            found = connection.execute(FOUND, {"scheme": scheme, "rules": list(rules)}).fetchone()
            names = ("planted", "named", "look_alikes", "others", "undue", "claimed")
            rows.append(
                {"scheme": scheme, "rules": rules, **dict(zip(names, found or (), strict=True))}
            )
        return rows


def main(
    folder: Annotated[Path, typer.Argument(help="Folder that `vigie demo --to` filled.")],
) -> None:
    """Print, scheme by scheme, what the rule that should find it named and claimed."""
    table = Table("scheme", "rule", "planted rows", "named", "look-alikes", "others", "money")
    for row in measured(Lake(f"{folder}/lake"), folder / "truth" / "schemes.parquet"):
        money = f"{row['claimed'] / row['undue']:.3f}" if row["undue"] else "a lead"
        counts = [str(row[name]) for name in ("planted", "named", "look_alikes", "others")]
        table.add_row(row["scheme"], ", ".join(row["rules"]), *counts, money)
    Console(width=150).print(table)


if __name__ == "__main__":
    typer.run(main)
