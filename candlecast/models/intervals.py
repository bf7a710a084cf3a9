"""How far may the close move? What a model says of it, made honest by recent misses.

The spans say how wide to look; rolling quantiles of the conformity, the reach that each outcome
took, over the settled candles of the symbol say which reach holds the wanted share. They are taken again at each
forecast, over a long and a short window, so that they follow the market: an update by single misses
(adaptive conformal inference, Gibbs & Candes 2021) covered each quarter alike only by intervals
that swing, at a clearly worse interval score from four candles ahead on.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from candlecast.models.estimators import Array

LEVELS = (0.50, 0.80, 0.90, 0.95)
CONFORMAL_CANDLES = 2_000
NEWEST_CANDLES = 500
MIN_SETTLED_CANDLES = 250


@dataclass(frozen=True, slots=True)
class Reach:
    """Which reach holds which share, when too few candles have settled to say it afresh.

    Parameters
    ----------
    quantiles : tuple of float
        Quantiles of the conformity at each of `LEVELS`.
    mean : float
        Its mean.
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


def recent_reach(scores: Array, *, horizon: int, fallback: Reach) -> Reach:
    """Return the reach of the newest forecast of one symbol: the last row of `rolling_reach`.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Conformity of each row, ascending; NaN where not settled yet.
    horizon : int
        Row i's score is known `horizon` rows later; the last `horizon` scores are not read.
    fallback : Reach
        Used when fewer than `MIN_SETTLED_CANDLES` have settled.
    """
    window = scores[: max(0, len(scores) - horizon)][-CONFORMAL_CANDLES:]
    [quantiles], [mean] = newest_reaches(window[np.newaxis], horizon=horizon)
    return Reach(tuple(quantiles.tolist()), float(mean)) if np.isfinite(mean) else fallback


def newest_reaches(windows: Array, *, horizon: int) -> tuple[Array, Array]:
    """Return the reach of the newest forecast of m symbols, see `recent_reach`.

    Parameters
    ----------
    windows : ndarray of shape (m, n)
        The newest settled scores of each, ascending in time, `CONFORMAL_CANDLES` at most; NaN where
        unknown.
    horizon : int
        Candles ahead.

    Returns
    -------
    (ndarray of shape (m, len(LEVELS)), ndarray of shape (m,))
        Quantiles at `LEVELS` and mean; NaN where fewer than `MIN_SETTLED_CANDLES` are known.
    """
    known = np.isfinite(windows)
    n_known = known.sum(axis=1)
    total = np.where(known, windows, 0.0).sum(axis=1)
    means = np.where(n_known >= MIN_SETTLED_CANDLES, total / np.maximum(n_known, 1), np.nan)
    long, short = (_quantiles(part) for part in (windows, windows[:, -NEWEST_CANDLES:]))
    return _mixed(long, short, horizon=horizon), means


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
        Geometric mean of the quantiles over the last `CONFORMAL_CANDLES` and the last
        `NEWEST_CANDLES` rows that had settled; the short one weighs ``1 / (1 + horizon)``, since
        outcomes that overlap tell less, and nothing where it holds fewer than `MIN_SETTLED_CANDLES`
        scores. NaN where the long one holds fewer.
    """
    settled = pd.Series(scores).shift(horizon)
    long, short = (
        settled.rolling(candles, min_periods=MIN_SETTLED_CANDLES)
        .quantile(level, interpolation="higher")
        .to_numpy(dtype=np.float64)
        for candles in (CONFORMAL_CANDLES, NEWEST_CANDLES)
    )
    return _mixed(long, short, horizon=horizon)


def _mixed(long: Array, short: Array, *, horizon: int) -> Array:
    weight = np.where(np.isfinite(short), 1.0 / (1.0 + horizon), 0.0)
    known = np.where(np.isfinite(short), short, long)
    return np.asarray(long ** (1.0 - weight) * known**weight, dtype=np.float64)


def _quantiles(windows: Array) -> Array:
    # sorting puts what is unknown last
    n_known = np.isfinite(windows).sum(axis=1)[:, np.newaxis]
    ranks = np.ceil(np.array(LEVELS) * np.maximum(n_known - 1, 0)).astype(np.int64)
    if not windows.shape[1]:
        return np.full(ranks.shape, np.nan)
    found = np.take_along_axis(np.sort(windows, axis=1), ranks, axis=1)
    return np.where(n_known >= MIN_SETTLED_CANDLES, found, np.nan)
