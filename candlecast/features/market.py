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

from candlecast.features.indicators import Array, Columns, Prices, volume_surprise
from candlecast.features.returns import CYCLE_CANDLES, lagged, scaled_returns
from candlecast.features.volatility import har_terms, range_variance
from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import Symbol

Times = npt.NDArray[np.int64]
Window = tuple[Array, Times]

GAP_CANDLES = (1, 3, 6, 12, 24, 72)
LEADERS = {"BTC": (1, 2, 3, 6, 12, 24), "ETH": (1, 2, 6, 24)}
MIN_SYMBOLS = 2
MARKET_WINDOW_CANDLES = 128
_MEAN_CANDLES = (1, 2, 3, 6, 12, 24, 72)
_STATE = (*(f"scaled_return_{k}" for k in _MEAN_CANDLES), "square", "rose", "volume_surprise_24", "unrest")
_NOTHING = np.empty(0)
_JOINED = (
    *("market_return_1", "market_return_2", "market_return_6", "market_return_24"),
    *("market_lag_1", "market_lag_2", "market_cycle_1", "market_spread_1", "market_breadth_1"),
    *("market_volume_surprise", "market_unrest"),
    *(f"{base.lower()}_return_{k}" for base, spans in LEADERS.items() for k in spans),
)
MARKET_FEATURE_NAMES: tuple[str, ...] = (
    *_JOINED,
    *(f"gap_return_{k}" for k in GAP_CANDLES),
    "gap_volume_surprise",
)


@dataclass(frozen=True, slots=True)
class MarketReturns:
    """The market of one asset class at each close at which one of its symbols has a candle.

    Parameters
    ----------
    close_us : ndarray of shape (m,), int64
        Closes in microseconds since 1970, ascending.
    columns : dict of str to ndarray of shape (m,)
        Means over the symbols (``market_return_k``: of scaled returns over k candles), their spread
        and the returns of `LEADERS`; NaN where unknown.
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
        states = [_state(Prices.of(panel[name])) for name in known]
        columns = {name: np.concatenate([state[name] for state in states] or [_NOTHING]) for name in _STATE}
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
        columns = {name: np.empty(int(lengths.sum())) for name in _STATE}
        for n in np.unique(lengths):
            members = np.flatnonzero(lengths == n)
            places = starts[members][:, np.newaxis] + np.arange(n)
            values = np.stack([windows[known[member]][0] for member in members], axis=1)
            for name, state in _state(Prices.stacked(values)).items():
                columns[name][places] = state
        return cls._joined([windows[name][1] for name in known], columns, known)

    @classmethod
    def _joined(cls, closes: Sequence[Times], columns: Columns, names: Sequence[str]) -> "MarketReturns":
        every = np.concatenate([*closes, np.empty(0, dtype=np.int64)])
        close_us, places = np.unique(every, return_inverse=True)
        owner = np.repeat(np.arange(len(names)), [len(each) for each in closes])
        crowd = _Crowd(close_us, columns, places)
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
        Their ``scaled_return_k`` and `volume_surprise_24`.

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
    return columns | {"gap_volume_surprise": own["volume_surprise_24"] - joined["market_volume_surprise"]}


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Rows of all symbols, one symbol after the other, and where each lies among all closes."""

    close_us: Times
    columns: Columns
    places: npt.NDArray[np.int64]

    def means(self) -> Columns:
        present = self._total(np.ones(len(self.places)))
        before = np.concatenate((present[:1], present[:-1]))
        whole = 2.0 * present >= before
        columns = {f"market_return_{k}": self._mean(f"scaled_return_{k}", whole) for k in _MEAN_CANDLES}
        newest = columns["market_return_1"]
        variance = self._mean("square", whole) - newest**2
        return columns | {
            "market_lag_1": lagged(newest, 1),
            "market_lag_2": lagged(newest, 2),
            "market_cycle_1": lagged(newest, CYCLE_CANDLES - 1),
            "market_spread_1": np.sqrt(np.maximum(variance, 0.0)),
            "market_breadth_1": self._mean("rose", whole),
            "market_volume_surprise": self._mean("volume_surprise_24", whole),
            "market_unrest": self._mean("unrest", whole),
        }

    def leaders(self, owner: npt.NDArray[np.int64], names: Sequence[str]) -> Columns:
        columns = {f"{base.lower()}_return_{k}": self._blank() for base, spans in LEADERS.items() for k in spans}
        for base, spans in LEADERS.items():
            for number in [number for number, name in enumerate(names) if name.partition("/")[0] == base][:1]:
                mine = owner == number
                for k in spans:
                    column = self.columns[f"scaled_return_{k}"]
                    columns[f"{base.lower()}_return_{k}"][self.places[mine]] = column[mine]
        return columns

    def _mean(self, column: str, whole: npt.NDArray[np.bool_]) -> Array:
        values = self.columns[column]
        known = np.isfinite(values)
        count = self._total(known.astype(np.float64))
        total = self._total(np.where(known, values, 0.0))
        return np.divide(total, count, out=self._blank(), where=whole & (count >= MIN_SYMBOLS))

    def _total(self, values: Array) -> Array:
        total = np.bincount(self.places, weights=values, minlength=len(self.close_us))
        return total.astype(np.float64, copy=False)

    def _blank(self) -> Array:
        return np.full(len(self.close_us), np.nan)


def _state(prices: Prices) -> Columns:
    har = har_terms(range_variance(prices), spans=(1, 24))
    columns = scaled_returns(prices.close, har["gk_vol_24"], spans=_MEAN_CANDLES)
    newest = columns["scaled_return_1"]
    return columns | {
        "square": newest**2,
        "rose": np.where(np.isfinite(newest), (newest > 0.0).astype(np.float64), np.nan),
        "volume_surprise_24": volume_surprise(prices.volume, n=24),
        "unrest": har["gk_vol_1"] - har["gk_vol_24"],
    }


def _closes(candles: pd.DataFrame) -> Times:
    return to_microseconds(pd.DatetimeIndex(candles["close_time"]))
