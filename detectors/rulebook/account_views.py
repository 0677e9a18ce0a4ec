"""Views about bank accounts: who is paid on them, and who else calls them theirs."""

from __future__ import annotations

from claims.identifiers import placeholder_sql
from detectors.rulebook.employer_views import named_sql
from detectors.rulebook.sources import View, row_key_sql


def real_sql(column: str) -> str:
    """An id, or null where it stands for nobody."""
    return f"if({placeholder_sql(column)}, null, {column})"


def spelt_sql(*parts: str) -> str:
    """Names as one lower-case text of letters, so that spellings can be compared."""
    return (
        f"trim(regexp_replace(lower(strip_accents(concat_ws(' ', {', '.join(parts)}))),"
        " '[^[:alnum:]]+', ' ', 'g'))"
    )


def alike_sql(one: str, other: str) -> str:
    """Share of letters that two names have in common in order (normalised edit distance).

    Unrelated names lie near 0.2; by Jaro and Winkler's measure they would lie above 0.5.
    """
    longer = f"greatest(length({one}), length({other}))"
    return f"round(1 - levenshtein({one}, {other}) / nullif(cast({longer} as double), 0), 6)"


# Names that stand for nobody are alike with none.
_PEOPLE = f"""
    select m.person_id, coalesce({real_sql("m.household_id")}, m.person_id)
        as household, {named_sql("m.bank_account_id", "member_account_id")},
        {spelt_sql("m.first_name", "m.last_name")} as first_last,
        {spelt_sql("m.last_name", "m.first_name")} as last_first,
        {spelt_sql("m.last_name")} as family_name, {spelt_sql("m.first_name")} as given_name
    from members m
"""

# Each benefit with the account it was paid on, and each member with the account on record, which
# belongs to every period. How alike a person is with the holder: the better of both orders of the
# names, and wholly where the holder bears the family name (joint accounts).
ACCOUNT_USES_SQL = f"""
with people as ({_PEOPLE}),
used as (
    select 'benefit' as role, b.person_id, b.bank_account_id as account_id,
        b.period_start_date as entry_date, b.period_start_date as until_date, b.benefit_type,
        b.paid_amount, 'benefit_payments' as table_name,
        {row_key_sql("benefit_payments", "b")} as row_key
    from benefit_payments b where b.paid_amount > 0
    union all
    select 'registered', person_id, member_account_id, date '1900-01-01', date '2999-12-31', null,
        cast(0 as decimal(18,2)), 'members', person_id
    from people),
held as (
    select account_id, holder_type, {spelt_sql("holder_name")} as holder from accounts
    where not {placeholder_sql("account_id")})
select u.*, p.household, p.member_account_id, h.holder_type,
    if(h.holder = '' or p.family_name = '', null, greatest(
        {alike_sql("p.first_last", "h.holder")},
        {alike_sql("p.last_first", "h.holder")},
        if(contains(' ' || h.holder || ' ', ' ' || p.family_name || ' '), 1, 0))) as likeness,
    h.holder
from used u join people p on u.person_id = p.person_id
left join held h on u.account_id = h.account_id
where not {placeholder_sql("u.account_id")}
"""

# Money paid for members on an account that is on record for a provider: benefits, and lines where
# the account is also the member's own. Owners are known by id, as owner or manager, or by name.
PROVIDER_ACCOUNT_USES_SQL = f"""
with people as ({_PEOPLE}),
held as (
    select p.provider_id, {named_sql("p.bank_account_id", "account_id")}, p.person_id, p.specialty,
        ' ' || {spelt_sql("p.name")} || ' ' as name
    from providers p
    where not {placeholder_sql("p.bank_account_id")}),
owners as (
    select organisation_id as provider_id, subject_id as person_id from affiliations
    where subject_type = 'member' and organisation_type = 'provider'
        and role in ('owner', 'manager')),
used as (
    select b.person_id, b.bank_account_id as account_id, b.period_start_date as entry_date,
        b.paid_amount, 'benefit_payments' as table_name,
        {row_key_sql("benefit_payments", "b")} as row_key
    from benefit_payments b where b.paid_amount > 0
    union all
    select l.person_id, l.payee_account_id, l.claim_line_start_date, l.paid_amount, 'claim_lines',
        {row_key_sql("claim_lines", "l")}
    from claim_lines l join people p on l.person_id = p.person_id
    where l.paid_amount > 0 and l.payee_account_id = p.member_account_id)
select u.*, p.household, min(h.provider_id) as provider_id,
    arg_min(h.specialty, h.provider_id) as specialty,
    bool_or(coalesce(h.person_id = u.person_id, false)
        or o.person_id is not null
        or (p.family_name <> '' and p.given_name <> ''
            and contains(h.name, ' ' || p.family_name || ' ')
            and contains(h.name, ' ' || p.given_name || ' '))) as owner
from used u join held h on u.account_id = h.account_id join people p on u.person_id = p.person_id
left join owners o on h.provider_id = o.provider_id and o.person_id = u.person_id
group by all
"""

_MEMBERS = ("person_id", "household_id", "bank_account_id", "first_name", "last_name")
_PAID = ("payment_id", "person_id", "benefit_type", "period_start_date", "paid_amount",
         "bank_account_id")  # fmt: skip
_ROW = {"person_id": "varchar", "account_id": "varchar", "household": "varchar",
        "entry_date": "date", "paid_amount": "decimal(18,2)", "table_name": "varchar",
        "row_key": "varchar"}  # fmt: skip

ACCOUNT_VIEWS = (
    View(
        "account_uses",
        date="entry_date",
        until="until_date",
        amount="paid_amount",
        columns={**_ROW, "role": "varchar", "until_date": "date", "benefit_type": "varchar",
                 "member_account_id": "varchar", "holder_type": "varchar", "holder": "varchar",
                 "likeness": "double"},
        tables={"benefit_payments": _PAID, "members": _MEMBERS,
                "accounts": ("account_id", "holder_name", "holder_type")},
        sql=ACCOUNT_USES_SQL,
    ),
    View(
        "provider_account_uses",
        date="entry_date",
        amount="paid_amount",
        columns={**_ROW, "provider_id": "varchar", "specialty": "varchar", "owner": "boolean"},
        tables={"benefit_payments": _PAID, "members": _MEMBERS,
                "claim_lines": ("data_source", "claim_id", "claim_line_number", "person_id",
                                "claim_line_start_date", "paid_amount", "payee_account_id"),
                "providers": ("provider_id", "bank_account_id", "person_id", "name", "specialty"),
                "affiliations": ("subject_type", "subject_id", "organisation_type",
                                 "organisation_id", "role")},
        sql=PROVIDER_ACCOUNT_USES_SQL,
    ),
)  # fmt: skip
ACCOUNTS_MAY_LACK = {
    "account_uses": ("accounts",),
    "provider_account_uses": ("benefit_payments", "claim_lines", "affiliations"),
}
