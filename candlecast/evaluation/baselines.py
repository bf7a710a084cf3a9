"""What would a naive forecaster have said? Baselines that stand beside every model."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.evaluation.metrics import Array
from candlecast.features.indicators import rolling_std

Floats = npt.NDArray[np.floating]

HISTVOL_CANDLES = 24
EWMA_DECAY = 0.94
HAR_TERMS = ("gk_vol_1", "gk_vol_4", "gk_vol_24", "gk_vol_168")
_RIDGE = 1e-3


def majority(train_direction: Array, *, n_test: int) -> Array:
    """Return the share of ups in training as P(up) of each of `n_test` rows."""
    return np.full(n_test, train_direction.mean())


def last_direction(train_return: Floats, train_direction: Array, *, test_return: Floats) -> Array:
    """Return P(up) given only whether the newest candle rose.

    Parameters
    ----------
    train_return, test_return : ndarray
        Log return of the newest candle of each row.
    train_direction : ndarray
        1 up, 0 down.

    Returns
    -------
    ndarray of shape (len(test_return),)
        Share of ups in training after a candle of the same sign.
    """
    rose = train_return > 0
    after_rise = train_direction[rose].mean() if rose.any() else 0.5
    after_fall = train_direction[~rose].mean() if (~rose).any() else 0.5
    return np.where(test_return > 0, after_rise, after_fall)


def histvol(log_return_1: Array, *, horizon: int) -> Array:
    """Return the deviation of the last 24 one-candle log returns, scaled by the root of `horizon`.

    Parameters
    ----------
    log_return_1 : ndarray of shape (n,)
        One-candle log returns of one symbol, ascending.
    horizon : int
        Candles ahead.

    Returns
    -------
    ndarray of shape (n,)
        Forecast deviation of the log return; NaN in the first 24 rows.
    """
    return rolling_std(log_return_1, n=HISTVOL_CANDLES) * math.sqrt(horizon)


def ewma(log_return_1: Array, *, horizon: int) -> Array:
    """Return the root of the exponentially weighted mean square return, scaled by the root of `horizon`.

    Parameters
    ----------
    log_return_1 : ndarray of shape (n,)
        One-candle log returns of one symbol, ascending; NaN is passed over.
    horizon : int
        Candles ahead.

    Returns
    -------
    ndarray of shape (n,)
        Forecast deviation of the log return, decay `EWMA_DECAY` a candle (RiskMetrics 1996); NaN in
        the first 24 rows.
    """
    squares = pd.Series(np.square(log_return_1))
    variance = squares.ewm(alpha=1.0 - EWMA_DECAY, min_periods=HISTVOL_CANDLES).mean()
    return np.asarray(np.sqrt(variance.to_numpy(dtype=np.float64) * horizon), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class HarRegression:
    """Log volatility as a linear function of log volatility over past spans (Corsi 2009).

    Parameters
    ----------
    intercept : float
        Log volatility where all terms are 0.
    coefficients : tuple of float
        One for each term.
    """

    intercept: float
    coefficients: tuple[float, ...]

    @classmethod
    def fit(cls, terms: Array, log_volatility: Array) -> Self:
        """Fit by least squares.

        Parameters
        ----------
        terms : ndarray of shape (n, k)
            Such as the columns `HAR_TERMS` of the feature table, no NaN.
        log_volatility : ndarray of shape (n,)
            What followed, no NaN.
        """
        design = np.column_stack([np.ones(len(terms)), terms])
        penalty = _RIDGE * np.eye(design.shape[1])
        weights = np.linalg.solve(design.T @ design + penalty, design.T @ log_volatility)
        return cls(float(weights[0]), tuple(float(weight) for weight in weights[1:]))

    def log_volatility(self, terms: Array) -> Array:
        """Return the log volatility expected of each row of `terms`, shape (n,); NaN where a term is."""
        return np.asarray(self.intercept + terms @ np.array(self.coefficients), dtype=np.float64)


def gaussian_half_width(sigma: Array, *, level: float) -> Array:
    """Return half the width of the central `level` interval of a Gaussian of deviation `sigma`."""
    return sigma * NormalDist().inv_cdf(0.5 + level / 2.0)
