"""Views about what ties members to a provider: how they came, and whether they work there."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.employer_views import named_sql
from detectors.rulebook.sources import View, row_key_sql

EVIDENCE = {"table_name": "varchar", "row_key": "varchar"}
LINE = ("data_source", "claim_id", "claim_line_number", "person_id", "billing_provider_id",
        "claim_line_start_date", "paid_amount")  # fmt: skip
OPEN = "date '2999-12-31'"

# Every line of members who came to a provider and were billed again, once for each contact they
# left (phone, email, address), with the day they came. Fresh is whose coverage began in the two
# weeks before.
BEGINNINGS_SQL = f"""
with lines as (
    select l.person_id, l.billing_provider_id, l.claim_line_start_date as service_date,
        l.paid_amount, {row_key_sql("claim_lines", "l")} as row_key,
        min(l.claim_line_start_date) over came as begun, count(*) over came as lines
    from claim_lines l
    where l.paid_amount > 0 and not {placeholder_sql("l.billing_provider_id")}
    window came as (partition by l.person_id, l.billing_provider_id)),
homes as (
    select m.person_id, {named_sql("m.household_id")}, {named_sql("m.phone")},
        {named_sql("m.email")}, if({placeholder_sql("m.address")}, null,
            lower(regexp_replace(strip_accents(trim(m.address)), '[^[:alnum:]]+', ' ', 'g'))
            || ' ' || m.postal_code) as place
    from members m),
contacts as (
    select person_id, 'phone' as kind, phone as contact, household_id from homes
    union all select person_id, 'email', lower(email), household_id from homes
    union all select person_id, 'address', place, household_id from homes)
select l.*, c.kind, c.contact, coalesce(c.household_id, l.person_id) as household,
    exists (select 1 from eligibility e where e.person_id = l.person_id
        and e.coverage_start_date between l.begun - 14 and l.begun) as fresh,
    'claim_lines' as table_name
from lines l join contacts c on l.person_id = c.person_id
where c.contact is not null and l.lines > 1
"""

# Lines beside the question whether the member works for, manages or owns the billing provider.
STAFF_CARE_SQL = f"""
select l.person_id, l.billing_provider_id, l.claim_line_start_date as service_date,
    l.paid_amount, exists (select 1 from affiliations a
        where a.subject_type = 'member' and a.subject_id = l.person_id
        and a.organisation_type = 'provider' and a.organisation_id = l.billing_provider_id
        and a.role in ('owner', 'manager', 'employee')
        and l.claim_line_start_date between coalesce(a.start_date, date '1900-01-01')
            and coalesce(a.end_date, {OPEN})) as works_here,
    'claim_lines' as table_name, {row_key_sql("claim_lines", "l")} as row_key
from claim_lines l where l.paid_amount > 0
"""

CIRCLE_VIEWS = (
    View(
        "beginnings",
        date="service_date",
        amount="paid_amount",
        provider="billing_provider_id",
        columns={"person_id": "varchar", "billing_provider_id": "varchar",
                 "service_date": "date", "paid_amount": "decimal(18,2)", "begun": "date",
                 "lines": "bigint", "kind": "varchar", "contact": "varchar",
                 "household": "varchar", "fresh": "boolean", **EVIDENCE},
        tables={"claim_lines": LINE,
                "members": ("person_id", "household_id", "phone", "email", "address",
                            "postal_code"),
                "eligibility": ("person_id", "coverage_start_date")},
        sql=BEGINNINGS_SQL,
    ),
    View(
        "staff_care",
        date="service_date",
        amount="paid_amount",
        provider="billing_provider_id",
        columns={"person_id": "varchar", "billing_provider_id": "varchar",
                 "service_date": "date", "paid_amount": "decimal(18,2)",
                 "works_here": "boolean", **EVIDENCE},
        tables={"claim_lines": LINE,
                "affiliations": ("subject_type", "subject_id", "organisation_type",
                                 "organisation_id", "role", "start_date", "end_date")},
        sql=STAFF_CARE_SQL,
    ),
)  # fmt: skip
