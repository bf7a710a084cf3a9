"""How far does an interval go to each side, and how far out does an outcome lie?

A model says the spans of a row: distances from the last close, in log returns. A symmetric one says
one span, the volatility; one that learned quantiles says where each of `LEVELS` ends, below and
above. A single number, the reach, makes intervals of either: so many volatilities, or the place on
the line through the ends, which lie at `KNOTS`. An outcome's conformity is the reach that it took,
so one number a candle keeps all levels and both sides honest (the conformal inference of Chernozhukov,
Wüthrich and Zhu 2021, which scores an outcome by its place in the distribution that was said).
"""

import numpy as np
import numpy.typing as npt

from candlecast.models.estimators import Array

# about how many volatilities hold half, 80, 90 and 95 % of the outcomes of hours and days
KNOTS = (0.65, 1.45, 2.05, 2.75)
_LINE = np.array([0.0, *KNOTS])


def conformity(log_return: Array, spans: Array) -> Array:
    """Return the smallest reach whose interval holds each outcome.

    Parameters
    ----------
    log_return : ndarray of shape (n,)
        What happened; NaN where unknown.
    spans : ndarray of shape (n, 1) or (n, 2 * len(KNOTS))
        Above 0, NaN where unknown: one for both sides; or those below, ascending, then those above.

    Returns
    -------
    ndarray of shape (n,)
        0 or more; NaN where either is unknown.
    """
    size = np.abs(log_return)
    if spans.shape[1] == 1:
        return np.asarray(size / spans[:, 0], dtype=np.float64)
    below, above = np.split(spans, 2, axis=1)
    side = np.where((log_return < 0.0)[:, np.newaxis], below, above)
    place = np.minimum((size[:, np.newaxis] > side).sum(axis=1), len(KNOTS) - 1)
    first, last = _around(side, place[:, np.newaxis])
    inner = _LINE[place] + (size - first[:, 0]) / (last - first)[:, 0] * np.diff(_LINE)[place]
    return np.asarray(np.where(size > side[:, -1], size / side[:, -1] * KNOTS[-1], inner), dtype=np.float64)


def ends(spans: Array, reach: Array) -> tuple[Array, Array]:
    """Return how far intervals go below and above the last close.

    Parameters
    ----------
    spans : ndarray of shape (n, 1) or (n, 2 * len(KNOTS))
        As for `conformity`.
    reach : ndarray of shape (n, k)
        Reaches of each row, 0 or more, NaN where unknown.

    Returns
    -------
    (ndarray of shape (n, k), ndarray of shape (n, k))
        Distances in log returns, 0 or more; NaN where either is unknown.
    """
    if spans.shape[1] == 1:
        both = np.asarray(spans * reach, dtype=np.float64)
        return both, both
    below, above = np.split(spans, 2, axis=1)
    return _along(below, reach), _along(above, reach)


def _along(side: Array, reach: Array) -> Array:
    place = np.minimum(np.searchsorted(KNOTS, reach), len(KNOTS) - 1)
    first, last = _around(side, place)
    inner = first + (reach - _LINE[place]) / np.diff(_LINE)[place] * (last - first)
    return np.asarray(np.where(reach > KNOTS[-1], reach / KNOTS[-1] * side[:, -1:], inner), dtype=np.float64)


def _around(side: Array, place: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    edges = np.concatenate([np.zeros_like(side[:, :1]), side], axis=1)
    return np.take_along_axis(edges, place, axis=1), np.take_along_axis(edges, place + 1, axis=1)
