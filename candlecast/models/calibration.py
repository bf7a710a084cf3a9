"""How sure may the model sound? Log odds made honest on a slice later than training."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from candlecast.evaluation.metrics import wilson_interval
from candlecast.models.estimators import Array

MIN_CERTAINTY = 0.005
NEVER_CERTAIN = 0.5
_SLOPE_PRIOR, _INTERCEPT_PRIOR = 5.0, 50.0
_NEWTON_STEPS = 25


@dataclass(frozen=True, slots=True)
class Calibration:
    """P(up) = logistic(slope x log odds + intercept), and the certainty below which to abstain.

    Parameters
    ----------
    slope : float
        At least 0: an order that proved wrong is dropped, never turned round.
    intercept : float
        Log odds added.
    abstain_below : float
        Distance of P(up) from one half, 0 to 0.5; 0.5 abstains always.
    """

    slope: float
    intercept: float
    abstain_below: float

    @classmethod
    def fit(cls, margin: Array, direction: Array, *, overlap: int = 1) -> Self:
        """Fit on rows later than training (Platt 1999), held near slope 1 and intercept 0 when few.

        Parameters
        ----------
        margin : ndarray of shape (n,)
            Log odds from the estimator.
        direction : ndarray of shape (n,)
            1 up, 0 down.
        overlap : int
            Rows that share an outcome, the horizon: n rows then weigh as n / overlap.
        """
        slope, intercept = _maximise(margin, direction, overlap=overlap)
        plain = cls(slope, intercept, 0.0)
        return cls(slope, intercept, abstain_threshold(plain.p_up(margin), direction, overlap=overlap))

    def p_up(self, margin: Array) -> Array:
        """Return the calibrated probability of up, shape (n,)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.slope * margin + self.intercept))), dtype=np.float64)


def abstain_threshold(p_up: Array, direction: Array, *, overlap: int = 1) -> float:
    """Return the smallest certainty from which forecasts beat a coin.

    Parameters
    ----------
    p_up : ndarray of shape (n,)
        Calibrated probabilities of rows not trained on.
    direction : ndarray of shape (n,)
        1 up, 0 down.
    overlap : int
        Rows that share an outcome: n rows then weigh as n / overlap.

    Returns
    -------
    float
        The lowest decile of ``|p_up - 0.5|`` (at least `MIN_CERTAINTY`) above which the lower 95 %
        Wilson bound of accuracy exceeds one half; `NEVER_CERTAIN` when there is none.
    """
    certainty = np.abs(p_up - 0.5)
    hit = (p_up > 0.5) == (direction > 0.5)
    for decile in range(10 if len(p_up) else 0):
        threshold = max(MIN_CERTAINTY, float(np.quantile(certainty, decile / 10)))
        kept = certainty >= threshold
        if kept.any() and _lower_bound(hit[kept], overlap=overlap) > 0.5:
            return threshold
    return NEVER_CERTAIN


def _lower_bound(hit: npt.NDArray[np.bool_], *, overlap: int) -> float:
    n = len(hit) // overlap
    return wilson_interval(int(hit.mean() * n), n)[0]


def _maximise(margin: Array, direction: Array, *, overlap: int) -> tuple[float, float]:
    prior = overlap * np.diag([_SLOPE_PRIOR, _INTERCEPT_PRIOR])
    start = np.array([1.0, 0.0])
    design = np.column_stack([margin, np.ones_like(margin)])
    weights = start.copy()
    for _ in range(_NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-design @ weights))
        slope = design.T @ (direction - p) - prior @ (weights - start)
        curve = (design * (p * (1.0 - p))[:, None]).T @ design + prior
        weights = weights + np.linalg.solve(curve, slope)
    return max(0.0, float(weights[0])), float(weights[1])
