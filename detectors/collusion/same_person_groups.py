"""Pairs of records that seem one person, closed to groups with the sentence that explains them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from detectors.collusion.rings import Ring
from features.linkage import Clustering, clusters
from features.linkage.subjects import Subject


def groups_of(pairs: pd.DataFrame, subject: Subject, clustering: Clustering) -> list[Ring]:
    """Pairs closed to persons, each with the links that hold it, strongest first.

    Args:
        pairs: columns of ``features.linkage.LINK_DDL``.
    """
    if not len(pairs):
        return []
    found = clusters(pairs, clustering)
    cluster = found.set_index("record_id")["cluster_id"]
    held = pairs.assign(of=cluster.reindex(pairs["a"]).to_numpy())
    held = held[held["of"] == cluster.reindex(pairs["b"]).to_numpy()]
    held = held.sort_values(["match_weight", "a", "b"], ascending=[False, True, True])
    records = found.groupby("cluster_id")["record_id"].apply(sorted)
    return [
        _ring(
            subject,
            records[of],
            [dict(zip(links.columns, row, strict=True)) for row in links.itertuples(index=False)],
        )
        for of, links in held.groupby("of", sort=True)
    ]


def _ring(subject: Subject, ids: list[str], links: list[dict[str, Any]]) -> Ring:
    best = links[0]
    what = "person registered" if subject == "member" else "enterprise enrolled"
    return Ring(
        subjects=tuple((subject, identifier, "record") for identifier in ids),
        score=best["match_probability"],
        share=1.0,
        reason=(
            f"{' and '.join(ids)} seem one {what} {len(ids)} times: "
            f"{best['explanation']} (match weight {best['match_weight']:.1f})"
        ),
        innocent=(
            "twins of much alike names, homonyms of one birth date, records that await a "
            "merge, or a practice sold in good faith"
        ),
        details={
            "rule": "records that linkage takes for one person",
            "observed": round(best["match_weight"], 1),
            "links": [
                {
                    "a": link["a"],
                    "b": link["b"],
                    "match_weight": link["match_weight"],
                    "explanation": link["explanation"],
                    "start_date": None if pd.isna(link["start_date"]) else str(link["start_date"]),
                }
                for link in links
            ],
        },
    )
