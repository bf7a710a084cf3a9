"""Which technical indicators describe the newest candle, free of price scale and of the start?

Every column is a ratio, a bounded oscillator or a logarithm, so that one model can read many
symbols. TA-Lib computes what is recursive; sums over windows are taken window by window, so that
they depend on nothing before. TA-Lib treats numbers below 1e-14 as zero, so prices are scaled by a
power of two first: exact in floating point, and right for coins that cost a millionth.

All functions also take as many candles of each of m symbols, arrays of shape (m, n): then they return
the numbers of the newest candle alone, shape (m, 1), bit for bit those of each symbol by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import talib
from numpy.lib.stride_tricks import sliding_window_view

from candlecast.market.candles import PRICE_COLUMNS

Array = npt.NDArray[np.float64]
Columns = dict[str, Array]

EMA_CANDLES = (8, 21, 50)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices and volume as contiguous float64 arrays of one shape, prices scaled by a power of two."""

    open: Array
    high: Array
    low: Array
    close: Array
    volume: Array

    @classmethod
    def of(cls, candles: pd.DataFrame) -> "Prices":
        """Read a candles frame; the first close lands in [1, 2)."""
        return cls.stacked(np.array([candles[name].to_numpy(dtype=np.float64) for name in PRICE_COLUMNS]))

    @classmethod
    def stacked(cls, values: Array) -> "Prices":
        """Read open, high, low, close and volume, shape (5, n) or (5, m, n); each first close lands in [1, 2)."""
        first = values[3, ..., :1]
        usable = np.where((first > 0) & np.isfinite(first), first, 1.0)
        open_, high, low, close = values[:4] * np.ldexp(1.0, 1 - np.frexp(usable)[1])
        return cls(open=open_, high=high, low=low, close=close, volume=np.ascontiguousarray(values[4]))

    def newest(self, n: int) -> "Prices":
        """Return the last `n` candles, as they are scaled."""
        return Prices(*(values[..., -n:] for values in (self.open, self.high, self.low, self.close, self.volume)))


def oscillators(prices: Prices) -> Columns:
    """Return bounded momentum oscillators.

    Parameters
    ----------
    prices : Prices
        n candles, ascending.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        RSI, stochastic, Williams %R, Aroon, ADX and Chande in percent; CCI in mean deviations;
        NaN during each one's warm-up. Formulas: TA-Lib, after Wilder (1978), Lane, Williams.
    """
    high, low, close = prices.high, prices.low, prices.close
    stoch_k, stoch_d = _along(talib.STOCHF, high, low, close, fastk_period=14, fastd_period=3)
    plus = _along(talib.PLUS_DI, high, low, close, timeperiod=14)
    minus = _along(talib.MINUS_DI, high, low, close, timeperiod=14)
    return {
        "rsi_6": _along(talib.RSI, close, timeperiod=6),
        "rsi_14": _along(talib.RSI, close, timeperiod=14),
        "stoch_k_14": stoch_k,
        "stoch_d_14": stoch_d,
        "willr_28": _along(talib.WILLR, high, low, close, timeperiod=28),
        "cci_20": _along(talib.CCI, high, low, close, timeperiod=20),
        "adx_14": _along(talib.ADX, high, low, close, timeperiod=14),
        "di_balance_14": plus - minus,
        "aroon_25": _along(talib.AROONOSC, high, low, timeperiod=25),
        "cmo_14": _along(talib.CMO, close, timeperiod=14),
        "ultosc": _along(talib.ULTOSC, high, low, close),
    }


def trends(prices: Prices) -> Columns:
    """Return distances from moving averages and slopes, as shares of the price.

    Parameters
    ----------
    prices : Prices
        n candles, ascending.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        Simple ratios (0.01 is one percent above); PPO and TRIX in percent; NaN during warm-up.
    """
    ema_12, ema_26 = (_along(talib.EMA, prices.close, timeperiod=n) for n in (12, 26))
    _, _, macd = _along(talib.MACD, prices.close, fastperiod=12, slowperiod=26, signalperiod=9)
    close = _like(macd, prices.close)
    columns = {f"ema_gap_{n}": close / _along(talib.EMA, prices.close, timeperiod=n) - 1.0 for n in EMA_CANDLES}
    return columns | {
        "ppo_12_26": 100.0 * (ema_12 / ema_26 - 1.0),
        "macd_hist": macd / close,
        "trix_15": _along(talib.TRIX, prices.close, timeperiod=15),
        "slope_14": _along(talib.LINEARREG_SLOPE, prices.close, timeperiod=14) / close,
        "natr_14": _along(talib.NATR, prices.high, prices.low, prices.close, timeperiod=14),
    }


def channels(prices: Prices) -> Columns:
    """Return where the close stands in the range of its last candles.

    Parameters
    ----------
    prices : Prices
        n candles, ascending; row i depends on the last 168 alone.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        `bb_percent_20`: 0 on the lower Bollinger band, 1 on the upper; NaN where the price stood
        still. The rest are simple ratios; NaN during warm-up.
    """
    mean, spread = _mean(prices.close, n=20), _std(prices.close, n=20)
    close = _like(mean, prices.close)
    columns = {"bb_percent_20": _ratio(close - mean, 4.0 * spread) + 0.5, "bb_width_20": 4.0 * spread / mean}
    for n in (24, 168):
        columns[f"high_gap_{n}"] = close / _along(talib.MAX, prices.high, timeperiod=n) - 1.0
        columns[f"low_gap_{n}"] = close / _along(talib.MIN, prices.low, timeperiod=n) - 1.0
    return columns


