"""What does a model see of one symbol? One builder for training and for serving."""

from hashlib import sha256

import numpy as np
import pandas as pd

from candlecast.features.calendar import calendar_terms
from candlecast.features.indicators import Array, Columns, Prices, channels, oscillators, shapes, trends, volumes
from candlecast.features.market import MARKET_FEATURE_NAMES, MarketReturns, market_terms
from candlecast.features.returns import RETURN_CANDLES, lagged, memory_terms, scaled_returns
from candlecast.features.sentiment import NEWS_FEATURE_NAMES, news_terms
from candlecast.features.volatility import har_terms, range_variance, typical_terms
from candlecast.market.calendars import to_microseconds
from candlecast.sentiment.aggregate import Stories

WARM_UP_CANDLES = 512
MIN_ROW_CANDLES = 168
RECENT_CANDLES = 192
FEATURE_NAMES: tuple[str, ...] = (
    "return_1",
    *(f"scaled_return_{k}" for k in RETURN_CANDLES),
    *("gk_vol_1", "gk_vol_4", "gk_vol_24", "gk_vol_168"),
    *("typical_vol_4", "typical_vol_24", "typical_vol_168"),
    *("rsi_6", "rsi_14", "stoch_k_14", "stoch_d_14", "willr_28", "cci_20", "adx_14", "di_balance_14"),
    *("aroon_25", "cmo_14", "ultosc", "ema_gap_8", "ema_gap_21", "ema_gap_50", "ppo_12_26", "macd_hist"),
    *("trix_15", "slope_14", "natr_14", "bb_percent_20", "bb_width_20"),
    *("high_gap_24", "low_gap_24", "high_gap_168", "low_gap_168"),
    *("bop", "upper_wick", "lower_wick"),
    *("volume_surprise_24", "volume_surprise_168", "obv_change_14", "cmf_20", "mfi_14"),
    *("hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2", "week_sin", "week_cos"),
    *("lagged_return_1", "lagged_return_2", "lagged_return_3", "cycle_return_1", "cycle_return_5", "still_share_168"),
    *MARKET_FEATURE_NAMES,
)


def build_features(
    candles: pd.DataFrame, news: Stories | None = None, market: MarketReturns | None = None
) -> pd.DataFrame:
    """Return what a model may know at each close.

    Parameters
    ----------
    candles : DataFrame
        Candles frame of n closed candles of one symbol, ascending.
    news : Stories, optional
        Scored, dated stories of the symbol, for a model that takes news.
    market : MarketReturns, optional
        What the symbols of its asset class did, its own candles among them; None: unknown.

    Returns
    -------
    DataFrame
        n rows, index of `candles`, float64 columns `FEATURE_NAMES` in that order, then
        `NEWS_FEATURE_NAMES` where `news` is given. Row i depends on rows up to i, on stories known
        and on other symbols' candles closed by its close alone. Warm-up and an unknown market are
        NaN, never filled. Row i computed from its last `WARM_UP_CANDLES` candles, the market of the
        last `MARKET_WINDOW_CANDLES` and the stories of its last `NEWS_DAYS` days equals row i
        computed from all of them within 1e-6.
    """
    names = FEATURE_NAMES if news is None else FEATURE_NAMES + NEWS_FEATURE_NAMES
    if candles.empty:
        return pd.DataFrame(columns=list(names), index=candles.index, dtype=np.float64)
    prices, closes = Prices.of(candles), pd.DatetimeIndex(candles["close_time"])
    open_us, close_us = to_microseconds(pd.DatetimeIndex(candles["open_time"])), to_microseconds(closes)
    columns = price_terms(prices, recent=prices) | calendar_terms(open_us, close_us)
    columns |= market_terms(market, close_us, columns)
    if news is not None:
        columns |= news_terms(news, closes)
    return pd.DataFrame({name: columns[name] for name in names}, index=candles.index)


def price_terms(prices: Prices, *, recent: Prices) -> Columns:
    """Return the columns that candles alone give.

    Parameters
    ----------
    prices : Prices
        n candles of one symbol or of several, ascending: what never quite forgets is computed from all.
    recent : Prices
        The last ones of them, `RECENT_CANDLES` at least where only the last row is of interest: what
        looks back a set number of candles is computed from these.
    """
    variance = range_variance(recent)
    har = har_terms(variance)
    scaled = scaled_returns(recent.close, har["gk_vol_24"])
    price = np.log(recent.close)
    columns = har | typical_terms(variance) | {"return_1": price - lagged(price, 1)} | scaled
    columns |= memory_terms(recent.close, scaled["scaled_return_1"])
    columns |= channels(recent) | shapes(recent) | volumes(recent)
    return columns | oscillators(prices) | trends(prices)


def features_digest(row: Array) -> str:
    """Return the SHA-256 of one feature row as little-endian float64, in hexadecimal."""
    return sha256(np.ascontiguousarray(row, dtype="<f8").tobytes()).hexdigest()
