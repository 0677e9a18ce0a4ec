"""Claim profiles: one row a claim, made in the member buckets and never stored, as claims are many.

A first pass over the buckets counts codes, diagnoses and prices by trade (specialty and claim
type); that small table goes along with the program that describes each claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import (
    CODE_COLUMNS,
    EDITIONS,
    LEVELS,
    LINE_COLUMNS,
    LINES,
    PLACES,
    day,
)
from features.claim_features import CLAIM_FEATURES, LEAST_PRICES
from features.peers import UNKNOWN_WORK, Ladder

TABLES: dict[str, tuple[str, ...]] = {
    "claim_lines": (*LINE_COLUMNS, "submitted_date"),
    "members": ("person_id", "postal_code", "latitude", "longitude"),
    "providers": ("provider_id", "specialty", "postal_code", "latitude", "longitude"),
    **CODE_COLUMNS,
}
SHARES = 1_000_000

# Logarithms are summed in thousandths, so that the sum does not depend on the order of buckets.
USUAL_DDL = (
    "part string, trade string, claim_type string, code string, lines bigint, priced bigint,"
    " log_price bigint, units bigint"
)
USUAL = """
with told as (
  select claim_type, coalesce(p.specialty, '') || '|' || claim_type as trade,
    coalesce(procedure_code, drug_code) as code, diagnosis_code_1, paid_amount,
    case when service_unit_quantity > 0 then service_unit_quantity else 1 end as units,
    data_source, claim_id
  from claim_lines l left join providers p on l.billing_provider_id = p.provider_id
)
select 'code' as part, trade, claim_type, code, count(*) as lines,
  count(*) filter (paid_amount > 0) as priced,
  coalesce(sum(round(1000 * ln((100 * paid_amount / units)::double)))
    filter (paid_amount > 0), 0)::bigint as log_price,
  sum(round(1000 * units))::bigint as units
from told where code is not null group by all
union all
select 'diagnosis', trade, claim_type, diagnosis_code_1, count(*), 0, 0, 0
from told where diagnosis_code_1 is not null group by all
union all
select 'claims', '', '', '', count(*), 0, 0, 0
from (select distinct data_source, claim_id from told)
"""

RARITIES = f"""
create temp table rarities as
select part, trade, code,
  -log2(sum(lines) / sum(sum(lines)) over (partition by part, trade)::double) as rarity
from usual where part <> 'claims' group by part, trade, code;
create temp table prices as
select claim_type, code, exp(sum(log_price) / 1000.0 / sum(priced)) as unit_cents,
  sum(units) / 1000.0 / sum(lines) as usual_units
from usual where part = 'code' group by claim_type, code having sum(priced) >= {LEAST_PRICES};
"""

FACTS = """
create temp table told as
select l.*, p.specialty, c.rarity as code_rarity, d.rarity as diagnosis_rarity,
  u.unit_cents, u.usual_units
from lines l left join providers p on l.billing_provider_id = p.provider_id
left join rarities c on c.part = 'code'
  and c.trade = coalesce(p.specialty, '') || '|' || l.claim_type
  and c.code = coalesce(l.procedure_code, l.drug_code)
left join rarities d on d.part = 'diagnosis'
  and d.trade = coalesce(p.specialty, '') || '|' || l.claim_type and d.code = l.diagnosis_code_1
left join prices u on u.claim_type = l.claim_type
  and u.code = coalesce(l.procedure_code, l.drug_code);
create temp table sums as
select coalesce(data_source, '') || '|' || claim_id as claim, min(person_id) as person_id,
  min(billing_provider_id) as provider_id, min(specialty) as specialty,
  min(claim_type) as claim_type, count(*) as lines, sum(cents) as paid_cents,
  sum(cents) filter (unit_cents is not null and units > 0) as priced_cents,
  sum(unit_cents * units order by claim_line_number, unit_cents, units)
    filter (unit_cents is not null and units > 0) as usual_cents,
  sum(units) filter (usual_units is not null)::double as coded_units,
  sum(usual_units order by claim_line_number, usual_units) as usual_units,
  max(code_rarity) as code_rarity, max(diagnosis_rarity) as diagnosis_rarity,
  min(claim_line_start_date) as first_day,
  max(coalesce(claim_line_end_date, claim_line_start_date)) as last_day,
  max(submitted_date) - last_day as submission_days, last_day - first_day + 1 as span_days,
  count(distinct claim_line_start_date) as days,
  sum(asked) filter (charge_amount is not null) as charged_cents,
  sum(cents) filter (charge_amount is not null) as charged_paid_cents,
  sum(minutes) as minutes, sum(days_supply) as supply_days, count(days_supply) as supplied,
  count(*) filter (isodow(claim_line_start_date) >= 6) as weekend,
  count(*) filter (is_holiday) as holiday, count(service_start_time) as timed,
  count(*) filter (hour(service_start_time) >= 22 or hour(service_start_time) < 6) as night,
  count(procedure_modifier_1) as modified, count(card_present) as carded,
  count(*) filter (not card_present) as no_card,
  count(*) filter (asked > 0 and asked % 1000 = 0) as round
