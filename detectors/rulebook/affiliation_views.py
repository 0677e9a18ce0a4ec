"""Views about who holds what: owners, managers and staff of organisations, and new ids of old ones.

None lies with a person; each is made of small tables that every bucket holds whole.
"""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.employer_views import named_sql
from detectors.rulebook.sources import View

BEGIN, OPEN = "date '1900-01-01'", "date '2999-12-31'"
MOST_SHARERS = 20

# Whoever owns, manages, works for or belongs to an organisation, from affiliations and from the
# directors of employers. A person behind an individual provider is named, where the payer knows.
INTERESTS_SQL = f"""
select a.organisation_type, a.organisation_id, a.subject_type as holder_type,
    a.subject_id as holder_id, a.role,
    case a.subject_type when 'member' then a.subject_id when 'provider' then p.person_id end
        as holder_person_id,
    coalesce(a.start_date, {BEGIN}) as start_date, coalesce(a.end_date, {OPEN}) as end_date
from affiliations a left join (select provider_id, {named_sql("person_id")} from providers) p
    on a.subject_type = 'provider' and a.subject_id = p.provider_id
where not {placeholder_sql("a.subject_id")} and not {placeholder_sql("a.organisation_id")}
union all
select 'employer', employer_id, 'member', director_person_id, 'manager', director_person_id,
    coalesce(created_date, {BEGIN}), coalesce(closed_date, {OPEN})
from employers
where not {placeholder_sql("employer_id")} and not {placeholder_sql("director_person_id")}
"""

# The same seen from a provider: of itself (via own) and of the organisation it belongs to (via
# organisation). A member who holds is named with his or her own provider id, if there is one.
PROVIDER_HOLDERS_SQL = f"""
with held as (select * from ({INTERESTS_SQL}) where organisation_type = 'provider'),
reach as (
    select distinct organisation_id as provider_id, organisation_id, 'own' as via from held
    union all
    select provider_id, organisation_id, 'organisation' from providers
    where organisation_id <> provider_id and not {placeholder_sql("organisation_id")})
select r.provider_id, r.via, h.holder_type, h.holder_id, h.role, h.holder_person_id,
    if(h.holder_type = 'provider', h.holder_id, p.provider_id) as holder_provider_id,
    h.start_date, h.end_date
from reach r join held h on r.organisation_id = h.organisation_id
left join providers p on h.holder_type = 'member' and p.person_id = h.holder_id
"""

# Days on which an excluded person or provider holds a provider itself.
EXCLUDED_HOLDERS_SQL = f"""
with holders as (select * from ({PROVIDER_HOLDERS_SQL}) where via = 'own'),
found as (
    select h.*, e.exclusion_date, e.reinstatement_date
    from holders h join exclusions e on h.holder_provider_id = e.provider_id
    where not {placeholder_sql("e.provider_id")}
    union
    select h.*, e.exclusion_date, e.reinstatement_date
    from holders h join exclusions e on h.holder_person_id = e.person_id
    where not {placeholder_sql("e.person_id")})
select provider_id, holder_type, holder_id, role, exclusion_date,
    greatest(start_date, exclusion_date) as first_date,
    least(end_date, coalesce(reinstatement_date - 1, {OPEN})) as last_date
from found
"""

_IDENTITIES = """
    select provider_id, 'tax number' as shared, tax_id as value from provider
    union all select provider_id, 'bank account', bank_account_id from provider
    union all select provider_id, 'address and phone', place || ' ' || phone from provider
    union all select provider_id, 'tax number', tax_id from excluded
"""

# Providers that share with one excluded or ended before their own enrolment what is seldom shared.
SUCCESSORS_SQL = f"""
with provider as (
    select provider_id, organisation_id, enrolment_date, termination_date, {named_sql("tax_id")},
        {named_sql("bank_account_id")}, {named_sql("phone")},
        if({placeholder_sql("address")}, null, lower(regexp_replace(
            strip_accents(trim(address)), '[^[:alnum:]]+', ' ', 'g')) || ' ' || postal_code)
            as place
    from providers where not {placeholder_sql("provider_id")}),
excluded as (
    select provider_id, {named_sql("tax_id")}, exclusion_date, reinstatement_date
    from exclusions where not {placeholder_sql("provider_id")}),
ended as (
    select provider_id, 'excluded' as manner, exclusion_date as ended_date, reinstatement_date
    from excluded
    union all select provider_id, 'ended', termination_date, null from provider
    where termination_date is not null),
identity as (select distinct * from ({_IDENTITIES}) where value is not null),
few as (
    select *, count(*) over (partition by shared, value) as sharers from identity
    qualify sharers <= {MOST_SHARERS})
select n.provider_id, e.provider_id as earlier_provider_id, e.manner, e.ended_date,
    n.enrolment_date, e.reinstatement_date, a.shared, a.sharers
from provider n join few a on n.provider_id = a.provider_id
join few b on a.shared = b.shared and a.value = b.value and b.provider_id <> n.provider_id
join ended e on b.provider_id = e.provider_id
left join provider o on e.provider_id = o.provider_id
where n.enrolment_date >= e.ended_date
    and coalesce(n.organisation_id <> o.organisation_id, true)
"""

_AFFILIATIONS = ("subject_type", "subject_id", "organisation_type", "organisation_id", "role",
                 "start_date", "end_date")  # fmt: skip
_TABLES = {
    "affiliations": _AFFILIATIONS,
    "providers": ("provider_id", "person_id", "organisation_id"),
    "employers": ("employer_id", "director_person_id", "created_date", "closed_date"),
}
_EXCLUSIONS = ("provider_id", "person_id", "tax_id", "exclusion_date", "reinstatement_date")
_HOLDER = {"holder_type": "varchar", "holder_id": "varchar", "role": "varchar"}
_SPAN = {"holder_person_id": "varchar", "start_date": "date", "end_date": "date"}

AFFILIATION_VIEWS = (
    View(
        "interests",
        person=False,
        columns={"organisation_type": "varchar", "organisation_id": "varchar", **_HOLDER, **_SPAN},
        tables=_TABLES,
        sql=INTERESTS_SQL,
    ),
    View(
        "provider_holders",
        person=False,
        columns={"provider_id": "varchar", "via": "varchar", "holder_provider_id": "varchar",
                 **_HOLDER, **_SPAN},
        tables=_TABLES,
        sql=PROVIDER_HOLDERS_SQL,
    ),
    View(
        "excluded_holders",
        person=False,
        columns={"provider_id": "varchar", **_HOLDER, "exclusion_date": "date",
                 "first_date": "date", "last_date": "date"},
        tables={**_TABLES, "exclusions": _EXCLUSIONS},
        sql=EXCLUDED_HOLDERS_SQL,
    ),
    View(
        "successors",
        person=False,
        columns={"provider_id": "varchar", "earlier_provider_id": "varchar", "manner": "varchar",
                 "ended_date": "date", "enrolment_date": "date", "reinstatement_date": "date",
                 "shared": "varchar", "sharers": "bigint"},
        tables={"providers": ("provider_id", "organisation_id", "enrolment_date",
                              "termination_date", "tax_id", "bank_account_id", "phone", "address",
                              "postal_code"),
                "exclusions": _EXCLUSIONS},
        sql=SUCCESSORS_SQL,
    ),
)  # fmt: skip
AFFILIATIONS_MAY_LACK = {
    "interests": ("affiliations", "employers", "providers"),
    "provider_holders": ("affiliations", "employers"),
    "excluded_holders": ("employers",),
    "successors": ("exclusions",),
}
