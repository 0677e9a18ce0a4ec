"""Account profiles: payments summed by the account paid in member buckets, merged by account."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.account_features import ACCOUNT_FEATURES, CHANGED_DAYS, NEW_DAYS
from features.bucket_views import day, named
from features.day_series import day_series
from features.partials import SCHEMA, SHARED, Totals, merge
from features.provider_features import SMALL_CENTS

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (
        "person_id",
        "billing_provider_id",
        "claim_line_start_date",
        "paid_amount",
        "payee_account_id",
    ),
    "benefit_payments": (
        "payment_id",
        "person_id",
        "benefit_type",
        "period_start_date",
        "paid_amount",
        "bank_account_id",
        "entered_by",
        "approved_by",
    ),
    "members": ("person_id", "household_id", "last_name", "bank_account_id"),
    "providers": ("provider_id", "bank_account_id"),
    "accounts": ("account_id", "holder_name", "opened_date", "first_seen_date"),
    "attribute_history": (
        "subject_type",
        "subject_id",
        "column_name",
        "new_value",
        "changed_at",
    ),
}

PAID = Totals(
    {
        "payments": "count(*)",
        "cents": "sum(cents)",
        "claim_cents": "sum(cents) filter (payee_type = 'provider')",
        "benefit_payments": "count(*) filter (payee_type = 'member')",
        "benefit_cents": "sum(cents) filter (payee_type = 'member')",
        "small": f"count(*) filter (cents between 1 and {SMALL_CENTS})",
        "small_cents": f"sum(cents) filter (cents between 1 and {SMALL_CENTS})",
        "round": "count(*) filter (cents > 0 and cents % 1000 = 0)",
        "filed_cents": "sum(cents) filter (on_file is not null)",
        "off_file_cents": "sum(cents) filter (on_file <> account_id)",
        "named_cents": "sum(cents) filter (is_like is not null)",
        "unlike_cents": "sum(cents) filter (not is_like)",
        "changed_cents": "sum(cents) filter (is_changed)",
        "new_cents": "sum(cents) filter (is_new)",
        "entered_cents": "sum(cents) filter (entered_by is not null)",
        "approved": "count(*) filter (is_same_clerk is not null)",
        "same_clerk": "count(*) filter (is_same_clerk)",
    }
)
PERSONS = Totals(
    {"beneficiaries": "count(*)", "top_person_cents": "max(cents)"},
    frozenset({"top_person_cents"}),
    part="person",
)

KEYED = {
    "day": ("day::varchar", "true"),
    "provider": ("payee_id", "payee_type = 'provider'"),
    "benefit": ("benefit_type", "payee_type = 'member'"),
    "household": ("household", "payee_type = 'member'"),
    "surname": ("surname", "payee_type = 'member' and surname is not null"),
    "clerk": ("entered_by", "entered_by is not null"),
}
"""By part, the key of a payment and which payments have it."""

# Names are compared by letters and digits only, padded so that DA is no part of DANA.
_PLAIN = "' ' || trim(regexp_replace(lower(strip_accents({name})), '[^a-z0-9]+', ' ', 'g')) || ' '"


def _statements(start: date, end: date) -> tuple[str, ...]:
    within = f"between {day(start)} and {day(end)}"
    keys = " union all ".join(
        f"select account_id, '{part}', {key}, count(*), sum(cents)::bigint, 0, null"
        f" from paid where {condition} group by account_id, {key}"
        for part, (key, condition) in KEYED.items()
    )
    return (
        payments_made(within),
        _PEOPLE,
        f"""create temp table changes as
        select subject_type, subject_id, new_value as account_id, min(changed_at)::date as changed
        from attribute_history
        where column_name = 'bank_account_id' and subject_type in ('member', 'provider')
          and changed_at::date <= {day(end)} group by all""",
        f"""create temp table paid as
        select p.*, f.on_file, f.household, f.surname, f.is_like,
          p.entered_by = p.approved_by as is_same_clerk,
          p.day - c.changed between 0 and {CHANGED_DAYS} as is_changed,
          p.day - coalesce(a.opened_date, a.first_seen_date) < {NEW_DAYS} as is_new
        from payments p
        left join payees f using (payee_type, payee_id, account_id)
        left join changes c on p.payee_type = c.subject_type and p.payee_id = c.subject_id
          and p.account_id = c.account_id
        left join accounts a on p.account_id = a.account_id""",
        f"""with of_paid as (select account_id, {PAID.columns} from paid group by all
        ), of_persons as (
          select account_id, {PERSONS.columns} from (
            select account_id, payee_id, sum(cents) as cents from paid
            where payee_type = 'member' group by all) group by all
        )
        select account_id as subject_id, 'total' as part, null as key, null as lines,
          null as cents, null as weight, {PAID.made} as totals from of_paid
        union all select account_id, 'person', null, null, null, null, {PERSONS.made}
        from of_persons union all {keys}
        union all select distinct account_id, 'opened',
          coalesce(opened_date, first_seen_date)::varchar, 0, 0, 0, null
        from paid join accounts using (account_id)
        where coalesce(opened_date, first_seen_date) is not null
        union all select distinct account_id, 'changer', subject_type || '|' || subject_id,
          0, 0, 0, null
        from changes semi join paid using (account_id) where changed >= {day(start)}""",
    )


def payments_made(within: str) -> str:
    """A statement that gives table ``payments``: what is paid on each account.

    Args:
        within: condition on a day, such as ``between`` two dates.
    """
    return f"""
