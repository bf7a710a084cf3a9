"""What becomes of one symbol's capital when its forecasts are followed? Fills at opens, marks at closes.

A forecast made from the candle that closed last is filled at the open of the next candle. A position
is held to the open after its target, and left there unless the next forecast keeps it. Capital of one
symbol is traded with by itself; a loss of all of it ends its trading.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.evaluation.metrics import Array
from candlecast.market.calendars import to_microseconds
from candlecast.market.timeframes import timeframe_s

# a forecast made later than this share of a candle after the open that it meant is filled at the next one
LATE_SHARE = 0.1

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Orders:
    """When forecasts are filled.

    Parameters
    ----------
    enter, leave : ndarray of shape (n,)
        Places of the candles at whose opens a position is entered and left, ascending by `enter`;
        `leave` may lie one beyond the last candle: it is still held.
    weight : ndarray of shape (n,)
        Wanted positions.
    """

    enter: Places
    leave: Places
    weight: Array


@dataclass(frozen=True, slots=True)
class SymbolRun:
    """What following the forecasts of one symbol made of a capital of 1.

    Parameters
    ----------
    equity : Series of shape (n,)
        Value of the capital at each candle's close, by close time.
    weight : ndarray of shape (n,)
        Position during each candle, as a share of the capital at its close.
    trips : ndarray of shape (m,)
        What each position made from entering to leaving, costs included, as a share of the capital
        before it.
    traded : float
        Sum of all fills, each as a share of the capital at that time.
    """

    equity: "pd.Series[float]"
    weight: Array
    trips: Array
    traded: float


def place_orders(candles: pd.DataFrame, forecasts: pd.DataFrame, weight: Array, *, timeframe: str) -> Orders:
    """Return when forecasts can be filled; those whose target is past by then are left out.

    Parameters
    ----------
    candles : DataFrame
        Candles frame of n rows, ascending; holes are allowed: a fill waits for the next open.
    forecasts : DataFrame
        Rows with `close_time` (of the newest candle that was known), `made_at` and `target_time`.
    weight : ndarray of shape (n,)
        What each forecast wants.
    timeframe : str
        Length of a candle.
    """
    opens = to_microseconds(pd.DatetimeIndex(candles["open_time"]))
    known, made, target = (
        to_microseconds(pd.DatetimeIndex(forecasts[name])) for name in ("close_time", "made_at", "target_time")
    )
    slack = int(LATE_SHARE * timeframe_s(timeframe) * 1e6)
    since = np.where(made - known <= slack, known, made)
    enter, leave = np.searchsorted(opens, since), np.searchsorted(opens, target)
    rows = np.flatnonzero((enter < leave) & (enter < len(opens)))
    rows = rows[np.lexsort((known[rows], enter[rows]))]
    # of two that are filled at one open the newer one is followed
    rows = rows[np.append(enter[rows][1:] != enter[rows][:-1], True)[: len(rows)]]
    return Orders(enter[rows], leave[rows], weight[rows])


def follow(candles: pd.DataFrame, orders: Orders, *, cost_share: float, band: float) -> SymbolRun:
    """Trade one symbol's capital.

    Parameters
    ----------
    candles : DataFrame
        Candles frame of n rows, ascending, at least one; what is held at its end is left at its last
        close.
    orders : Orders
        When, and how much.
    cost_share : float
        Cost of buying or selling one unit, as a share of its value.
    band : float
        How far a held position may be from the wanted one, see `TradingRules`.
    """
    prices, closes = (candles[name].to_numpy(dtype=np.float64) for name in ("open", "close"))
    account = _Account(closes, cost_share)
    side, free_from = 0.0, 0
    for enter, leave, weight in zip(orders.enter.tolist(), orders.leave.tolist(), orders.weight.tolist(), strict=True):
        if side and enter < free_from:
            continue
        if side and enter > free_from:
            account.turn(free_from, prices[free_from], 0.0)
        held = account.weight(prices[enter])
        if np.sign(weight) != np.sign(held) or abs(weight - held) > band:
            account.turn(enter, prices[enter], weight)
        side, free_from = float(np.sign(weight)), leave
    if side and free_from < len(candles):
        account.turn(free_from, prices[free_from], 0.0)
    return account.closed(times=pd.DatetimeIndex(candles["close_time"]))


class _Account:
    # cash and units after each fill; a position is one trip from none to none, or to the other side

    def __init__(self, closes: Array, cost_share: float) -> None:
        self._closes, self._cost = closes, cost_share
        self._cash, self._units = 1.0, 0.0
        self._filled: dict[int, tuple[float, float]] = {}
        self._since = 0
        self._stake = 1.0
        self._trips: list[float] = []
        self._traded = 0.0

    def weight(self, price: float) -> float:
        value = self._units * price
        return value / (self._cash + value) if self._cash + value > 0.0 else 0.0

    def turn(self, place: int, price: float, weight: float) -> None:
        self._note_loss(place)
        held = self._units * price
        worth = self._cash + held
        if worth <= 0.0:
            weight = 0.0
        # the stake is a share of what is left after the costs of getting there
        paid = self._cost if weight * worth >= held else -self._cost
        after = (worth + paid * held) / (1.0 + paid * weight)
        if np.sign(weight) != np.sign(held):
            self._end_trip(after if not weight else worth - self._cost * abs(held))
            self._stake = worth - self._cost * abs(held)
        self._traded += abs(weight * after - held) / worth if worth > 0.0 else 0.0
        self._units, self._cash = weight * after / price, after - weight * after
        self._filled[place], self._since = (self._cash, self._units), place

    def closed(self, *, times: pd.DatetimeIndex) -> SymbolRun:
        closes, n = self._closes, len(self._closes)
        self._note_loss(n)
        state = np.full((n, 2), np.nan)
        state[0] = (1.0, 0.0)
        for place, filled in self._filled.items():
            state[place] = filled
        cash, units = pd.DataFrame(state).ffill().to_numpy(dtype=np.float64).T
        equity = cash + units * closes
        if self._units:
            held = abs(self._units * closes[-1])
            self._traded += held / equity[-1]
            equity[-1] -= self._cost * held
            self._end_trip(float(equity[-1]))
        lost = np.logical_or.accumulate(equity <= 0.0)
        equity = np.where(lost, 0.0, equity)
        weight = np.divide(units * closes, equity, out=np.zeros(n), where=equity > 0.0)
        return SymbolRun(pd.Series(equity, index=times), weight, np.array(self._trips), self._traded)

    def _note_loss(self, end: int) -> None:
        # all is lost at the close that says so, whatever the price does before the next fill
        if self._units and (self._cash + self._units * self._closes[self._since : end] <= 0.0).any():
            self._end_trip(0.0)
            self._cash = self._units = 0.0

    def _end_trip(self, worth: float) -> None:
        if self._units:
            self._trips.append(max(worth, 0.0) / self._stake - 1.0)
