"""The named settings of record linkage: what a run of it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.linkage.comparisons import PERSON, Comparison

# Pairs are compared only where they agree on all columns of one of these. Rules whose columns have
# no value are left out, and so are those that would make too many pairs (``pairs_a_record``).
BLOCKS: tuple[tuple[str, ...], ...] = (
    ("official_id",),
    ("email",),
    ("account",),
    ("phone",),
    ("address",),
    ("family_name", "given_name"),
    ("family_name", "birth_date"),
    ("family_name", "postal_code"),
    ("family_name", "place"),
    ("given_name", "birth_date"),
    ("given_name", "postal_code"),
    ("birth_date", "postal_code"),
    ("birth_date", "place"),
    ("given_name", "place"),
    ("postal_code",),
    ("birth_date",),
    ("family_start", "birth_year"),
    ("family_start", "place"),
    ("family_start", "postal_area"),
    ("given_start", "postal_area"),
    ("birth_year", "postal_area"),
    ("birth_year", "place"),
    ("occupation", "place"),
    ("family_name",),
)
# Where ``m`` is estimated: in the pairs of each block, for the comparisons it does not rest on.
LEARNING: tuple[tuple[str, ...], ...] = (
    ("birth_date",),
    ("family_name", "given_name"),
    ("postal_code",),
    ("email",),
)
# Pairs that agree so far are taken for one person when the share of such pairs is estimated …
CERTAIN: tuple[tuple[str, ...], ...] = (
    ("family_name", "given_name", "birth_date"),
    ("family_name", "birth_date", "postal_code"),
    ("given_name", "family_name", "postal_code"),
    ("email",),
)
# … and this part of the pairs of one person is expected among them.
CERTAIN_RECALL = 0.4


@dataclass(frozen=True)
class LinkageSettings:
    """What a linkage rests on; equal settings and records give equal links.

    Args:
        comparisons: what is compared.
        blocks: columns on which a pair must agree to be compared at all, one tuple suffices.
        estimation: ``learned``: ``m`` by expectation maximisation without labels, for registers in
            which many records have a double; ``declared``: as the comparisons say, for registers
            in which few have one (families would be learned as one person).
        doubles: declared share of records that have a double; ``learned`` settings take it where
            no pair agrees as ``CERTAIN`` asks.
        seed: of the sample of pairs from which ``u`` is estimated.
        sampled_pairs: size of that sample; a level that none of them is in has u = 1 / size.
        pairs_a_record: a block that makes more pairs than this a record is left out.
        least_weight: match weight (log2 odds) from which a pair is a link.
        duckdb_records: up to this number of records one DuckDB on the driver links them, above it
            Spark does.
    """

    comparisons: tuple[Comparison, ...] = PERSON
    blocks: tuple[tuple[str, ...], ...] = BLOCKS
    estimation: Literal["learned", "declared"] = "declared"
    doubles: float = 0.01
    seed: int = 1
    sampled_pairs: int = 200_000
    pairs_a_record: float = 10.0
    least_weight: float = 0.0
    duckdb_records: int = 2_000_000


REGISTER = LinkageSettings()
MANY_DOUBLES = LinkageSettings(estimation="learned", sampled_pairs=2_000_000, pairs_a_record=50.0)
