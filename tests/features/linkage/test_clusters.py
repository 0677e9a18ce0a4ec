"""Links close to persons, and chains of strangers do not."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.linkage import Clustering, clusters


def frame(links: list[tuple[str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(links, columns=["a", "b", "match_weight"])


def persons(links: list[tuple[str, str, float]], how: Clustering | None = None) -> set[str]:
    found = clusters(frame(links), how)
    return {"".join(sorted(group)) for _, group in found.groupby("cluster_id")["record_id"]}


def test_one_missing_link_is_closed() -> None:
    assert persons([("a", "b", 12.0), ("b", "c", 12.0)]) == {"abc"}


def test_a_chain_is_cut_where_few_links_hold_it() -> None:
    left = [(a, b, 12.0) for a, b in combinations("abcd", 2)]
    right = [(a, b, 12.0) for a, b in combinations("wxyz", 2)]

    assert persons([*left, *right, ("d", "w", 5.0)]) == {"abcd", "wxyz"}


def test_one_strong_pair_does_not_buy_a_group_in() -> None:
    left = [(a, b, 12.0) for a, b in combinations("abcd", 2)]
    right = [(a, b, 12.0) for a, b in combinations("wxyz", 2)]

    assert persons([*left, *right, ("d", "w", 500.0)]) == {"abcd", "wxyz"}


def test_what_is_too_large_is_cut_at_its_weak_links() -> None:
    chain = [(f"{n:03d}", f"{n + 1:03d}", 1.0 if n % 3 == 2 else 9.0) for n in range(299)]

    found = clusters(frame(chain), Clustering(most_records=10))

    assert found.groupby("cluster_id").size().tolist() == [3] * 100
    assert found["cluster_id"].tolist() == [f"{n - n % 3:03d}" for n in range(300)]


def test_no_links_make_no_clusters() -> None:
    assert clusters(frame([])).empty


WEIGHTS = st.dictionaries(
    st.sampled_from(list(combinations("abcdefgh", 2))), st.floats(0, 20), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(WEIGHTS)
def test_any_order_gives_the_same_clusters_of_records_that_hang_together(
    weights: dict[tuple[str, str], float],
) -> None:
    links = [(a, b, round(weight, 3)) for (a, b), weight in weights.items()]

    found = clusters(frame(links))
    again = clusters(frame([(b, a, weight) for a, b, weight in reversed(links)]))

    assert found.equals(again)
    assert sorted(found["record_id"]) == sorted({end for a, b, _ in links for end in (a, b)})
    least = found.groupby("cluster_id")["record_id"].min()
    assert least.index.tolist() == least.tolist()
