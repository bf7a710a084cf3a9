"""How much of the best of many trials is luck? Its gain less what the best of as many coins would show."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from candlecast.evaluation.metrics import Array

_EULER = float(np.euler_gamma)
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Deflated:
    """The gain of a chosen set of parameters over the defaults, and what is left of it.

    Parameters
    ----------
    gain : float
        Mean fall of the log loss, nats; positive: the chosen one is better.
    standard_error : float
        Of `gain`, nats.
    n_trials : int
        Sets that were tried to find it.
    luck : float
        Gain that the best of `n_trials` without any merit is expected to show, nats.
    deflated_gain : float
        `gain` less `luck`, nats.
    probability : float
        Chance that the true gain is above `luck`, 0 to 1; above .95 it is more than a lucky draw.
    """

    gain: float
    standard_error: float
    n_trials: int
    luck: float
    deflated_gain: float
    probability: float


def deflate(gains: Array, *, days: npt.NDArray[np.int64], n_trials: int) -> Deflated:
    """Deflate the mean of paired gains for the number of trials among which it was the best.

    As the deflated Sharpe ratio does it (Bailey and López de Prado 2014), with the gain in log loss
    for the Sharpe ratio and its standard error for the spread of the trials. Trials are taken as
    independent; searches repeat themselves, so that the luck is stated rather too high.

    Parameters
    ----------
    gains : ndarray of shape (n,)
        Log loss of the defaults less that of the chosen one, row by row, no NaN.
    days : ndarray of shape (n,)
        Block of each row: rows of one day, symbols together, are taken as one observation.
    n_trials : int
        Sets that were tried, at least 0.
    """
    gain, error = block_mean(gains, days=days)
    luck = error * expected_maximum(n_trials)
    left = gain - luck
    probability = _NORMAL.cdf(left / error) if error > 0 else float(left > 0)
    return Deflated(gain, error, n_trials, luck, left, probability)


def expected_maximum(n: int) -> float:
    """Return the expected largest of `n` independent standard normal draws, 0 for `n` below 2.

    The approximation of Bailey and López de Prado (2014), equation 1 there; within 3 % from n = 5 on.
    """
    if n < 2:
        return 0.0
    near, far = _NORMAL.inv_cdf(1 - 1 / n), _NORMAL.inv_cdf(1 - 1 / (n * math.e))
    return (1 - _EULER) * near + _EULER * far


def block_mean(values: Array, *, days: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return the mean of `values` and its standard error with days as clusters; the error of one day is 0."""
    _, block = np.unique(days, return_inverse=True)
    mean = float(values.mean())
    sums = np.bincount(block, weights=values - mean)
    n_blocks = len(sums)
    if n_blocks < 2:
        return mean, 0.0
    return mean, math.sqrt(float(sums @ sums) * n_blocks / (n_blocks - 1)) / len(values)
