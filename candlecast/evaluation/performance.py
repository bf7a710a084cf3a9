"""How well did a capital do? Growth, risk and how sure that is, from its value over time."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from candlecast.evaluation.bootstrap import UNKNOWN, Bounds, DayBlocks

# a growth of fewer days says nothing of a year
MIN_DAYS_A_YEAR = 30
_BLOCK_S = 2 * 86_400.0
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Performance:
    """What became of a capital of 1; NaN where the span is too short to tell.

    Parameters
    ----------
    return_pct : float
        Whole span, in percent.
    cagr_pct : float
        The same growth over a year; NaN below `MIN_DAYS_A_YEAR` days.
    volatility_pct : float
        Standard deviation of the daily returns, as percent a year.
    sharpe : float
        Mean daily return over its standard deviation, times the root of the trading days a year; the
        interest that cash would have earned is taken as 0 (Sharpe 1994).
    sharpe_bounds : (float, float)
        Its 95 % interval, blocks of days drawn again; NaN below ten blocks.
    drawdown_pct : float
        Largest fall from the highest value before, at closes of candles, in percent, at least 0.
    drawdown_days : float
        Longest time below an earlier value.
    """

    return_pct: float
    cagr_pct: float
    volatility_pct: float
    sharpe: float
    sharpe_bounds: Bounds
    drawdown_pct: float
    drawdown_days: float


def performance(equity: "pd.Series[float]", *, target_span_s: float) -> Performance:
    """Judge the value of a capital over time.

    Parameters
    ----------
    equity : Series of shape (n,)
        Value at the close of each candle, ascending by time (aware index), at least one; the capital
        before the first candle is 1.
    target_span_s : float
        Seconds that a position may last: blocks of days are at least twice as long.
    """
    daily = equity.groupby(pd.DatetimeIndex(equity.index).floor("D")).last()
    before = daily.shift(fill_value=1.0)
    returns = (daily / before - 1.0)[before > 0.0]
    span_days = _days(equity.index[-1] - equity.index[0])
    end, a_year = float(equity.iloc[-1]), len(daily) / max(span_days, 1.0) * _DAYS_A_YEAR
    spread = float(returns.std(ddof=1)) if len(returns) > 1 else math.nan
    low, high = _sharpe_bounds(returns, target_span_s=target_span_s)
    return Performance(
        return_pct=100.0 * (end - 1.0),
        cagr_pct=100.0 * (end ** (_DAYS_A_YEAR / span_days) - 1.0) if span_days >= MIN_DAYS_A_YEAR else math.nan,
        volatility_pct=100.0 * spread * math.sqrt(a_year),
        sharpe=float(returns.mean()) / spread * math.sqrt(a_year) if spread > 0.0 else math.nan,
        sharpe_bounds=(low * math.sqrt(a_year), high * math.sqrt(a_year)),
        drawdown_pct=100.0 * float(drawdown(equity).max()),
        drawdown_days=_longest_below(equity),
    )


def drawdown(equity: "pd.Series[float]") -> "pd.Series[float]":
    """Return how far a capital of 1 is below its highest value so far, as a share of it, 0 to 1."""
    return 1.0 - equity / equity.cummax().clip(lower=1.0)


def _sharpe_bounds(returns: "pd.Series[float]", *, target_span_s: float) -> Bounds:
    if len(returns) < 2:
        return UNKNOWN
    span_s = max(target_span_s, _BLOCK_S / 2.0)
    blocks = DayBlocks.of(pd.DatetimeIndex(returns.index), target_span_s=span_s)
    return blocks.mean_over_deviation(np.asarray(returns, dtype=np.float64))


def _longest_below(equity: "pd.Series[float]") -> float:
    times = pd.Series(equity.index, index=equity.index)
    at_top = equity >= equity.cummax().clip(lower=1.0)
    since_top = times.where(at_top).ffill().fillna(times.iloc[0])
    return _days((times - since_top).max())


def _days(span: pd.Timedelta) -> float:
    return float(span / pd.Timedelta(days=1))
