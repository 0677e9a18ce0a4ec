"""Member profiles: a person lies in one bucket, so each bucket gives its own whole rows."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import (
    CODE_COLUMNS,
    EDITIONS,
    FAR_METRES,
    LEVELS,
    LINE_COLUMNS,
    LINES,
    NIGHT,
    PLACES,
    age_band,
    day,
    named,
)
from features.day_series import middle_of
from features.employer_profiles import LEAVE
from features.member_features import MEMBER_FEATURES
from features.provider_features import SMALL_CENTS
from features.regions import REGION_SQL

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (*LINE_COLUMNS, "admission_date", "discharge_date"),
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "entitlement_id",
        "event_date",
        "period_start_date",
        "period_end_date",
        "paid_amount",
        "certifying_provider_id",
        "bank_account_id",
    ),
    "members": ("person_id", "sex", "birth_date", "postal_code", "latitude", "longitude"),
    "providers": ("provider_id", "postal_code", "latitude", "longitude"),
    **CODE_COLUMNS,
}

FACTS = ", ".join(
    f"coalesce({name}, 0) as {name}"
    for name in (
        "paid_cents",
        "lines",
        "days",
        "supply_days",
        "benefit_cents",
        "payments",
        "benefit_days",
        "stay_days",
    )
)

MORE = ("of_codes", "of_orderers", "of_gaps", "of_months", "of_stays", "of_types", "of_spells")
DORMANT_DAYS = 90
SHORT_DAYS = 3


def _statements(start: date, end: date) -> tuple[str, ...]:
    within = f"between {day(start)} and {day(end)}"
    return (
        *_visits(within),
        *_sums_of_lines(day(middle_of(start, end))),
        *_spread(),
        _stays(end),
        *_sums_of_benefits(within, end),
        *_features(start, end),
    )


def _visits(within: str) -> tuple[str, ...]:
    """Lines of the period, and who of the persons went to whom."""
    return (
        f"delete from claim_lines where claim_line_start_date not {within}",
        LEVELS,
        EDITIONS,
        LINES,
        PLACES,
        f"""create temp table named_ids as
        select id from (
          select distinct billing_provider_id as id from lines
          union select distinct ordering_provider_id from lines
          union select distinct certifying_provider_id from benefit_payments
          union select distinct bank_account_id from benefit_payments
        ) where {named("id")}""",
        """create temp table visited as
        select l.person_id, l.billing_provider_id, sum(l.cents) as cents,
          any_value(metres_between(m.lat, m.lon, p.lat, p.lon)) as metres,
          bool_or(l.claim_type = 'pharmacy') as pharmacy,
          sum(l.cents) filter (l.claim_type = 'pharmacy') as drug_cents
        from lines l join named_ids n on l.billing_provider_id = n.id
        left join member_places m on l.person_id = m.person_id
        left join provider_places p on l.billing_provider_id = p.provider_id
        group by l.person_id, l.billing_provider_id""",
    )


def _sums_of_lines(middle: str) -> tuple[str, ...]:
    return (
        f"""create temp table of_lines as
        select l.person_id, count(*) as lines, sum(cents) as paid_cents,
          count(distinct claim_line_start_date) as days, sum(days_supply) as supply_days,
          sum(days_supply) filter (is_controlled) as controlled_days,
          count(*) filter (isodow(claim_line_start_date) >= 6) as weekend,
          count(card_present) as carded, count(*) filter (not card_present) as no_card,
          count(drug_code) as drug_lines, count(*) filter (is_controlled) as controlled,
          count(distinct n.id) as prescribers,
          count(coalesce(procedure_code, drug_code)) as coded_lines,
          count(*) filter (is_holiday) as holiday, count(service_start_time) as timed,
          count(*) filter ({NIGHT.format(time="service_start_time")}) as night,
          count(*) filter (cents between 1 and {SMALL_CENTS}) as small,
          sum(cents) filter (claim_line_start_date >= {middle}) as second_cents
        from lines l left join named_ids n on l.ordering_provider_id = n.id
        group by l.person_id""",
        """create temp table of_drugs as
        select person_id, max(supplied) as top_drug_days from (
          select person_id, drug_code, sum(days_supply) as supplied from lines
          where drug_code is not null group by all) group by person_id""",
        """create temp table of_days as
        select person_id, max(providers) as max_providers_day from (
          select person_id, claim_line_start_date, count(distinct billing_provider_id) as providers
          from lines join named_ids n on billing_provider_id = n.id group by all)
        group by person_id""",
        f"""create temp table of_visits as
        select person_id, count(*) as providers, max(cents) as top_provider_cents,
          count(*) filter (pharmacy) as pharmacies, sum(metres) as metres, count(metres) as located,
          count(*) filter (metres > {FAR_METRES}) as far,
          sum(drug_cents) filter (pharmacy) as pharmacy_cents,
          max(drug_cents) filter (pharmacy) as top_pharmacy_cents
        from visited group by person_id""",
    )


def _spread() -> tuple[str, ...]:
    """How a person's lines spread over codes, orderers, days and months."""
    return (
        """create temp table of_codes as
        select person_id, max(lines) as top_code_lines, -sum(p * log2(p) order by code)
          as code_entropy
        from (
          select *, lines / sum(lines) over (partition by person_id) as p from (
            select person_id, coalesce(procedure_code, drug_code) as code, count(*) as lines
            from lines where coalesce(procedure_code, drug_code) is not null group by all)
        ) group by person_id""",
        """create temp table of_orderers as
        select person_id, max(cents) as top_prescriber_cents, sum(cents) as ordered_cents from (
          select l.person_id, n.id, sum(l.cents) as cents
          from lines l join named_ids n on l.ordering_provider_id = n.id group by all)
        group by person_id""",
        """create temp table dated as
        select person_id, claim_line_start_date as day, count(*) as lines,
          day - lag(day) over (partition by person_id order by day) as gap
        from lines group by person_id, claim_line_start_date""",
        f"""create temp table of_gaps as
        select d.person_id, any_value(g.dormant_days) as dormant_days,
          sum(d.lines) filter (g.dormant_days >= {DORMANT_DAYS} and d.day >= g.woken)
            as after_dormancy
        from dated d join (
          select person_id, max(gap) as dormant_days, arg_max(day, (coalesce(gap, 0), day)) as woken
          from dated group by person_id) g on d.person_id = g.person_id
        group by d.person_id""",
        """create temp table of_months as
        select person_id, max(lines) as peak_lines from (
          select person_id, date_trunc('month', day) as month, sum(lines) as lines
          from dated group by all) group by person_id""",
    )


