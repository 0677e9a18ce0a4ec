"""The forest detector's own code on public labelled sets, beside the figures published for PyOD.

    .venv/bin/python -m benchmarks.forest_anomaly --data ../shared/data/anomaly

Each set is a population of one peer group: its columns are features without a costly side. As in
the published table, 60 % of the rows fit and 40 % are scored, and the mean of ten splits counts.
``linear`` leaves columns as they are but for the robust centre and spread; ``scaled`` also takes
logarithms where a column is skewed. With ``--gaps`` a share of the cells is blanked, and nulls at
the median are set beside nulls with a column that tells their absence.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from scipy.io import loadmat
from scipy.stats import skew
from sklearn.metrics import average_precision_score, roc_auc_score

from detectors.forest.isolation import Matrix
from detectors.forest.kinds import Kind
from detectors.forest.model import Sample, Settings
from features.catalogue import Feature, Scale
from features.peers import Ladder

SKEWED = 2.0
SETTINGS = Settings(trees=100, sample=256, own=10**9)
EVERYONE = Ladder(((),), lambda frame: frame, narrow=0)


@dataclass(frozen=True)
class Labelled:
    """One set: rows, which of them are anomalies, and the published ROC-AUC and precision."""

    name: str
    rows: Matrix
    labels: Matrix
    roc: float


def published(folder: Path) -> dict[str, float]:
    """IForest's ROC-AUC by set."""
    with (folder / "published_roc.csv").open(encoding="utf-8") as lines:
        return {row["Data"]: float(row["IForest"]) for row in csv.DictReader(lines)}


def labelled(folder: Path, name: str) -> Labelled:
    """A set by name."""
    data = loadmat(folder / f"{name}.mat")
    rows = np.asarray(data["X"], dtype=np.float64)
    return Labelled(name, rows, data["y"].ravel(), published(folder)[name])


def scales(rows: Matrix, logarithms: bool) -> list[Scale]:
    """By column the scale on which it is compared."""
    if not logarithms:
        return ["linear"] * rows.shape[1]
    varied = np.nanstd(rows, axis=0) > 0
    skewed = skew(np.where(varied, rows, 0.0), axis=0, nan_policy="omit") > SKEWED
    return ["log" if log else "linear" for log in skewed & (np.nanmin(rows, axis=0) >= 0)]


def trial(found: Labelled, seed: int, of: Sequence[Scale], indicators: bool) -> tuple[float, float]:
    """ROC-AUC and average precision of one split, by the detector's sample, norms and forests."""
    features = tuple(
        Feature(f"x{place}", "", "", "", direction="both", scale=scale)
        for place, scale in enumerate(of)
    )
    names = [f.name for f in features]
    kind = Kind("claim", "row", features, EVERYONE, (), None, 1.0, ())
    order = np.random.default_rng(seed).permutation(len(found.rows))
    cut = int(0.6 * len(order))
    fit, test = (
        pd.DataFrame(found.rows[part], columns=names) for part in (order[:cut], order[cut:])
    )
    sample = Sample.of(fit, kind, SETTINGS.own)
    if not indicators:
        norms = replace(sample.norms, indicators=())
        shown = norms.matrix(norms.distances(fit, norms.peers(fit)["peer_group"]))
        sample = Sample(norms, shown, sample.members)
    scores = sample.forests(SETTINGS, seed).score(test)["anomaly"]
    labels = found.labels[order[cut:]]
    return roc_auc_score(labels, scores), average_precision_score(labels, scores)


def blanked(found: Labelled, gaps: float, telling: bool) -> Labelled:
    """The set with a share of its cells blank; where that tells, anomalies lack twice as many."""
    if not gaps:
        return found
    draw = np.random.default_rng(0).random(found.rows.shape)
    share = np.where(found.labels[:, None] > 0, 2 * gaps, gaps) if telling else gaps
    return replace(found, rows=np.where(draw < share, np.nan, found.rows))


def mean_of(found: Labelled, trials: int, logarithms: bool, indicators: bool) -> Matrix:
    """Mean ROC-AUC and average precision over the splits."""
    of = scales(found.rows, logarithms)
    return np.mean([trial(found, seed, of, indicators) for seed in range(trials)], axis=0)


def main(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False)],
    trials: Annotated[int, typer.Option(min=1)] = 10,
    gaps: Annotated[float, typer.Option(min=0.0, max=0.4)] = 0.0,
    telling: Annotated[bool, typer.Option(help="Anomalies lack twice as many cells.")] = False,
) -> None:
    """Print the table and its means."""
    if gaps:
        heads, ways = ("at the median", "with a column"), ((False, False), (False, True))
    else:
        heads, ways = ("linear", "scaled"), ((False, True), (True, True))
    print(f"| set | published | {heads[0]} | difference | {heads[1]} |")
    print("|---|---|---|---|---|")
    table = []
    for name, roc in published(data).items():
        found = blanked(labelled(data, name), gaps, telling)
        one, two = (mean_of(found, trials, *way) for way in ways)
        table.append((roc, one[0], one[0] - roc, two[0], one[1], two[1]))
        print(f"| {name} | {roc:.3f} | {one[0]:.3f} | {one[0] - roc:+.3f} | {two[0]:.3f} |")
    mean = np.mean(table, axis=0)
    print(f"| mean | {mean[0]:.4f} | {mean[1]:.4f} | {mean[2]:+.4f} | {mean[3]:.4f} |")
    print(f"average precision: {heads[0]} {mean[4]:.4f}, {heads[1]} {mean[5]:.4f}")


if __name__ == "__main__":
    typer.run(main)
