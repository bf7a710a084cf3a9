"""Where does each close stand among its last candles? At every candle, of one symbol or of many at once."""

from collections.abc import Callable
from typing import Any

import numpy as np
import talib

from candlecast.features.indicators import Array, Columns, Prices, one_by_one, rolling_mean, rolling_std

STANDING = ("rsi_6", "stoch_k_14", "bb_percent_20", "high_gap_24", "low_gap_24")


def standing(prices: Prices) -> Columns:
    """Return the columns `STANDING` of `oscillators` and `channels` at every candle.

    Parameters
    ----------
    prices : Prices
        n candles, ascending, of one symbol, or arrays of shape (m, n) of m symbols.

    Returns
    -------
    dict of str to ndarray of shape (n,) or (m, n)
        NaN during warm-up; those of many symbols are bit for bit those of each by itself.
    """
    high, low, close = prices.high, prices.low, prices.close
    mean, spread = rolling_mean(close, n=20), rolling_std(close, n=20)
    stoch_k, _ = _at_each(talib.STOCHF, high, low, close, fastk_period=14, fastd_period=3)
    return {
        "rsi_6": _at_each(talib.RSI, close, timeperiod=6),
        "stoch_k_14": stoch_k,
        "bb_percent_20": np.divide(close - mean, 4.0 * spread, out=np.full_like(close, np.nan), where=spread > 0) + 0.5,
        "high_gap_24": close / _at_each(talib.MAX, high, timeperiod=24) - 1.0,
        "low_gap_24": close / _at_each(talib.MIN, low, timeperiod=24) - 1.0,
    }


def _at_each(indicator: Callable[..., Any], *arrays: Array, **options: float) -> Any:
    if arrays[0].ndim == 1:
        return indicator(*arrays, **options)
    found = one_by_one(indicator, arrays, options)
    return tuple(map(np.array, zip(*found, strict=True))) if isinstance(found[0], tuple) else np.array(found)
