"""Record linkage on public labelled sets: pairwise and B-cubed precision and recall.

    .venv/bin/python -m benchmarks.linkage --data ../shared/data/linkage

Through the code that a run uses. The clusters of the truth are parted by the hash of their name:
the mean weight at which groups merge is chosen on the records of the smaller part, and what counts
is the rest, linked on its own. Pairs are judged as they are scored (links) and as clusters close
them. Comparisons and blocks were drawn up with the whole historical set in view, ``fake_1000`` was
looked at only when they stood.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import typer
from sklearn.metrics.cluster import contingency_matrix, pair_confusion_matrix

from features.linkage import MANY_DOUBLES, Clustering, LinkageSettings, clusters, link_records
from features.linkage.records import records_sql

# Asked of the smaller part: the more records a register has, the more strangers are alike in it.
LEAST_PRECISION = 0.995
MEANS = tuple(np.arange(-3.0, 3.01, 0.25).tolist())


@dataclass(frozen=True)
class LabelledSet:
    """A set of records with the truth in its column ``cluster``."""

    file: str
    record_id: str
    columns: Mapping[str, str]


SETS = {
    "historical_figures": LabelledSet(
        "historical_figures_with_errors_50k.parquet",
        "unique_id",
        {
            "given_name": "first_name",
            "family_name": "surname",
            "sex": "gender",
            "birth_date": "dob",
            "postal_code": "postcode_fake",
            "place": "birth_place",
            "occupation": "occupation",
        },
    ),
    "fake_1000": LabelledSet(
        "fake_1000.csv",
        "unique_id",
        {
            "given_name": "first_name",
            "family_name": "surname",
            "birth_date": "dob",
            "place": "city",
            "email": "email",
        },
    ),
}


@dataclass(frozen=True)
class Quality:
    """Precision and recall over pairs of records, and B-cubed over records (Bagga & Baldwin)."""

    precision: float
    recall: float
    b_precision: float = float("nan")
    b_recall: float = float("nan")

    @staticmethod
    def f1(precision: float, recall: float) -> float:
        """The harmonic mean."""
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def row(self) -> str:
        """As a row of a Markdown table."""
        shown = [self.precision, self.recall, self.f1(self.precision, self.recall)]
        shown += [self.b_precision, self.b_recall, self.f1(self.b_precision, self.b_recall)]
        return " | ".join("" if np.isnan(value) else f"{value:.4f}" for value in shown)


def labelled(folder: Path, name: str) -> tuple[pa.Table, pd.Series]:
    """Linkage records of a set, and the true cluster by record id."""
    of = SETS[name]
    with duckdb.connect() as connection:
        source = f"'{folder / of.file}'"
        records = connection.sql(records_sql(source, of.record_id, of.columns)).to_arrow_table()
        truth = connection.execute(
            f"select cast({of.record_id} as varchar) as id, cast(cluster as varchar) as cluster, "
            f"from {source}"
        ).df()
    return records, truth.set_index("id")["cluster"]


def in_part(clusters_of: pd.Series, share: float) -> pd.Series:
    """Whether each record belongs to the part on which a threshold is chosen."""
    hashed = pd.util.hash_array(clusters_of.to_numpy(dtype=object))
    return pd.Series(hashed % 1000 < share * 1000, index=clusters_of.index)


def quality_of_links(links: pd.DataFrame, truth: pd.Series) -> Quality:
    """Links as they are scored, against all pairs of the truth."""
    same = truth.loc[links["a"]].to_numpy() == truth.loc[links["b"]].to_numpy()
    sizes = truth.value_counts().to_numpy()
    return Quality(float(same.mean()), float(same.sum() / (sizes * (sizes - 1) / 2).sum()))


def quality_of_clusters(links: pd.DataFrame, truth: pd.Series, how: Clustering) -> Quality:
    """Clusters against the truth; records without a link are alone."""
    found = clusters(links, how).set_index("record_id")["cluster_id"]
    named = found.reindex(truth.index)
    labels = named.where(named.notna(), pd.Series(truth.index, truth.index))
    (_, false_pairs), (missed, right) = pair_confusion_matrix(truth, labels)
    table = contingency_matrix(truth, labels, sparse=True).tocoo()
    together = table.data.astype(np.float64)
    of_true, of_found = np.asarray(table.sum(axis=1)).ravel(), np.asarray(table.sum(axis=0)).ravel()
    return Quality(
        right / (right + false_pairs),
        right / (right + missed),
        float((together**2 / of_found[table.col]).sum() / len(truth)),
        float((together**2 / of_true[table.row]).sum() / len(truth)),
    )


def linked(
    records: pa.Table, truth: pd.Series, chosen: pd.Series, settings: LinkageSettings
) -> tuple[pd.DataFrame, pd.Series, float]:
    """Links among some of the records, their truth, and the seconds it took."""
    wanted = set(truth.index[chosen])
    mask = pa.array([record in wanted for record in records.column("record_id").to_pylist()])
    began = time.perf_counter()
    links = link_records(records.filter(mask), settings).to_pandas()
    return links, truth[chosen], time.perf_counter() - began


def tuned(links: pd.DataFrame, truth: pd.Series) -> Clustering:
    """The clustering of highest recall at the precision wanted, on the part for choosing."""
    tried = [
        (quality_of_clusters(links, truth, how), how)
        for how in (replace(Clustering(), least_mean=mean) for mean in MEANS)
    ]
    good = [pair for pair in tried if pair[0].precision >= LEAST_PRECISION] or tried[-1:]
    return max(good, key=lambda pair: pair[0].recall)[1]


def report(folder: Path, name: str, share: float, settings: LinkageSettings) -> None:
    """Measure one set and print its rows."""
    records, truth = labelled(folder, name)
    part = in_part(truth, share)
    how = Clustering()
    for label, chosen in (("tuning part", part), ("the rest", ~part), ("all", part | True)):
        links, known, seconds = linked(records, truth, chosen, settings)
        if label == "tuning part":
            how = tuned(links, known)
            print(f"{name}: groups merge at a mean weight of {how.least_mean}")
        scored = quality_of_links(links[links["match_weight"] >= 2.0], known)
        print(f"| {name}, {label} ({len(known):,}) | links | {scored.row()} | {seconds:.0f} s |")
        for judged, chosen_how in (("clusters", how), ("clusters as shipped", Clustering())):
            closed = quality_of_clusters(links, known, chosen_how)
            print(f"| {name}, {label} ({len(known):,}) | {judged} | {closed.row()} | |", flush=True)


def main(
    data: Annotated[Path, typer.Option(help="folder of the labelled sets")],
    share: Annotated[float, typer.Option(help="share of true clusters to choose on")] = 0.3,
    only: Annotated[str | None, typer.Option(help="one set")] = None,
) -> None:
    """Print the table."""
    print("| records | judged | precision | recall | F1 | B³ precision | B³ recall | B³ F1 | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in [only] if only else SETS:
        report(data, name, share, MANY_DOUBLES)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(main)
    app()
