"""What did the other symbols do? The state of a panel at each close, joined to one symbol's rows.

A symbol enters at the closes for which it has a candle; where too few have one, the market is
unknown (NaN), never still (0). Live, candles of a close come one after the other: a forecast that is
made early sees those that are stored by then, or NaN while they are fewer than half of those before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.features.crowd import LEADER_STANDING, LEADERS, STATE, Crowd, state_of
from candlecast.features.indicators import Array, Columns, Prices
from candlecast.features.standing import STANDING
from candlecast.market.calendars import to_microseconds
from candlecast.market.symbols import Symbol

Times = npt.NDArray[np.int64]
Window = tuple[Array, Times]

GAP_CANDLES = (1, 3, 6, 12, 24, 72)
GAP_STANDING = ("rsi_6", "stoch_k_14", "bb_percent_20", "high_gap_24")
MARKET_WINDOW_CANDLES = 128
_NOTHING = np.empty(0)
_JOINED = (
    *("market_return_1", "market_return_2", "market_return_6", "market_return_24"),
    *("market_lag_1", "market_lag_2", "market_cycle_1", "market_spread_1", "market_breadth_1"),
    *("market_volume_surprise", "market_unrest"),
    *(f"{base.lower()}_return_{k}" for base, spans in LEADERS.items() for k in spans),
    *(f"market_{name}" for name in STANDING),
    *(f"{base.lower()}_{name}" for base, names in LEADER_STANDING.items() for name in names),
)
MARKET_FEATURE_NAMES: tuple[str, ...] = (
    *_JOINED,
    *(f"gap_return_{k}" for k in GAP_CANDLES),
    "gap_volume_surprise",
    *(f"gap_{name}" for name in GAP_STANDING),
)


@dataclass(frozen=True, slots=True)
class MarketReturns:
    """The market of one asset class at each close at which one of its symbols has a candle.

    Parameters
    ----------
    close_us : ndarray of shape (m,), int64
        Closes in microseconds since 1970, ascending.
    columns : dict of str to ndarray of shape (m,)
        Means over the symbols (``market_return_k``: of scaled returns over k candles), their spread,
        and what `LEADERS` did; NaN where unknown.
    """

    close_us: Times
    columns: Columns

    @classmethod
    def of(cls, panel: Mapping[str, pd.DataFrame]) -> "MarketReturns":
        """Read the market from candles of several symbols of one asset class and timeframe.

        Parameters
        ----------
        panel : mapping of str to DataFrame
            Candles frame of each symbol, ascending; `MARKET_WINDOW_CANDLES` suffice for its last row.

        Returns
        -------
        MarketReturns
            Each close depends on candles closed by then alone.
        """
        known = [name for name in sorted(panel) if len(panel[name])]
        states = [state_of(Prices.of(panel[name])) for name in known]
        columns = {name: np.concatenate([state[name] for state in states] or [_NOTHING]) for name in STATE}
        return cls._joined([_closes(panel[name]) for name in known], columns, known)

    @classmethod
    def of_windows(cls, windows: Mapping[str, Window]) -> "MarketReturns":
        """Read the market from arrays of many symbols; the numbers are those of `of`, bit for bit.

        Parameters
        ----------
        windows : mapping of str to (ndarray of shape (5, n), ndarray of shape (n,))
            Of each symbol: open, high, low, close and volume, ascending, and the closes in
            microseconds since 1970. Symbols with as many candles are computed together.
        """
        known = [name for name in sorted(windows) if len(windows[name][1])]
        lengths = np.array([len(windows[name][1]) for name in known], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        columns = {name: np.empty(int(lengths.sum())) for name in STATE}
        for n in np.unique(lengths):
            members = np.flatnonzero(lengths == n)
            places = starts[members][:, np.newaxis] + np.arange(n)
            values = np.stack([windows[known[member]][0] for member in members], axis=1)
            for name, state in state_of(Prices.stacked(values)).items():
                columns[name][places] = state
        return cls._joined([windows[name][1] for name in known], columns, known)

    @classmethod
    def _joined(cls, closes: Sequence[Times], columns: Columns, names: Sequence[str]) -> "MarketReturns":
        every = np.concatenate([*closes, np.empty(0, dtype=np.int64)])
        close_us, places = np.unique(every, return_inverse=True)
        owner = np.repeat(np.arange(len(names)), [len(each) for each in closes])
        crowd = Crowd(close_us, columns, places)
        return cls(close_us, crowd.means() | crowd.leaders(owner, names))

    def at(self, close_us: Times) -> Columns:
        """Return the columns at other closes, NaN at closes that no symbol has."""
        if not len(self.close_us):
            return {name: np.full(len(close_us), np.nan) for name in self.columns}
        place = np.minimum(np.searchsorted(self.close_us, close_us), len(self.close_us) - 1)
        known = self.close_us[place] == close_us
        return {name: np.where(known, values[place], np.nan) for name, values in self.columns.items()}


def market_returns(panel: Mapping[str, pd.DataFrame]) -> dict[str, MarketReturns]:
    """Return the market of each asset class of a panel: stocks and crypto do not mix.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending.
    """
    classes: dict[str, dict[str, pd.DataFrame]] = {}
    for name, candles in panel.items():
        classes.setdefault(Symbol.parse(name).asset_class, {})[name] = candles
    return {asset_class: MarketReturns.of(members) for asset_class, members in classes.items()}


def market_terms(market: MarketReturns | None, close_us: Times, own: Columns) -> Columns:
    """Return what the market did at each close of a symbol, and how the symbol stands in it.

    Parameters
    ----------
    market : MarketReturns or None
        The market that the symbol belongs to; None: unknown.
    close_us : ndarray of shape (n,), int64
        Closes of the symbol, or of one candle each of several symbols of the market.
    own : dict of str to ndarray of shape (n,)
        Their ``scaled_return_k``, `volume_surprise_24` and `STANDING`.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        `MARKET_FEATURE_NAMES`: ``gap_*`` is the symbol less the market, `market_breadth_1` the share
        that rose, `market_spread_1` the deviation between symbols, `market_unrest` the newest
        candle's log volatility less the day's; NaN where unknown.
    """
    if market is None:
        return {name: np.full(len(close_us), np.nan) for name in MARKET_FEATURE_NAMES}
    joined = market.at(close_us)
    columns = {name: joined[name] for name in _JOINED}
    columns |= {f"gap_return_{k}": own[f"scaled_return_{k}"] - joined[f"market_return_{k}"] for k in GAP_CANDLES}
    columns |= {f"gap_{name}": own[name] - joined[f"market_{name}"] for name in GAP_STANDING}
    return columns | {"gap_volume_surprise": own["volume_surprise_24"] - joined["market_volume_surprise"]}


def _closes(candles: pd.DataFrame) -> Times:
    return to_microseconds(pd.DatetimeIndex(candles["close_time"]))