from told group by data_source, claim_id;
create temp table facts as
select s.*, metres_between(m.lat, m.lon, p.lat, p.lon) as metres,
  count(*) over (partition by s.person_id, s.provider_id, first_day) as claims_same_day,
  first_day - lag(first_day) over (partition by s.person_id, s.provider_id
    order by first_day, claim) as days_since_last
from sums s left join member_places m on s.person_id = m.person_id
left join provider_places p on s.provider_id = p.provider_id;
"""

COLUMNS = ", ".join(f"{feature.name} {feature.type}" for feature in CLAIM_FEATURES)
CLAIM_DDL = f"claim string, specialty string, claim_type string, {COLUMNS}"


def _groups(frame: pd.DataFrame) -> pd.DataFrame:
    own = frame[["specialty", "claim_type"]]
    return own.assign(
        specialty=own["specialty"].fillna(f"{UNKNOWN_WORK} of " + own["claim_type"].astype(str))
    )


CLAIM_LADDER = Ladder((("specialty", "claim_type"), ("claim_type",), ()), _groups, narrow=0)
"""Claims are compared within specialty and type; where those are few, within the type."""


@dataclass(frozen=True)
class ClaimProfiles:
    """The claims of a period, described on demand.

    Args:
        usual: counts of codes, diagnoses and prices, rows of :data:`USUAL_DDL`.
        claims: number of claims of the period.
    """

    start: date
    end: date
    usual: pa.Table
    claims: int

    @staticmethod
    def of(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> ClaimProfiles:
        """Count what is usual in the period: one narrow pass over the buckets."""
        columns = (
            "data_source",
            "claim_id",
            "claim_type",
            "billing_provider_id",
            "claim_line_start_date",
            "procedure_code",
            "drug_code",
            "diagnosis_code_1",
            "service_unit_quantity",
            "paid_amount",
        )
        program = BucketProgram(
            {"claim_lines": columns, "providers": ("provider_id", "specialty")},
            sql(_within(start, end), USUAL),
            USUAL_DDL,
        )
        keys = ("part", "trade", "claim_type", "code")
        sums = [F.sum(c).alias(c) for c in ("lines", "priced", "log_price", "units")]
        counted = run_in_buckets(spark, snapshot, program).groupBy(*keys).agg(*sums).toArrow()
        counted = counted.sort_by([(key, "ascending") for key in keys])
        of_claims = counted.filter(pc.equal(counted["part"], "claims"))
        return ClaimProfiles(start, end, counted, sum(of_claims["lines"].to_pylist()))

    def program(self, seed: int = 0, most: int | None = None) -> BucketProgram:
        """What describes each claim in its bucket: columns of :data:`CLAIM_DDL`.

        Args:
            most: about as many claims as are wanted, chosen by the seeded MD5 of their ids; none
                means all.
        """
        kept = "true"
        if most is not None and self.claims > most:
            place = f"md5_number_lower('{int(seed)}|' || claim) % {SHARES}"
            kept = f"{place} < {SHARES * most // self.claims}"
        chosen = ", ".join(feature.expression for feature in CLAIM_FEATURES)
        query = f"select claim, specialty, claim_type, {chosen} from facts where {kept}"
        statements = (
            _within(self.start, self.end),
            LEVELS,
            EDITIONS,
            LINES,
            PLACES,
            RARITIES,
            FACTS,
            query,
        )
        return BucketProgram(TABLES, sql(*statements), CLAIM_DDL, frames={"usual": self.usual})


def _within(start: date, end: date) -> str:
    within = f"between {day(start)} and {day(end)}"
    return f"delete from claim_lines where claim_line_start_date not {within}"