create temp table payments as
select * from (
  select coalesce(l.payee_account_id, p.bank_account_id) as account_id,
    'provider' as payee_type, l.billing_provider_id as payee_id,
    l.claim_line_start_date as day, (l.paid_amount * 100)::bigint as cents,
    null as benefit_type, null as entered_by, null as approved_by
  from claim_lines l left join providers p on l.billing_provider_id = p.provider_id
  where l.claim_line_start_date {within}
  union all
  select bank_account_id, 'member', person_id, period_start_date,
    (paid_amount * 100)::bigint, benefit_type, entered_by, approved_by
  from benefit_payments where period_start_date {within}
) where account_id in (
  select id from (select distinct payee_account_id as id from claim_lines
    union select bank_account_id from providers union select bank_account_id from benefit_payments)
  where {named("id")}
);
"""


_PEOPLE = f"""
create temp table payees as
select t.payee_type, t.payee_id, t.account_id, coalesce(m.bank_account_id, p.bank_account_id)
    as on_file,
  coalesce(m.household_id, t.payee_id) as household,
  nullif(trim({_PLAIN.format(name="m.last_name")}), '') as surname,
  contains({_PLAIN.format(name="a.holder_name")}, {_PLAIN.format(name="m.last_name")}) as is_like
from (select distinct payee_type, payee_id, account_id from payments) t
left join members m on t.payee_type = 'member' and t.payee_id = m.person_id
left join providers p on t.payee_type = 'provider' and t.payee_id = p.provider_id
left join accounts a on t.account_id = a.account_id;
"""


def _merged(start: date, end: date) -> str:
    counts = ", ".join(
        f"nullif(count(*) filter (part = '{part}'), 0) as {name}"
        for name, part in (
            ("benefit_types", "benefit"),
            ("households", "household"),
            ("surnames", "surname"),
        )
    )
    tables = ("persons", "keys", "day_facts", "dormancies", "month_facts", "steps")
    joins = " ".join(f"left join {table} using (subject_id)" for table in tables)
    return f"""{PAID.merged}{PERSONS.merged}{SHARED}{day_series(start, end)}
create temp table keys as
select subject_id, {counts}, count(*) filter (part = 'provider') as providers,
  count(*) filter (part = 'changer') as changers,
  min(key) filter (part = 'opened')::date as opened,
  max(cents) filter (part = 'benefit') / nullif(sum(cents) filter (part = 'benefit'), 0)::double
    as top_benefit_share,
  max(cents) filter (part = 'clerk') as top_clerk_cents,
  max(lines) filter (part = 'clerk') as top_clerk_payments,
  sum(lines) filter (part = 'clerk') as entered_payments
from parts group by subject_id;
create temp table facts as
select *, case when opened is not null then greatest(0, first_day - opened) end as account_age,
  case when opened is not null then new_cents end as dated_new_cents,
  case when benefit_payments = 0 then 'claims' when benefit_payments = payments then 'benefits'
    else 'both' end as receives
from totals {joins};
"""


def account_profiles(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> DataFrame:
    """One row an account that was paid in the period.

    Returns:
        ``account_id``, what peers are made of (``holder_type``, and ``receives``: claims, benefits
        or both), then the features of :data:`ACCOUNT_FEATURES`.
    """
    program = BucketProgram(TABLES, sql(*_statements(start, end)), SCHEMA)
    chosen = ", ".join(feature.expression for feature in ACCOUNT_FEATURES)
    schema = ", ".join(f"{f.name} {f.type}" for f in ACCOUNT_FEATURES)
    merged = merge(
        run_in_buckets(spark, snapshot, program),
        (_merged(start, end),),
        f"select subject_id, receives, {chosen} from facts",
        f"subject_id string, receives string, {schema}",
    )
    holders = spark.createDataFrame([], "subject_id string, holder_type string")
    if snapshot.has("accounts"):
        accounts = snapshot.lake.read(spark, "accounts", snapshot.versions["accounts"])
        holders = accounts.select(F.col("account_id").alias("subject_id"), "holder_type")
    features = [F.col(feature.name) for feature in ACCOUNT_FEATURES]
    return merged.join(holders, "subject_id", how="left").select(
        F.col("subject_id").alias("account_id"), "holder_type", "receives", *features
    )
