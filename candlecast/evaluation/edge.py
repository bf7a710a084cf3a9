"""What would the calls have earned, before and after costs? One unit a call, held to the target.

A position is decided at a close from what the forecast said there, filled at the open of the next
candle, and left at the open after the close that was forecast: nothing later decides anything, and
no price is used that was gone. The next decision of the symbol is taken at that target or after it,
so that no candle is earned twice. `candlecast.evaluation.backtest` fills at the same opens, and adds
what one unit a call leaves out: sizes, capital, drawdown.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.metrics import Array
from candlecast.market.calendars import to_microseconds

Rule = Literal["every call", "calls beyond their cost", "always long"]
RULES: tuple[Rule, ...] = ("every call", "calls beyond their cost", "always long")
DEFAULT_COST_BPS = 10.0
_BPS = 1e4
# mean absolute value of a standard normal
_MEAN_SIZE = float(np.sqrt(2.0 / np.pi))


@dataclass(frozen=True, slots=True)
class Trading:
    """How calls become positions.

    Parameters
    ----------
    cost_bps : float
        Fee and slippage of buying or selling one unit, at least 0; turning from long to short costs
        it twice.
    rule : {"every call", "calls beyond their cost", "always long"}
        The second takes a position only where the expected gain, ``(2 P(up) - 1) x 0.8 sigma``, is
        more than entering and leaving costs. The third is no skill at all: what holding earned.

    Raises
    ------
    InvalidRequestError
        When `cost_bps` is below 0 or not a number.
    """

    cost_bps: float = DEFAULT_COST_BPS
    rule: Rule = "every call"

    def __post_init__(self) -> None:
        if not self.cost_bps >= 0.0:
            raise InvalidRequestError(f"cost_bps must be at least 0, was {self.cost_bps}; 10 is a usual taker fee")


def trade(forecasts: pd.DataFrame, *, trading: Trading) -> pd.DataFrame:
    """Follow the calls of every symbol, one unit each.

    Parameters
    ----------
    forecasts : DataFrame
        Rows with `symbol`, `close_time`, `target_time`, `p_model`, `sigma` and `fill_log_return`; rows
        whose fills are unknown are left out.
    trading : Trading
        How.

    Returns
    -------
    DataFrame
        One row a decision, by symbol and time: `symbol`, `close_time`, `position` (-1 short, 0 none,
        1 long), `gross_bps`, `cost_bps` and `net_bps` of one unit. Leaving is charged to the
        decision that leaves, or to the last one before a hole.
    """
    parts = [_follow(part, trading=trading) for _, part in forecasts.groupby("symbol", sort=True)]
    columns = ["symbol", "close_time", "position", "gross_bps", "cost_bps", "net_bps"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def daily_equity(trades: pd.DataFrame) -> pd.DataFrame:
    """Return the summed result of equal stakes in all symbols, day by day.

    Parameters
    ----------
    trades : DataFrame
        From `trade`.

    Returns
    -------
    DataFrame
        `day`, `gross_pct`, `net_pct`: cumulative, in percent of a stake that stays the same.
    """
    n_symbols = max(1, trades["symbol"].nunique())
    days = trades["close_time"].dt.floor("D").rename("day")
    sums = trades.groupby(days)[["gross_bps", "net_bps"]].sum().cumsum() / (100.0 * n_symbols)
    return sums.rename(columns={"gross_bps": "gross_pct", "net_bps": "net_pct"}).reset_index()


def _follow(forecasts: pd.DataFrame, *, trading: Trading) -> pd.DataFrame:
    ordered = forecasts.sort_values("close_time")
    known = ordered[np.isfinite(ordered["fill_log_return"].to_numpy(dtype=np.float64))]
    closes, targets = (to_microseconds(pd.DatetimeIndex(known[name])) for name in ("close_time", "target_time"))
    taken = _one_after_another(closes, targets)
    chosen = known.iloc[taken]
    position = _positions(chosen, trading=trading)
    gross = position * np.expm1(chosen["fill_log_return"].to_numpy(dtype=np.float64)) * _BPS
    cost = trading.cost_bps * _turnover(position, closes[taken], targets[taken])
    return pd.DataFrame(
        {
            "symbol": chosen["symbol"].to_numpy(),
            "close_time": chosen["close_time"].to_numpy(),
            "position": position,
            "gross_bps": gross,
            "cost_bps": cost,
            "net_bps": gross - cost,
        }
    ).assign(close_time=pd.DatetimeIndex(chosen["close_time"]))


def _one_after_another(closes: npt.NDArray[np.int64], targets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    taken, free_from = [], np.iinfo(np.int64).min
    for row, (close, target) in enumerate(zip(closes.tolist(), targets.tolist(), strict=True)):
        if close >= free_from:
            taken.append(row)
            free_from = target
    return np.array(taken, dtype=np.int64)


def _positions(chosen: pd.DataFrame, *, trading: Trading) -> Array:
    p_up, sigma = (chosen[name].to_numpy(dtype=np.float64) for name in ("p_model", "sigma"))
    position = np.sign(p_up - 0.5)
    if trading.rule == "always long":
        position = np.ones(len(p_up))
    elif trading.rule == "calls beyond their cost":
        expected_bps = np.abs(2.0 * p_up - 1.0) * _MEAN_SIZE * sigma * _BPS
        position = np.where(expected_bps > 2.0 * trading.cost_bps, position, 0.0)
    return np.asarray(position, dtype=np.float64)


def _turnover(position: Array, closes: npt.NDArray[np.int64], targets: npt.NDArray[np.int64]) -> Array:
    if not len(position):
        return position
    joined = closes[1:] == targets[:-1]
    before = np.concatenate([[0.0], np.where(joined, position[:-1], 0.0)])
    leaves = np.concatenate([np.where(joined, 0.0, np.abs(position[:-1])), np.abs(position[-1:])])
    return np.asarray(np.abs(position - before) + leaves, dtype=np.float64)
