"""The weights of fusion, estimated anew from decisions and drawn towards the judgement of before.

The score of a case is a sum of points, so what was decided on cases is a logistic regression on
their points: ``logit P(substantiated) = prior + shift + sum of w(d) · points(d)``. The judgement
says that every weight is 1. Each weight is therefore estimated as ``1 + family + own``, with normal
priors around 0 on both parts: a detector with few decisions keeps near its family, a family with
few keeps near 1, and with none at all nothing moves (maximum a posteriori; logistic regression with
informative normal priors: Genkin, Lewis and Madigan 2007, Technometrics 49:291-304; the scale of
the priors in the manner of Gelman et al. 2008, Annals of Applied Statistics 2:1360-1383).

Cases are decided because of their rank, that is, of their points and money. Given the points the
regression is not biased by that choice; what it cannot know is a kind of evidence that no decided
case had, and there the prior stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

Numbers = npt.NDArray[np.float64]

FEWEST_DECIDED = 30
FEWEST_OF_EACH = 5
FAMILY_SPREAD = 0.5
OWN_SPREAD = 0.35
SHIFT_SPREAD = 2.5
LEAST, MOST = 0.1, 3.0
TIGHT = {"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-10}


@dataclass(frozen=True)
class Weights:
    """Factors on the points of families and detectors; 1 where nothing was learned.

    Args:
        families: by family.
        detectors: by detector, on top of its family's.
        shift: what decided cases have more of log-odds than prior and points say; it is not used
            to rank (it moves all cases alike) but tells how far the prior is from what was found.
        decided: number of labelled cases; 0 where there were too few to learn from.
    """

    families: Mapping[str, float] = field(default_factory=dict)
    detectors: Mapping[str, float] = field(default_factory=dict)
    shift: float = 0.0
    decided: int = 0


def learn_weights(points: pd.DataFrame, labels: pd.DataFrame, prior_points: float) -> Weights:
    """Weights from labelled cases, at nine decimals.

    Args:
        points: case_id, detector and points, as fusion gives them at a weight of 1; a detector's
            points on a case are summed.
        labels: case_id and success (1 or 0).
        prior_points: log-odds of the prior.
    """
    success = labels.set_index("case_id")["success"].sort_index()
    if len(success) < FEWEST_DECIDED or min(success.sum(), (1 - success).sum()) < FEWEST_OF_EACH:
        return Weights()
    wide = (
        points[points["case_id"].isin(success.index)]
        .pivot_table(index="case_id", columns="detector", values="points", aggfunc="sum")
        .reindex(success.index)
        .fillna(0.0)
        .sort_index(axis=1)
    )
    wide = wide.loc[:, wide.sum() > 0]
    detectors = list(wide.columns)
    families = sorted({name.split(".")[0] for name in detectors})
    member = np.array([[name.split(".")[0] == f for f in families] for name in detectors], float)
    family, own, shift = _estimate(
        wide.to_numpy(float), member, success.to_numpy(float), prior_points
    )
    of_family = np.clip(1 + family, LEAST, MOST)
    whole = np.clip(1 + member @ family + own, LEAST, MOST)
    return Weights(
        {name: round(float(w), 9) for name, w in zip(families, of_family, strict=True)},
        {
            name: round(float(w / of_family[families.index(name.split(".")[0])]), 9)
            for name, w in zip(detectors, whole, strict=True)
        },
        round(float(shift), 9),
        len(success),
    )


def _estimate(
    points: Numbers, member: Numbers, success: Numbers, prior_points: float
) -> tuple[Numbers, Numbers, float]:
    """The mode of the posterior: family parts, own parts and shift; the problem is convex."""
    detectors, families = member.shape
    design = np.hstack([points @ member, points, np.ones((len(points), 1))])
    spread = np.array([FAMILY_SPREAD] * families + [OWN_SPREAD] * detectors + [SHIFT_SPREAD])
    offset = prior_points + points.sum(axis=1)

    def loss(parts: Numbers) -> tuple[float, Numbers]:
        logits = offset + design @ parts
        fit = np.sum(np.logaddexp(0, logits) - success * logits)
        gradient = design.T @ (expit(logits) - success) + parts / spread**2
        return float(fit + 0.5 * np.sum((parts / spread) ** 2)), gradient

    start = np.zeros(design.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=TIGHT)
    return found.x[:families], found.x[families:-1], float(found.x[-1])