def shapes(prices: Prices) -> Columns:
    """Return the shape of the newest candle: where it closed in its range, and its wicks.

    Parameters
    ----------
    prices : Prices
        n candles, ascending.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        Balance of power in -1 to 1, the rest shares of the range in 0 to 1; 0 where high = low.
    """
    top, bottom = np.maximum(prices.open, prices.close), np.minimum(prices.open, prices.close)
    height = prices.high - prices.low
    return {
        "bop": _along(talib.BOP, prices.open, prices.high, prices.low, prices.close),
        "upper_wick": _share(prices.high - top, height),
        "lower_wick": _share(bottom - prices.low, height),
    }


def volumes(prices: Prices) -> Columns:
    """Return how unusual the volume is and on which side of the price it fell.

    Parameters
    ----------
    prices : Prices
        n candles, ascending; an unknown volume is NaN.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        `volume_surprise_k`: log of volume over its mean of k candles, floored at 1 % of it;
        `obv_change_14` and `cmf_20` in -1 to 1; `mfi_14` in percent. NaN while any volume of the
        window is unknown, or all of them are 0.
    """
    volume, close = prices.volume, prices.close
    signed = volume * np.sign(np.diff(close, prepend=close[..., :1]))
    mean_24 = _mean(volume, n=24)
    location = _share(2.0 * close - prices.high - prices.low, prices.high - prices.low)
    return {
        "volume_surprise_24": _surprise(_like(mean_24, volume), mean_24),
        "volume_surprise_168": _surprise(_like(mean_24, volume), _mean(volume, n=168)),
        "obv_change_14": _ratio(_sum(signed, n=14), _sum(volume, n=14)),
        "cmf_20": _ratio(_sum(location * volume, n=20), _sum(volume, n=20)),
        "mfi_14": _money_flow(prices),
    }


def _money_flow(prices: Prices) -> Array:
    typical = (prices.high + prices.low + prices.close) / 3.0
    flow = typical * prices.volume
    change = np.diff(typical, prepend=typical[..., :1])
    up = np.where(change > 0, flow, 0.0 * flow)
    down = np.where(change < 0, flow, 0.0 * flow)
    up[..., :1] = down[..., :1] = np.nan
    gained = _sum(up, n=14)
    return 100.0 * _ratio(gained, gained + _sum(down, n=14))


def volume_surprise(volume: Array, *, n: int) -> Array:
    """Return `volume_surprise_n` of `volumes` at every candle, along the last axis."""
    return _surprise(volume, rolling_mean(volume, n=n))


def _surprise(volume: Array, mean: Array) -> Array:
    return np.asarray(np.log(np.maximum(_ratio(volume, mean), 0.01)), dtype=np.float64)


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def rolling_mean(values: Array, *, n: int) -> Array:
    """Return the mean of the last `n` values along the last axis, NaN where one of them is NaN or missing."""
    return _rolling(values, n, np.mean)


def rolling_std(values: Array, *, n: int) -> Array:
    """Return the population deviation of the last `n` values, NaN where one is NaN or missing."""
    return _rolling(values, n, np.std)


def _mean(values: Array, *, n: int) -> Array:
    return _rolling(_ending(values, n), n, np.mean)


def _std(values: Array, *, n: int) -> Array:
    return _rolling(_ending(values, n), n, np.std)


def _sum(values: Array, *, n: int) -> Array:
    return _rolling(_ending(values, n), n, np.sum)


def _ending(values: Array, n: int) -> Array:
    return values if values.ndim == 1 else values[:, -n:]


def _like(found: Array, values: Array) -> Array:
    return values[..., -found.shape[-1] :]


def _rolling(values: Array, n: int, figure: Callable[..., Array]) -> Array:
    if values.ndim == 2 and values.shape[-1] == n:
        return figure(values, axis=-1, keepdims=True)
    found = np.full_like(values, np.nan)
    if values.shape[-1] >= n:
        found[..., n - 1 :] = figure(sliding_window_view(values, n, axis=-1), axis=-1)
    return found


def _along(indicator: Callable[..., Any], *arrays: Array, **options: float) -> Any:
    if arrays[0].ndim == 1:
        return indicator(*arrays, **options)
    found = one_by_one(indicator, arrays, options)
    if isinstance(found[0], tuple):
        return tuple(np.array([[line[-1]] for line in lines]) for lines in zip(*found, strict=True))
    return np.array([[line[-1]] for line in found])


def one_by_one(indicator: Callable[..., Any], arrays: Sequence[Array], options: Mapping[str, float]) -> list[Any]:
    """Return what an indicator of TA-Lib, which takes one series at a time, says of each row of `arrays`.

    An indicator of several lines gives a tuple of them.
    """
    # what is wrapped does not look for frames of other libraries, which takes longer than the indicator
    plain = getattr(indicator, "__wrapped__", indicator)
    return [plain(*rows, **options) for rows in zip(*arrays, strict=True)]
