"""From a score to a probability: judgement until decisions calibrate it, and said to be so.

With some hundred labelled cases a line on the log-odds is fitted (Platt 1999, "Probabilistic
outputs for support vector machines", with his smoothed targets against overconfidence at the ends);
with a thousand or more, a monotone step function (isotonic regression: Zadrozny and Elkan 2002,
KDD), which assumes no shape but overfits fewer (Niculescu-Mizil and Caruana 2005, ICML).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from cases.learning.precision import interval

Numbers = npt.NDArray[np.float64]
Method = Literal["judgement", "platt", "isotonic"]

FEWEST_FOR_LINE = 100
FEWEST_FOR_STEPS = 1000
FEWEST_OF_EACH = 20
BINS = 10


@dataclass(frozen=True)
class Calibration:
    """How a score becomes a suspicion.

    Args:
        method: ``judgement`` is the logistic of the score as it stands.
        decided: labelled cases it was fitted on.
        slope, intercept: of the line on log-odds (``platt``).
        knots: score and probability, between which probabilities are interpolated (``isotonic``).
        why: why it is still judgement.
    """

    method: Method = "judgement"
    decided: int = 0
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()
    why: str = ""

    @property
    def sentence(self) -> str:
        """What a reader must know of the suspicion of these cases."""
        if self.method == "judgement":
            return f"Suspicion is a judgement: {self.why or 'no decision was read'}."
        return f"Suspicion is calibrated on {self.decided:,} decided cases ({self.method})."

    def probability(self, scores: Numbers) -> Numbers:
        """Suspicion by score, at nine decimals."""
        if self.method == "isotonic":
            at, value = np.array(self.knots).T
            return np.asarray(np.round(np.interp(scores, at, value), 9), float)
        return np.asarray(np.round(expit(self.slope * scores + self.intercept), 9), float)

    def column(self, score: Column) -> Column:
        """The same over a Spark column."""
        if self.method != "isotonic":
            line = F.lit(self.slope) * score + F.lit(self.intercept)
            return F.round(1 / (1 + F.exp(-line)), 9)
        (at, value), *rest = self.knots
        told = F.when(score <= at, F.lit(value))
        for to, reached in rest:
            step = F.lit(value) + (score - at) * F.lit((reached - value) / (to - at))
            told = told.when(score <= to, step)
            at, value = to, reached
        return F.round(told.otherwise(F.lit(value)), 9)


def calibrate(scores: Numbers, success: Numbers) -> Calibration:
    """The calibration that the number of labelled cases allows.

    Args:
        scores: of labelled cases; ``success``: 1 where substantiated, else 0.
    """
    decided = len(success)
    fewest = int(min(success.sum(), (1 - success).sum())) if decided else 0
    if decided < FEWEST_FOR_LINE or fewest < FEWEST_OF_EACH:
        why = (
            f"{decided:,} cases are decided, {FEWEST_FOR_LINE} with {FEWEST_OF_EACH} of each "
            "outcome are needed"
        )
        return Calibration(decided=decided, why=why)
    if decided >= FEWEST_FOR_STEPS:
        return Calibration("isotonic", decided, knots=_knots(scores, success))
    slope, intercept = _line(scores, success)
    if slope <= 0:
        return Calibration(decided=decided, why="decisions so far do not follow the score")
    return Calibration("platt", decided, round(slope, 9), round(intercept, 9))


def _line(scores: Numbers, success: Numbers) -> tuple[float, float]:
    """Platt's fit: targets (n1 + 1)/(n1 + 2) and 1/(n0 + 2) in place of 1 and 0."""
    ones = success.sum()
    zeros = len(success) - ones
    target = np.where(success == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))

    def loss(line: Numbers) -> tuple[float, Numbers]:
        logits = line[0] * scores + line[1]
        error = expit(logits) - target
        fit = np.sum(np.logaddexp(0, logits) - target * logits)
        return float(fit), np.array([np.sum(error * scores), np.sum(error)])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-9})
    return float(found.x[0]), float(found.x[1])


def _knots(scores: Numbers, success: Numbers) -> tuple[tuple[float, float], ...]:
    """The ends of isotonic steps, kept within (0, 1) as no number of cases makes certain."""
    edge = 1 / (len(scores) + 2)
    steps = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    steps.fit(scores, success)
    at, value = steps.X_thresholds_, steps.y_thresholds_
    return tuple((round(float(x), 9), round(float(y), 9)) for x, y in zip(at, value, strict=True))


def reliability_of(predicted: Numbers, success: Numbers, bins: int = BINS) -> pd.DataFrame:
    """What a reliability diagram draws: cases in bins of equal number, predicted against observed.

    Returns:
        low and high (of the predicted values), cases, predicted (mean), observed (share) and its
        95 % Jeffreys interval observed_low, observed_high.
    """
    order = np.argsort(predicted, kind="stable")
    rows = []
    for part in np.array_split(order, min(bins, len(order))) if len(order) else ():
        wins = int(success[part].sum())
        low, high = interval(wins, len(part))
        rows.append(
            {
                "low": float(predicted[part].min()),
                "high": float(predicted[part].max()),
                "cases": len(part),
                "predicted": round(float(predicted[part].mean()), 9),
                "observed": wins / len(part),
                "observed_low": low,
                "observed_high": high,
            }
        )
    names = ["low", "high", "cases", "predicted", "observed", "observed_low", "observed_high"]
    return pd.DataFrame(rows, columns=names)