def _stays(end: date) -> str:
    """Days of stay in the period, each day once though several stays hold it."""
    return f"""create temp table of_stays as
        select person_id, count(distinct day) as stay_days from (
          select distinct person_id, unnest(generate_series(first, last, interval 1 day)) as day
          from (
            select person_id, greatest(admission_date, claim_line_start_date) as first,
              least({day(end)}, coalesce(discharge_date, claim_line_end_date,
                claim_line_start_date)) as last
            from lines where claim_type = 'institutional' and admission_date is not null)
        ) group by person_id"""


def _sums_of_benefits(within: str, end: date) -> tuple[str, ...]:
    leave = ", ".join(f"'{name}'" for name in LEAVE)
    return (
        f"""create temp table of_types as
        select person_id, max(cents) as top_benefit_cents from (
          select person_id, benefit_type, sum(paid_amount * 100)::bigint as cents
          from benefit_payments where period_start_date {within} group by all)
        group by person_id""",
        f"""create temp table of_spells as
        select person_id, count(*) as leave_spells,
          count(*) filter (days <= {SHORT_DAYS}) as short_spells
        from (
          select person_id, coalesce(entitlement_id, payment_id) as spell,
            sum(coalesce(period_end_date, period_start_date) - period_start_date + 1) as days
          from benefit_payments where benefit_type in ({leave}) and period_start_date {within}
          group by all)
        group by person_id""",
        f"""create temp table of_benefits as
        select person_id, sum(b.paid_amount * 100)::bigint as benefit_cents, count(*) as payments,
          sum(greatest(0, least(coalesce(period_end_date, period_start_date), {day(end)})
            - period_start_date + 1)) as benefit_days,
          count(distinct benefit_type) as benefit_types,
          count(distinct coalesce(entitlement_id, payment_id)) as spells,
          count(distinct c.id) as certifiers, count(distinct a.id) as benefit_accounts,
          count(distinct coalesce(entitlement_id, payment_id))
            filter (isodow(event_date) = 1) as monday_spells
        from benefit_payments b left join named_ids c on b.certifying_provider_id = c.id
        left join named_ids a on b.bank_account_id = a.id
        where period_start_date {within} group by person_id""",
    )


def _features(start: date, end: date) -> tuple[str, ...]:
    period = (end - start).days + 1
    more = " ".join(f"left join {table} using (person_id)" for table in MORE)
    return (
        f"""create temp table facts as
        select person_id, {period}::double as period_days, {period} / 30.4375 as months,
          coalesce(second_cents, 0) as second_half, {FACTS},
          case when lines > 0 then coalesce(after_dormancy, 0) end as after_dormancy_lines,
          columns(* exclude (person_id, second_cents, paid_cents, lines, days, supply_days,
            benefit_cents, payments, benefit_days, stay_days, after_dormancy))
        from of_lines full join of_benefits using (person_id)
        left join of_drugs using (person_id) left join of_days using (person_id)
        left join of_visits using (person_id) {more}""",
        f"""select f.person_id, m.sex, {REGION_SQL} as region,
          {age_band("m.birth_date", start)} as age_band,
          {", ".join(feature.expression for feature in MEMBER_FEATURES)}
        from facts f left join members m on f.person_id = m.person_id
        left join areas a on m.postal_code = a.postal_code""",
    )


def member_profiles(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """One row a member with a net claim line or benefit payment in the period.

    Returns:
        ``person_id``, what peers are made of (``sex``, ``region``, ``age_band`` in tens of years at
        the start of the period, 80 and above together), then the features of
        :data:`MEMBER_FEATURES`.
    """
    features = ", ".join(f"{feature.name} {feature.type}" for feature in MEMBER_FEATURES)
    schema = f"person_id string, sex string, region string, age_band string, {features}"
    program = BucketProgram(TABLES, sql(*_statements(start, end)), schema)
    return run_in_buckets(spark, snapshot, program)
