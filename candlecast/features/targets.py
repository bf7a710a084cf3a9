"""What happened next? Labels by clock time, alone in their file: nothing here may be a feature."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.features.indicators import Array, Prices
from candlecast.features.volatility import range_variance
from candlecast.market.calendars import (
    ALWAYS_OPEN,
    Microseconds,
    expected_open_times,
    target_times,
    to_microseconds,
    to_times,
)
from candlecast.market.series import CandleArrays
from candlecast.market.timeframes import timeframe_s

TARGET_NAMES = ("direction", "log_return", "realised_volatility", "range_volatility", "fill_log_return")
CLEAN_PAST_CANDLES = 24
MIN_SPAN_CANDLES = 4
MAX_HORIZON_CANDLES = 96


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where each row lies among the slots of its calendar."""

    slots: npt.NDArray[np.int64]

    def unbroken(self, *, before: int, after: int) -> npt.NDArray[np.bool_]:
        """Tell which rows have no missing slot from `before` rows back to `after` rows ahead."""
        n = len(self.slots)
        rows = np.arange(n)
        first, last = rows - before, rows + after
        span = self.slots[np.minimum(last, n - 1)] - self.slots[np.maximum(first, 0)]
        whole: npt.NDArray[np.bool_] = (first >= 0) & (last < n) & (span == before + after)
        return whole


def build_targets(candles: pd.DataFrame, *, horizon: int, timeframe: str, calendar: str) -> pd.DataFrame:
    """Return what each row's forecast will be graded on.

    Parameters
    ----------
    candles : DataFrame
        Candles frame of n rows of one symbol, ascending.
    horizon : int
        Candles ahead, 1 to `MAX_HORIZON_CANDLES`.
    timeframe : str
        Length of a candle, as in ``1h``.
    calendar : str
        ``24/7`` or an exchange's, as ``XNYS``: a night is no gap there.

    Returns
    -------
    DataFrame
        n rows: `direction` (1 up, 0 down or tie), `log_return` over the horizon,
        `realised_volatility` (root of the summed squared log returns of the next max(horizon, 4)
        candles), `range_volatility` (log of the root mean Garman-Klass variance of the next horizon
        candles and of the next `volatility_span_candles`, averaged), `fill_log_return` (from the open
        of the next candle to the open after the target: what a trade on the forecast can earn),
        all NaN where unknown or where a candle is missing in the span or in the last 24;
        `target_time`, the close that is forecast, always known.

    Raises
    ------
    InvalidRequestError
        When `horizon` is out of range or `timeframe` unknown.
    """
    if not 1 <= horizon <= MAX_HORIZON_CANDLES:
        raise InvalidRequestError(f"horizon must be 1 to {MAX_HORIZON_CANDLES} candles, was {horizon}")
    span = max(horizon, MIN_SPAN_CANDLES)
    grid = _Grid(_slots(candles, timeframe=timeframe, calendar=calendar))
    near = grid.unbroken(before=CLEAN_PAST_CANDLES - 1, after=horizon)
    far = grid.unbroken(before=CLEAN_PAST_CANDLES - 1, after=span)
    next_open = grid.unbroken(before=CLEAN_PAST_CANDLES - 1, after=horizon + 1)
    prices = Prices.of(candles)
    change = _ahead(np.log(prices.close), horizon) - np.log(prices.close)
    entry = _ahead(np.log(candles["open"].to_numpy(dtype=np.float64)), 1)
    steps = np.square(np.diff(np.log(prices.close), prepend=np.nan))
    columns = {
        "direction": np.where(near, (change > 0).astype(np.float64), np.nan),
        "log_return": np.where(near, change, np.nan),
        "realised_volatility": np.where(far, np.sqrt(_next_mean(steps, span) * span), np.nan),
        "range_volatility": _range_volatility(prices, grid, horizon=horizon),
        "fill_log_return": np.where(next_open, _ahead(entry, horizon) - entry, np.nan),
    }
    frame = pd.DataFrame(columns, index=candles.index)
    closes = pd.DatetimeIndex(candles["close_time"])
    frame["target_time"] = target_times(closes, timeframe=timeframe, horizon=horizon, calendar=calendar)
    return frame


def settled_log_return(candles: CandleArrays, *, horizon: int, timeframe: str, calendar: str) -> float:
    """Return the newest known target: `log_return` of the row `horizon` before the last one.

    Parameters
    ----------
    candles : CandleArrays
        The newest candles of one symbol, `horizon` + `CLEAN_PAST_CANDLES` at least.
    horizon, timeframe, calendar
        As for `build_targets`.

    Returns
    -------
    float
        As `build_targets` has it, but for rounding; NaN where that has NaN, or too few are given.
    """
    before = CLEAN_PAST_CANDLES - 1
    if len(candles) <= before + horizon:
        return float("nan")
    opens = candles.open_us[-1 - before - horizon :]
    slots = _places(opens, timeframe=timeframe, calendar=calendar)
    if slots[-1] - slots[0] != before + horizon:
        return float("nan")
    close = candles.values[3]
    return float(np.log(close[-1]) - np.log(close[-1 - horizon]))


def volatility_span_candles(horizon: int) -> int:
    """Return how many candles ahead the target `range_volatility` looks.

    Four, or from a horizon of five on four horizons, 96 at most: outcomes of a long horizon are few,
    and the longer span steadies what is learned from them.
    """
    return MIN_SPAN_CANDLES if horizon <= MIN_SPAN_CANDLES else min(4 * horizon, MAX_HORIZON_CANDLES)


def _range_volatility(prices: Prices, grid: _Grid, *, horizon: int) -> Array:
    variance, span = range_variance(prices), volatility_span_candles(horizon)
    level = 0.25 * (np.log(_next_mean(variance, horizon)) + np.log(_next_mean(variance, span)))
    return np.where(grid.unbroken(before=CLEAN_PAST_CANDLES - 1, after=span), level, np.nan)


def _slots(candles: pd.DataFrame, *, timeframe: str, calendar: str) -> npt.NDArray[np.int64]:
    return _places(to_microseconds(pd.DatetimeIndex(candles["open_time"])), timeframe=timeframe, calendar=calendar)


def _places(open_us: Microseconds, *, timeframe: str, calendar: str) -> npt.NDArray[np.int64]:
    if calendar == ALWAYS_OPEN or not len(open_us):
        return open_us // (timeframe_s(timeframe) * 1_000_000)
    first, last = to_times(open_us[[0, -1]] + np.array([0, 1]))
    grid = expected_open_times(first, last, timeframe=timeframe, calendar=calendar)
    return np.searchsorted(to_microseconds(grid), open_us, side="right").astype(np.int64)


def _ahead(values: Array, n: int) -> Array:
    shifted = np.full_like(values, np.nan)
    shifted[:-n] = values[n:]
    return shifted


def _next_mean(values: Array, n: int) -> Array:
    return pd.Series(values).rolling(n).mean().shift(-n).to_numpy(dtype=np.float64)
