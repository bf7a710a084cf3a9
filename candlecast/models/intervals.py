"""How far may the close move? A volatility regression made honest by recent misses.

A HAR regression (Corsi 2009) on Garman-Klass terms and the hour says how wide to look; the rolling
quantile of ``|log return| / sigma`` over the last 2,000 settled candles says how many sigmas hold
the wanted share. The quantile is taken again at each forecast, so that it follows the market.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.features.table import FEATURE_NAMES
from candlecast.models.estimators import Array

LEVELS = (0.50, 0.80, 0.90, 0.95)
CONFORMAL_CANDLES = 2_000
MIN_SETTLED_CANDLES = 250
DESIGN = (
    *("gk_vol_1", "gk_vol_4", "gk_vol_24", "gk_vol_168"),
    *("hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2", "week_sin", "week_cos"),
)
_PLACES = np.array([FEATURE_NAMES.index(name) for name in DESIGN])
_RIDGE = 1e-3
_SPREAD_PRIOR = 20.0


@dataclass(frozen=True, slots=True)
class Volatility:
    """Scale of the log return over the horizon: ``exp(intercept + terms @ coefficients)`` x root of it.

    Parameters
    ----------
    horizon : int
        Candles ahead.
    intercept : float
        Log volatility of one candle where all terms are 0.
    coefficients : tuple of float
        One for each of `DESIGN`.
    """

    horizon: int
    intercept: float
    coefficients: tuple[float, ...]

    @classmethod
    def fit(
        cls, features: npt.NDArray[np.floating], *, range_volatility: Array, log_return: Array, horizon: int
    ) -> Self:
        """Fit by least squares, then shrink the spread to what the returns show.

        Volatility of a long horizon reverts further than the regression says: its log is multiplied
        by the slope of log absolute return on it, so that quiet and wild times are covered alike.

        Parameters
        ----------
        features : ndarray of shape (n, len(FEATURE_NAMES))
            Rows of the feature table; a missing hour counts as 0.
        range_volatility : ndarray of shape (n,)
            Target of the same name; rows with NaN are left out.
        log_return : ndarray of shape (n,)
            Target of the same name; rows with NaN or 0 are left out.
        horizon : int
            Candles ahead.
        """
        terms = np.nan_to_num(features[:, _PLACES].astype(np.float64))
        known = np.isfinite(range_volatility)
        design = np.column_stack([np.ones(int(known.sum())), terms[known]])
        penalty = _RIDGE * np.eye(design.shape[1])
        weights = np.linalg.solve(design.T @ design + penalty, design.T @ range_volatility[known])
        slope = _spread(weights[0] + terms @ weights[1:], log_return, horizon=horizon)
        return cls(horizon, float(weights[0]), tuple(float(slope * w) for w in weights[1:]))

    def sigma(self, features: npt.NDArray[np.floating]) -> Array:
        """Return the expected scale of the log return over the horizon, shape (n,); NaN in warm-up."""
        terms = features[:, _PLACES].astype(np.float64)
        # Only the hour may be missing: candles of a day have none.
        terms[:, 4:] = np.nan_to_num(terms[:, 4:])
        log_sigma = self.intercept + terms @ np.array(self.coefficients)
        return np.asarray(np.exp(log_sigma) * np.sqrt(self.horizon), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many sigmas hold which share, when too few candles have settled to say it afresh.

    Parameters
    ----------
    quantiles : tuple of float
        Quantiles of ``|log return| / sigma`` at each of `LEVELS`.
    mean : float
        Mean of ``|log return| / sigma``.
    """

    quantiles: tuple[float, ...]
    mean: float

    @classmethod
    def of(cls, scores: Array) -> Self:
        """Take both from settled scores; NaN is left out."""
        known = scores[np.isfinite(scores)]
        if not len(known):
            return cls(tuple(np.nan for _ in LEVELS), np.nan)
        ranks = [min(1.0, level * (1 + 1 / len(known))) for level in LEVELS]
        return cls(tuple(float(q) for q in np.quantile(known, ranks, method="higher")), float(known.mean()))


def conformity(log_return: Array, sigma: Array) -> Array:
    """Return ``|log return| / sigma`` of each row, shape (n,); NaN where either is unknown."""
    return np.asarray(np.abs(log_return) / sigma, dtype=np.float64)


def recent_reach(scores: Array, *, fallback: Reach) -> Reach:
    """Return the reach of the newest forecast of one symbol.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Conformity of each row, ascending; NaN where not settled yet. The last `CONFORMAL_CANDLES`
        settled ones count.
    fallback : Reach
        Used when fewer than `MIN_SETTLED_CANDLES` have settled.
    """
    settled = scores[np.isfinite(scores)][-CONFORMAL_CANDLES:]
    return Reach.of(settled) if len(settled) >= MIN_SETTLED_CANDLES else fallback


def rolling_reach(scores: Array, *, horizon: int, level: float) -> Array:
    """Return the quantile that a forecast made at each row would have used.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Conformity of each row of one symbol, ascending, NaN where unknown.
    horizon : int
        Row i's score is known `horizon` rows later.
    level : float
        Wanted coverage, in (0, 1).

    Returns
    -------
    ndarray of shape (n,)
        Quantile over the last `CONFORMAL_CANDLES` rows that had settled; NaN with fewer than
        `MIN_SETTLED_CANDLES` of them.
    """
    window = pd.Series(scores).shift(horizon).rolling(CONFORMAL_CANDLES, min_periods=MIN_SETTLED_CANDLES)
    return window.quantile(level, interpolation="higher").to_numpy(dtype=np.float64)


def _spread(log_sigma: Array, log_return: Array, *, horizon: int) -> float:
    known = np.isfinite(log_return) & (log_return != 0.0)
    if not known.any():
        return 1.0
    size, wanted = np.log(np.abs(log_return[known])), log_sigma[known]
    wanted = wanted - wanted.mean()
    # Overlapping outcomes tell less: the pull towards 1 grows with the horizon.
    pull = _SPREAD_PRIOR * horizon
    slope = float((wanted @ (size - size.mean()) + pull) / (wanted @ wanted + pull))
    return min(1.0, max(0.3, slope))
