"""Made-up claim lines and line rules over them, in the one SQL that all engines read.

The rules are of the kinds the library holds: a few claim types, a set of codes, a place or a
diagnosis, and a bound on money, units or days. Every tenth compares amounts alone, without a code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.rule import Rule

TYPES = ("professional", "institutional", "pharmacy", "dental", "home_care", "transport")
PERSON_LINES = 45
# Zipf-like codes and providers, one provider with 30 % of the lines, and a null here and there.
MADE_LINES = """
    select concat('C', id) as claim_id, 1 as claim_line_number,
        element_at(array({types}), 1 + int(pow(pmod(h0, 1000) / 1e3, 2) * {kinds})) as claim_type,
        concat('M', pmod(xxhash64(id, 1), {persons})) as person_id,
        concat('P', if(pmod(h2, 10) < 3, 0, int(pow(pmod(h3, 1000000) / 1e6, 3) * {providers})))
            as billing_provider_id,
        date_add(date '2023-01-01', int(pmod(h4, 730))) as claim_line_start_date,
        date_add(date '2023-01-01', int(pmod(h4, 730) + pmod(h1, 90))) as submitted_date,
        concat('X', int(pow(pmod(h5, 100000) / 1e5, 2) * 2000)) as procedure_code,
        if(pmod(h6, 5) = 0, concat('m', pmod(h7, 40)), null) as procedure_modifier_1,
        if(pmod(h7, 50) = 0, null, concat('D', int(pow(pmod(h8, 100000) / 1e5, 2) * 1500)))
            as diagnosis_code_1,
        cast(pmod(h9, 30) as string) as place_of_service_code,
        cast(1 + int(pow(pmod(h3, 997) / 997, 6) * 40) as decimal(18,3)) as service_unit_quantity,
        cast(10 + pmod(h6, 30000) / 100 as decimal(18,2)) as paid_amount,
        cast(12 + pmod(h6, 30000) / 90 - if(pmod(h2, 5000) = 1, 9, 0) as decimal(18,2))
            as allowed_amount,
        if(pmod(h1, 40) = 0, null, cast(15 + pmod(h6, 30000) / 80 as decimal(18,2)))
            as charge_amount
    from (select id, {hashes} from range({lines}))
"""
# The people, offices and tariffs of those lines, so that the library's rules have what they join.
MADE_DIMENSIONS = {
    "members": """
        select concat('M', id) as person_id, if(pmod(id, 2) = 0, 'female', 'male') as sex,
            date_add(date '1935-01-01', int(pmod(xxhash64(id, 1), 30000))) as birth_date,
            if(pmod(id, 500) = 0, date '2024-06-01', null) as death_date,
            concat('N', id) as national_id
        from range({persons})
    """,
    "providers": """
        select concat('P', id) as provider_id, concat('s', pmod(id, 40)) as specialty,
            if(pmod(id, 3) = 0, 'organisation', 'individual') as provider_type,
            date '2010-01-01' as enrolment_date,
            if(pmod(id, 300) = 7, date '2024-03-01', null) as termination_date
        from range({providers} + 1)
    """,
    "procedures": """
        select concat('X', id) as procedure_code, date '2015-01-01' as effective_date,
            cast(null as date) as deletion_date, cast(5 + pmod(id, 50) as int) as typical_minutes,
            cast(50 + pmod(id, 250) as decimal(18,2)) as fee_amount
        from range(2000)
    """,
}
COLUMNS = (
    "claim_type", "claim_line_start_date", "submitted_date", "procedure_code",
    "procedure_modifier_1", "diagnosis_code_1", "place_of_service_code", "service_unit_quantity",
    "paid_amount", "allowed_amount", "charge_amount",
)  # fmt: skip


def made_lines(lines: int) -> str:
    """Spark SQL of that many lines."""
    return MADE_LINES.format(
        lines=lines,
        persons=max(lines // PERSON_LINES, 1),
        providers=max(lines // 500, 1),
        types=", ".join(f"'{name}'" for name in TYPES),
        kinds=len(TYPES),
        hashes=", ".join(f"xxhash64(id, {10 + n}) as h{n}" for n in range(10)),
    )


def made_dimensions(lines: int) -> dict[str, str]:
    """Spark SQL of the tables beside that many lines."""
    sizes = {"persons": max(lines // PERSON_LINES, 1), "providers": max(lines // 500, 1)}
    return {table: sql.format(**sizes) for table, sql in MADE_DIMENSIONS.items()}


def made_conditions(count: int) -> Iterator[str]:
    """Conditions in SQL that DuckDB, Spark and Polars read alike; the same ones every time."""
    draw = Random(7)  # noqa: S311
    for number in range(count):
        kinds = _listed(draw.sample(TYPES, 2))
        codes = _listed([f"X{n}" for n in draw.sample(range(2000), draw.randint(5, 60))])
        causes = _listed([f"D{n}" for n in draw.sample(range(1500), draw.randint(10, 80))])
        places = _listed([str(n) for n in draw.sample(range(30), 4)])
        marks = _listed([f"m{n}" for n in draw.sample(range(40), 3)])
        day = f"2023-{draw.randint(1, 12):02d}-15"
        money, units = draw.randint(285, 308), draw.randint(28, 39)
        yield (
            f"procedure_code in {codes} and claim_type in {kinds} and paid_amount > {money}",
            f"procedure_code in {codes} and not place_of_service_code in {places}"
            f" and service_unit_quantity > {units}",
            f"diagnosis_code_1 in {causes} and procedure_modifier_1 in {marks}"
            f" and claim_line_start_date >= cast('{day}' as date) and paid_amount > {money}",
            f"claim_type in {kinds} and service_unit_quantity > {units} and paid_amount > {money}"
            f" and not coalesce(procedure_modifier_1 in {marks}, false)",
            f"procedure_code in {codes} and diagnosis_code_1 in {causes}"
            f" and paid_amount > {money / 400} * charge_amount",
            f"(procedure_code in {codes} or diagnosis_code_1 in {causes}) and paid_amount > {money}"
            f" and procedure_modifier_1 in {marks} and place_of_service_code in {places}",
            f"claim_type in {kinds} and place_of_service_code in {places}"
            f" and not diagnosis_code_1 in {causes} and service_unit_quantity > {units}",
            f"procedure_code in {codes} and submitted_date > cast('{day}' as date)"
            f" and claim_line_start_date < cast('{day}' as date) and paid_amount > {money}",
            f"diagnosis_code_1 in {causes} and claim_type in {kinds}"
            f" and place_of_service_code in {places} and allowed_amount < {money / 12}",
            f"paid_amount > allowed_amount + {(number % 70) / 10} and allowed_amount > 0",
        )[number % 10]


def _listed(values: list[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


def made_rules(count: int) -> tuple[Rule, ...]:
    """The conditions as rules of one line."""
    model = rule_show("paid_above_allowed")
    return tuple(
        replace(
            model,
            id=f"made_{number}",
            where=condition,
            params={},
            overpayment="paid_amount",
            reason="{paid_amount} paid for {procedure_code}",
        )
        for number, condition in enumerate(made_conditions(count))
    )
