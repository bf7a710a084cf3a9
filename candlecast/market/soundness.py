"""Is every row of a frame a candle? One pass over arrays, because nearly always all of them are."""

from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.market.calendars import on_grid, to_microseconds
from candlecast.market.candles import PRICE_COLUMNS, TIME_DTYPE


def is_sound(rows: pd.DataFrame, *, timeframe: str, calendar: str, now: datetime) -> bool:
    """Tell whether validation could refuse, reorder or convert nothing, but for jumps.

    Parameters
    ----------
    rows : DataFrame of shape (n, m)
        As for `validate_candles`, without running candles.
    timeframe, calendar : str
        Give the grid.
    now : datetime
        Aware; no row may close later.

    Returns
    -------
    bool
        True only when all prices are finite and above 0, volumes not negative (NaN is allowed), highs
        and lows the extremes, opens on the grid, closes in the past, rows strictly ascending by
        ``symbol_id`` (where given) and ``open_time``, and all types right. Says the same as the
        schema of `validate_candles`, 30 times as fast on the rows of a minute.

    Raises
    ------
    InvalidRequestError
        When timeframe or calendar is unknown.
    """
    if any(str(rows[name].dtype) != TIME_DTYPE for name in ("open_time", "close_time")):
        return False
    if any(rows[name].dtype != np.float64 for name in PRICE_COLUMNS):
        return False
    opened, high, low, close, volume = (rows[name].to_numpy() for name in PRICE_COLUMNS)
    with np.errstate(invalid="ignore"):
        extremes = (high >= np.maximum(opened, close)) & (low <= np.minimum(opened, close)) & (low > 0)
        sizes = (high < np.inf) & ~(volume < 0) & ~np.isinf(volume)
    return bool(extremes.all() and sizes.all()) and _times_fit(rows, timeframe, calendar, now)


def _times_fit(rows: pd.DataFrame, timeframe: str, calendar: str, now: datetime) -> bool:
    opens = pd.DatetimeIndex(rows["open_time"])
    closes_us, opens_us = to_microseconds(pd.DatetimeIndex(rows["close_time"])), to_microseconds(opens)
    if len(rows) and closes_us.max() > to_microseconds(pd.DatetimeIndex([now]))[0]:
        return False
    steps = np.diff(opens_us) > 0
    if "symbol_id" in rows:
        ids = np.diff(rows["symbol_id"].to_numpy())
        steps = (ids > 0) | ((ids == 0) & steps)
    return bool(steps.all()) and bool(on_grid(opens, timeframe=timeframe, calendar=calendar).all())
