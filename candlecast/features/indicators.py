"""Which technical indicators describe the newest candle, free of price scale and of the start?

Every column is a ratio, a bounded oscillator or a logarithm, so that one model can read many
symbols. TA-Lib computes what is recursive; sums over windows are pandas', which forget an old
value fully. TA-Lib treats numbers below 1e-14 as zero, so prices are scaled by a power of two
first: exact in floating point, and right for coins that cost a millionth.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import talib

from candlecast.market.candles import PRICE_COLUMNS

Array = npt.NDArray[np.float64]
Columns = dict[str, Array]

EMA_CANDLES = (8, 21, 50)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices and volume as contiguous float64 arrays of one length, prices scaled by a power of two."""

    open: Array
    high: Array
    low: Array
    close: Array
    volume: Array

    @classmethod
    def of(cls, candles: pd.DataFrame) -> "Prices":
        """Read a candles frame; the first close lands in [1, 2)."""
        first = float(candles["close"].iloc[0]) if len(candles) else 1.0
        scale = 2.0 ** -np.floor(np.log2(first)) if first > 0 and np.isfinite(first) else 1.0
        values = {name: np.ascontiguousarray(candles[name], dtype=np.float64) for name in PRICE_COLUMNS}
        return cls(
            open=values["open"] * scale,
            high=values["high"] * scale,
            low=values["low"] * scale,
            close=values["close"] * scale,
            volume=values["volume"],
        )


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
    stoch_k, stoch_d = talib.STOCHF(high, low, close, fastk_period=14, fastd_period=3)
    plus = talib.PLUS_DI(high, low, close, timeperiod=14)
    minus = talib.MINUS_DI(high, low, close, timeperiod=14)
    return {
        "rsi_6": talib.RSI(close, timeperiod=6),
        "rsi_14": talib.RSI(close, timeperiod=14),
        "stoch_k_14": stoch_k,
        "stoch_d_14": stoch_d,
        "willr_28": talib.WILLR(high, low, close, timeperiod=28),
        "cci_20": talib.CCI(high, low, close, timeperiod=20),
        "adx_14": talib.ADX(high, low, close, timeperiod=14),
        "di_balance_14": plus - minus,
        "aroon_25": talib.AROONOSC(high, low, timeperiod=25),
        "cmo_14": talib.CMO(close, timeperiod=14),
        "ultosc": talib.ULTOSC(high, low, close),
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
    close = prices.close
    _, _, macd = talib.MACD(close, fastperiod=12, slowperiod=26, signalperiod=9)
    columns = {f"ema_gap_{n}": close / talib.EMA(close, timeperiod=n) - 1.0 for n in EMA_CANDLES}
    return (
        columns
        | {
            "ppo_12_26": 100.0 * (talib.EMA(close, timeperiod=12) / talib.EMA(close, timeperiod=26) - 1.0),
            "macd_hist": macd / close,
            "trix_15": talib.TRIX(close, timeperiod=15),
            "slope_14": talib.LINEARREG_SLOPE(close, timeperiod=14) / close,
            "natr_14": talib.NATR(prices.high, prices.low, close, timeperiod=14),
        }
        | _channels(prices)
    )


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
        "bop": talib.BOP(prices.open, prices.high, prices.low, prices.close),
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
    signed = volume * np.sign(np.diff(close, prepend=close[:1]))
    location = _share(2.0 * close - prices.high - prices.low, prices.high - prices.low)
    return {
        "volume_surprise_24": _surprise(volume, n=24),
        "volume_surprise_168": _surprise(volume, n=168),
        "obv_change_14": _ratio(rolling_sum(signed, n=14), rolling_sum(volume, n=14)),
        "cmf_20": _ratio(rolling_sum(location * volume, n=20), rolling_sum(volume, n=20)),
        "mfi_14": _money_flow(prices),
    }


def _channels(prices: Prices) -> Columns:
    close = prices.close
    mean, spread = rolling_mean(close, n=20), rolling_std(close, n=20)
    columns = {"bb_percent_20": _ratio(close - mean, 4.0 * spread) + 0.5, "bb_width_20": 4.0 * spread / mean}
    for n in (24, 168):
        columns[f"high_gap_{n}"] = close / talib.MAX(prices.high, timeperiod=n) - 1.0
        columns[f"low_gap_{n}"] = close / talib.MIN(prices.low, timeperiod=n) - 1.0
    return columns


def _money_flow(prices: Prices) -> Array:
    typical = (prices.high + prices.low + prices.close) / 3.0
    flow = typical * prices.volume
    change = np.diff(typical, prepend=np.nan)
    up = np.where(change > 0, flow, 0.0 * flow)
    down = np.where(change < 0, flow, 0.0 * flow)
    up[:1] = down[:1] = np.nan
    gained = rolling_sum(up, n=14)
    return 100.0 * _ratio(gained, gained + rolling_sum(down, n=14))


def _surprise(volume: Array, *, n: int) -> Array:
    relative = _ratio(volume, rolling_mean(volume, n=n))
    return np.asarray(np.log(np.maximum(relative, 0.01)), dtype=np.float64)


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def rolling_sum(values: Array, *, n: int) -> Array:
    """Return the sum of the last `n` values, NaN where one of them is NaN or missing."""
    return pd.Series(values).rolling(n).sum().to_numpy(dtype=np.float64)


def rolling_mean(values: Array, *, n: int) -> Array:
    """Return the mean of the last `n` values, NaN where one of them is NaN or missing."""
    return pd.Series(values).rolling(n).mean().to_numpy(dtype=np.float64)


def rolling_std(values: Array, *, n: int) -> Array:
    """Return the population deviation of the last `n` values, NaN where one is NaN or missing."""
    return pd.Series(values).rolling(n).std(ddof=0).to_numpy(dtype=np.float64)
