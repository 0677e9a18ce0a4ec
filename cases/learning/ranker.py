"""An order learned from decisions, and an honest comparison with the order of fusion.

Gradient-boosted trees (Friedman 2001, Annals of Statistics 29:1189-1232; scikit-learn's histogram
version, which takes missing values) on findings and profiles. It is fitted anew from the decisions
at each run, seeded, and never kept in a file. Whether it is any good is settled on later decisions
than those it learned from, as it would be in use; it is used only where it came out ahead there and
a person has switched it on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_limits

from cases.learning.features import INDEX

Numbers = npt.NDArray[np.float64]

FEWEST_DECIDED = 300
FEWEST_OF_EACH = 50
LATER_SHARE = 0.3
DRAWS = 500
SURE = 0.95


@dataclass(frozen=True)
class Verdict:
    """How the learned order compares with fusion's on the later decisions.

    Args:
        trained, tested: labelled cases learned from, and later ones judged on.
        learned, fused: average precision of either order over the later cases.
        ahead: share of bootstrap draws of the later cases in which the learned order is ahead.
        why: why nothing was trained.
    """

    trained: int = 0
    tested: int = 0
    learned: float = 0.0
    fused: float = 0.0
    ahead: float = 0.0
    why: str = ""

    @property
    def wins(self) -> bool:
        """Whether the learned order is ahead, and not by chance."""
        return self.learned > self.fused and self.ahead >= SURE

    @property
    def sentence(self) -> str:
        """The comparison in words."""
        if self.why:
            return f"No order was learned: {self.why}."
        told = "is ahead of" if self.wins else "is not surely ahead of"
        return (
            f"The learned order {told} fusion's on {self.tested:,} later decisions: average "
            f"precision {self.learned:.3f} against {self.fused:.3f}, ahead in {self.ahead:.0%} of "
            f"{DRAWS} bootstrap draws (learned from {self.trained:,} earlier ones)."
        )


def fit(features: pd.DataFrame, labels: pd.DataFrame, seed: int) -> HistGradientBoostingClassifier:
    """The model of these labelled cases, on the features that differ among them.

    Args:
        features: what :func:`cases.learning.features.case_features` gives, of the cases' runs.
        labels: run_id, case_id and success.
    """
    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=8,
        min_samples_leaf=15,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    # Decisions are some thousands: on a busy machine threads wait for each other longer than one
    # takes alone.
    with threadpool_limits(1, user_api="openmp"):
        return model.fit(_telling(features, labels), labels["success"].to_numpy(int))


def predict(model: HistGradientBoostingClassifier, features: pd.DataFrame) -> Numbers:
    """The probability that each case is substantiated, at nine decimals."""
    known = features.reindex(columns=model.feature_names_in_)
    with threadpool_limits(1, user_api="openmp"):
        chances = model.predict_proba(known)[:, 1]
    return np.round(np.asarray(chances, float), 9)


def compare(features: pd.DataFrame, labels: pd.DataFrame, seed: int) -> Verdict:
    """Learn from the earlier decisions and judge on the later ones, beside fusion's suspicion.

    Args:
        labels: in order of decision, with run_id, case_id, success and suspicion.
    """
    fewest = int(min(labels["success"].sum(), (1 - labels["success"]).sum())) if len(labels) else 0
    if len(labels) < FEWEST_DECIDED or fewest < FEWEST_OF_EACH:
        return Verdict(
            why=f"{len(labels):,} cases are decided, {FEWEST_DECIDED} with {FEWEST_OF_EACH} of "
            "each outcome are needed"
        )
    cut = len(labels) - int(LATER_SHARE * len(labels))
    earlier, later = labels.iloc[:cut], labels.iloc[cut:]
    truth = later["success"].to_numpy(int)
    if min(earlier["success"].nunique(), later["success"].nunique()) < 2:
        return Verdict(why="earlier or later decisions are all alike")
    if _telling(features, earlier).empty:
        return Verdict(why="no feature differs among the earlier cases")
    learned = predict(fit(features, earlier, seed), _of(features, later))
    fused = later["suspicion"].to_numpy(float)
    return Verdict(
        len(earlier),
        len(later),
        round(float(average_precision_score(truth, learned)), 9),
        round(float(average_precision_score(truth, fused)), 9),
        _ahead(truth, learned, fused, seed),
    )


def _ahead(truth: npt.NDArray[np.int_], learned: Numbers, fused: Numbers, seed: int) -> float:
    draw = np.random.default_rng(seed)
    wins = 0
    for _ in range(DRAWS):
        some = draw.integers(0, len(truth), len(truth))
        if truth[some].any():
            wins += average_precision_score(truth[some], learned[some]) > average_precision_score(
                truth[some], fused[some]
            )
    return wins / DRAWS


def _telling(features: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Without columns of one value or none, of which no cut can be made."""
    known = _of(features, labels)
    return known.loc[:, known.nunique() > 1]


def _of(features: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    return features.reindex(pd.MultiIndex.from_frame(labels[INDEX]))
