"""Views about hospitals: lines of facilities, what a hospital owns, nursing days inside stays."""

from __future__ import annotations

from dataclasses import replace

from claims.identifiers import placeholder_sql
from detectors.rulebook.shared_queries import STAYS_SQL, in_set_sql
from detectors.rulebook.sources import LINES, Derived, View, row_key_sql

# Revenue centres are codes of four digits whose leading zero some sources leave out.
_CENTER = "(if(length({0}.revenue_center_code) = 3, '0', '') || {0}.revenue_center_code)"
LINE_KEY = ("data_source", "claim_id", "claim_line_number", "person_id")

# Lines of a stay that carry no money of their own count too: the price stands on one of them.
FACILITY_LINES = replace(
    LINES,
    name="facility_lines",
    condition="r.claim_type = 'institutional'",
    tables={"claim_lines": ("claim_type",)},
    derived={
        **LINES.derived,
        "facility_id": Derived(
            "coalesce(r.facility_provider_id, r.billing_provider_id)",
            "varchar",
            ("facility_provider_id", "billing_provider_id"),
        ),
        "bill_type": Derived("ltrim(r.bill_type_code, '0')", "varchar", ("bill_type_code",)),
        "revenue_center": Derived(
            _CENTER.format("r"),
            "varchar",
            ("revenue_center_code",),
        ),
    },
)

# A facility is its own site; of what it shares with other owners it is not the only one.
SITES_SQL = f"""
select distinct facility_id, facility_id as site_id, date '1900-01-01' as start_date,
    date '2999-12-31' as end_date
from (select coalesce(facility_provider_id, billing_provider_id) as facility_id
      from claim_lines where claim_type = 'institutional')
union all
select subject_id, organisation_id, coalesce(start_date, date '1900-01-01'),
    coalesce(end_date, date '2999-12-31')
from affiliations
where subject_type = 'provider' and organisation_type = 'provider' and role = 'owner'
    and subject_id <> organisation_id
    and not {placeholder_sql("subject_id")} and not {placeholder_sql("organisation_id")}
qualify count(*) over (partition by organisation_id) = 1
"""

# Days paid per day at a nursing facility that lie strictly inside acute stays elsewhere, and those
# that came before them in the calendar year. Two lines of one span are the same days.
NURSING_IN_HOSPITAL_SQL = f"""
with stay as ({STAYS_SQL}),
kinds as (
    select bill_type_code from (select distinct bill_type_code from claim_lines
        where claim_type = 'institutional' and bill_type_code is not null) k
    where {in_set_sql("nursing_bill_types", "ltrim(k.bill_type_code, '0')")}),
centers as (
    select revenue_center_code from (select distinct revenue_center_code from claim_lines
        where claim_type = 'institutional' and revenue_center_code is not null) c
    where {in_set_sql("per_diem_codes", _CENTER.format("c"))}),
nursing as (
    select l.person_id, {row_key_sql("claim_lines", "l")} as row_key,
        l.claim_line_start_date as service_date,
        greatest(l.claim_line_start_date,
            coalesce(l.claim_line_end_date, l.discharge_date, l.claim_line_start_date)) as last_date
    from claim_lines l
    where l.claim_type = 'institutional' and l.paid_amount > 0
        and l.bill_type_code in (select bill_type_code from kinds)
        and (l.revenue_center_code is null
            or l.revenue_center_code in (select revenue_center_code from centers))),
spans as (
    select n.person_id, n.service_date, n.last_date, min(s.admission_date) as admission_date,
        max(s.end_date) as end_date, date_diff('day', n.service_date, n.last_date) + 1 as line_days,
        least(sum(date_diff('day', greatest(n.service_date, s.admission_date + 1),
                least(n.last_date, s.end_date - 1)) + 1), line_days) as days_inside
    from (select distinct person_id, service_date, last_date from nursing) n
    join stay s on n.person_id = s.person_id and s.stay_type = 'acute'
        and greatest(n.service_date, s.admission_date + 1) <= least(n.last_date, s.end_date - 1)
    group by n.person_id, n.service_date, n.last_date)
select n.person_id, n.row_key, n.service_date, s.admission_date, s.end_date, s.line_days,
    s.days_inside, s.days_before
from nursing n join (
    select *, coalesce(sum(days_inside) over (partition by person_id, year(service_date)
        order by service_date, last_date rows between unbounded preceding and 1 preceding), 0)
        as days_before from spans) s
    on n.person_id = s.person_id and n.service_date = s.service_date and n.last_date = s.last_date
"""

STAY_VIEWS = (
    FACILITY_LINES,
    View(
        "sites",
        person=False,
        columns={"facility_id": "varchar", "site_id": "varchar", "start_date": "date",
                 "end_date": "date"},
        tables={"claim_lines": ("claim_type", "facility_provider_id", "billing_provider_id"),
                "affiliations": ("subject_type", "subject_id", "organisation_type",
                                 "organisation_id", "role", "start_date", "end_date")},
        sql=SITES_SQL,
    ),
    View(
        "nursing_in_hospital",
        date="service_date",
        columns={"person_id": "varchar", "row_key": "varchar", "service_date": "date",
                 "admission_date": "date", "end_date": "date", "line_days": "bigint",
                 "days_inside": "hugeint", "days_before": "hugeint"},
        tables={"claim_lines": (*LINE_KEY, "claim_type", "bill_type_code", "revenue_center_code",
                                "admission_date", "discharge_date", "claim_line_start_date",
                                "claim_line_end_date", "facility_provider_id",
                                "billing_provider_id", "paid_amount")},
        sql=NURSING_IN_HOSPITAL_SQL,
    ),
)  # fmt: skip
