"""What does a model see of one symbol? One builder for training and for serving."""

from hashlib import sha256

import numpy as np
import pandas as pd

from candlecast.features.calendar import calendar_terms
from candlecast.features.indicators import Array, Columns, Prices, oscillators, shapes, trends, volumes
from candlecast.features.sentiment import NEWS_FEATURE_NAMES, news_terms
from candlecast.features.volatility import har_terms, range_variance
from candlecast.sentiment.aggregate import Stories

RETURN_CANDLES = (1, 2, 3, 6, 12, 24, 72, 168)
WARM_UP_CANDLES = 512
MIN_ROW_CANDLES = 168
FEATURE_NAMES: tuple[str, ...] = (
    *(f"return_{k}" for k in RETURN_CANDLES),
    *(f"scaled_return_{k}" for k in RETURN_CANDLES),
    *("gk_vol_1", "gk_vol_4", "gk_vol_24", "gk_vol_168"),
    *("rsi_6", "rsi_14", "stoch_k_14", "stoch_d_14", "willr_28", "cci_20", "adx_14", "di_balance_14"),
    *("aroon_25", "cmo_14", "ultosc", "ema_gap_8", "ema_gap_21", "ema_gap_50", "ppo_12_26", "macd_hist"),
    *("trix_15", "slope_14", "natr_14", "bb_percent_20", "bb_width_20"),
    *("high_gap_24", "low_gap_24", "high_gap_168", "low_gap_168"),
    *("bop", "upper_wick", "lower_wick"),
    *("volume_surprise_24", "volume_surprise_168", "obv_change_14", "cmf_20", "mfi_14"),
    *("hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2", "week_sin", "week_cos"),
)


def build_features(candles: pd.DataFrame, news: Stories | None = None) -> pd.DataFrame:
    """Return what a model may know at each close.

    Parameters
    ----------
    candles : DataFrame
        Candles frame of n closed candles of one symbol, ascending.
    news : Stories, optional
        Scored, dated stories of the symbol, for a model that takes news.

    Returns
    -------
    DataFrame
        n rows, index of `candles`, float64 columns `FEATURE_NAMES` in that order, then
        `NEWS_FEATURE_NAMES` where `news` is given. Row i depends on rows up to i and on stories
        known by its close alone. Warm-up is NaN, never filled. Row i computed from its last
        `WARM_UP_CANDLES` candles and the stories of its last `NEWS_DAYS` days equals row i
        computed from all of them within 1e-6.
    """
    names = FEATURE_NAMES if news is None else FEATURE_NAMES + NEWS_FEATURE_NAMES
    if candles.empty:
        return pd.DataFrame(columns=list(names), index=candles.index, dtype=np.float64)
    prices = Prices.of(candles)
    har = har_terms(range_variance(prices))
    columns = har | _returns(prices.close, har["gk_vol_24"]) | oscillators(prices) | trends(prices)
    columns |= shapes(prices) | volumes(prices) | calendar_terms(candles)
    if news is not None:
        columns |= news_terms(news, pd.DatetimeIndex(candles["close_time"]))
    return pd.DataFrame({name: columns[name] for name in names}, index=candles.index)


def features_digest(row: Array) -> str:
    """Return the SHA-256 of one feature row as little-endian float64, in hexadecimal."""
    return sha256(np.ascontiguousarray(row, dtype="<f8").tobytes()).hexdigest()


def _returns(close: Array, log_volatility: Array) -> Columns:
    price, volatility = np.log(close), np.exp(log_volatility)
    columns: Columns = {}
    for k in RETURN_CANDLES:
        change = np.full_like(price, np.nan)
        change[k:] = price[k:] - price[:-k]
        columns[f"return_{k}"] = change
        columns[f"scaled_return_{k}"] = change / (volatility * np.sqrt(k))
    return columns
