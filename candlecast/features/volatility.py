"""How much does the price move? Range volatility over several spans (HAR terms)."""

import math
from collections.abc import Sequence

import numpy as np

from candlecast.features.indicators import Array, Columns, Prices, rolling_mean

HAR_CANDLES = (1, 4, 24, 168)
TYPICAL_CANDLES = (4, 24, 168)
VARIANCE_FLOOR = 1e-12
_CLOSE_WEIGHT = 2.0 * math.log(2.0) - 1.0


def range_variance(prices: Prices) -> Array:
    """Return the Garman-Klass variance of each candle, with the jump from the last close.

    Parameters
    ----------
    prices : Prices
        n candles, ascending.

    Returns
    -------
    ndarray of shape (n,)
        ``ln(O/C')^2 + ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2`` in squared log returns, at least
        `VARIANCE_FLOOR`; the first candle has no jump. Garman & Klass (1980), eq. 20a simplified;
        the jump term after Yang & Zhang (2000).
    """
    previous = np.concatenate((prices.open[..., :1], prices.close[..., :-1]), axis=-1)
    jump = np.log(prices.open / previous)
    height = np.log(prices.high / prices.low)
    body = np.log(prices.close / prices.open)
    return np.maximum(jump**2 + 0.5 * height**2 - _CLOSE_WEIGHT * body**2, VARIANCE_FLOOR)


def har_terms(variance: Array, *, spans: Sequence[int] = HAR_CANDLES) -> Columns:
    """Return log volatility over each of `spans` (Corsi 2009).

    Parameters
    ----------
    variance : ndarray of shape (n,)
        Variance of each candle, above 0.
    spans : sequence of int
        Candles back.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        ``gk_vol_k``: half the log of the mean variance of the last k candles; NaN during warm-up.
    """
    return {f"gk_vol_{k}": 0.5 * np.log(np.maximum(rolling_mean(variance, n=k), VARIANCE_FLOOR)) for k in spans}


def typical_terms(variance: Array) -> Columns:
    """Return the mean log volatility, which one wild candle moves less than the mean variance.

    Parameters
    ----------
    variance : ndarray of shape (n,)
        Variance of each candle, above 0.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        ``typical_vol_k`` for k in `TYPICAL_CANDLES`; NaN during warm-up.
    """
    log_volatility = 0.5 * np.log(variance)
    return {f"typical_vol_{k}": rolling_mean(log_volatility, n=k) for k in TYPICAL_CANDLES}
