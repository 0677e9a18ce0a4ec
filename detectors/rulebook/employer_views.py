"""Views about employers without a person: the firms themselves, and what they left unfiled.

Their rows may be a rule's evidence against a firm.
"""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.sources import View, row_key_sql

ROW = {"table_name": "varchar", "row_key": "varchar"}
FIRM = ("employer_id", "activity_code", "tax_id", "created_date", "closed_date",
        "postal_code", "address", "latitude", "longitude", "phone", "bank_account_id",
        "director_person_id")  # fmt: skip
FILING = ("employer_id", "period_start_date", "period_end_date", "status", "declared_turnover",
          "declared_payroll", "contributions_due", "contributions_paid", "vat_due",
          "vat_paid")  # fmt: skip
MONTH_LATER = "cast(period_start_date + interval 1 month as date) - 1"
FILED = "coalesce(status, 'filed') = 'filed'"


def named_sql(column: str, name: str = "") -> str:
    """An id, or null where it stands for nobody, so that it groups and joins with nothing."""
    return f"if({placeholder_sql(column)}, null, {column}) as {name or column.rsplit('.', 1)[-1]}"


# The last day filed by most: one firm that files years ahead must not make the others silent.
KNOWN_UNTIL = f"""
    select quantile_disc(filed_until, 0.9) as known_until, min(first_filed) as known_from from (
        select max(coalesce(period_end_date, {MONTH_LATER})) as filed_until,
            min(period_start_date) as first_filed
        from contributions where {FILED} group by employer_id)
"""

COMPANIES_SQL = f"""
with declared as (
    select *, coalesce(period_end_date, {MONTH_LATER}) as period_end from contributions),
sums as (
    select employer_id, max(period_end) filter ({FILED}) as filed_until,
        count(*) filter ({FILED}) as periods,
        sum(declared_turnover) as turnover, sum(declared_payroll) as payroll,
        greatest(sum(contributions_due - contributions_paid), 0) as unpaid,
        greatest(sum(vat_due - vat_paid) filter (vat_due > 0), 0) as vat_unpaid,
        cast(sum(contributions_paid) filter (contributions_due is not null) as double)
            / nullif(sum(contributions_due) filter (contributions_paid is not null), 0)
            as paid_share,
        cast(sum(vat_paid) filter (vat_due > 0) as double)
            / nullif(sum(vat_due) filter (vat_due > 0 and vat_paid is not null), 0)
            as vat_paid_share
    from declared group by employer_id)
select e.employer_id, e.activity_code, {named_sql("e.tax_id")}, e.created_date, e.closed_date,
    if({placeholder_sql("e.address")}, null,
        lower(regexp_replace(trim(e.address), '[^[:alnum:]]+', ' ', 'g')) || ' ' || e.postal_code)
        as place,
    e.latitude, e.longitude, {named_sql("e.phone")}, {named_sql("e.bank_account_id")},
    {named_sql("e.director_person_id")}, s.filed_until, s.periods, s.turnover, s.payroll, s.unpaid,
    s.vat_unpaid, s.paid_share, s.vat_paid_share, k.known_until,
    'employers' as table_name, {row_key_sql("employers", "e")} as row_key
from employers e left join sums s on e.employer_id = s.employer_id cross join ({KNOWN_UNTIL}) k
where not {placeholder_sql("e.employer_id")}
"""

# Days without a filing between a firm's creation and its closing, as far as filings are known at
# all, in periods as long as the firm's own (or, where it never filed, as those of most firms).
FILING_GAPS_SQL = f"""
with declared as (
    select employer_id, period_start_date as first, coalesce(period_end_date, {MONTH_LATER}) as last
    from contributions where {FILED}),
usual as (
    select employer_id, median(greatest(1, round((date_diff('day', first, last) + 1) / 30.4)))
        as months from declared group by employer_id),
known as ({KNOWN_UNTIL}),
firms as (
    select e.employer_id, greatest(coalesce(e.created_date, k.known_from), k.known_from) as opened,
        least(coalesce(e.closed_date, k.known_until), k.known_until) as closed,
        coalesce(u.months, (select median(months) from usual)) as usual_months
    from employers e left join usual u on e.employer_id = u.employer_id cross join known k
    where not {placeholder_sql("e.employer_id")}),
spans as (
    select employer_id, first, last from declared
    union all select employer_id, closed + 1, closed + 1 from firms),
behind as (
    select s.employer_id, f.usual_months, least(s.first - 1, f.closed) as gap_end,
        greatest(f.opened, coalesce(max(s.last) over (partition by s.employer_id
            order by s.first, s.last rows between unbounded preceding and 1 preceding) + 1,
            f.opened)) as gap_start
    from spans s join firms f on s.employer_id = f.employer_id)
select employer_id, gap_start, gap_end,
    cast(round((date_diff('day', gap_start, gap_end) + 1) / 30.4) as integer) as months,
    cast(floor(months / usual_months) as integer) as periods,
    'employers' as table_name, employer_id as row_key
from behind where gap_start <= gap_end
"""

EMPLOYER_VIEWS = (
    View(
        "companies",
        person=False,
        columns={"employer_id": "varchar", "activity_code": "varchar",
                 "tax_id": "varchar", "created_date": "date", "closed_date": "date",
                 "place": "varchar", "latitude": "double", "longitude": "double",
                 "phone": "varchar", "bank_account_id": "varchar",
                 "director_person_id": "varchar", "filed_until": "date", "periods": "bigint",
                 "turnover": "decimal(38,2)", "payroll": "decimal(38,2)",
                 "unpaid": "decimal(38,2)", "vat_unpaid": "decimal(38,2)",
                 "paid_share": "double", "vat_paid_share": "double", "known_until": "date", **ROW},
        tables={"employers": FIRM, "contributions": FILING},
        sql=COMPANIES_SQL,
    ),
    View(
        "filing_gaps",
        date="gap_start",
        until="gap_end",
        person=False,
        columns={"employer_id": "varchar", "gap_start": "date", "gap_end": "date",
                 "months": "integer", "periods": "integer", **ROW},
        tables={"employers": ("employer_id", "created_date", "closed_date"),
                "contributions": FILING[:4]},
        sql=FILING_GAPS_SQL,
    ),
)  # fmt: skip
