"""What did the other symbols do? The state of a panel at each close, joined to one symbol's rows.

A symbol enters at the closes for which it has a candle; where too few have one, the market is
unknown (NaN), never still (0). Live, candles of a close come one after the other: a forecast that is
made early sees those that are stored by then, or NaN while they are fewer than half of those before.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.features.indicators import Array, Columns, Prices, volumes
from candlecast.features.returns import CYCLE_CANDLES, lagged, scaled_returns
from candlecast.features.volatility import har_terms, range_variance
from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import Symbol

Times = npt.NDArray[np.int64]

GAP_CANDLES = (1, 3, 6, 12, 24, 72)
LEADERS = {"BTC": (1, 2, 3, 6, 12, 24), "ETH": (1, 2, 6, 24)}
MIN_SYMBOLS = 2
MARKET_WINDOW_CANDLES = 128
_MEAN_CANDLES = (1, 2, 3, 6, 12, 24, 72)
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
        states = {name: _state(panel[name]) for name in sorted(panel) if len(panel[name])}
        close_us = np.unique(np.concatenate([_closes(panel[name]) for name in states] or [np.empty(0, dtype=np.int64)]))
        places = {name: np.searchsorted(close_us, _closes(panel[name])) for name in states}
        crowd = _Crowd(close_us, states, places)
        return cls(close_us, crowd.means() | crowd.leaders())

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


def market_terms(market: MarketReturns | None, closes: pd.DatetimeIndex, own: Columns) -> Columns:
    """Return what the market did at each close of a symbol, and how the symbol stands in it.

    Parameters
    ----------
    market : MarketReturns or None
        The market that the symbol belongs to; None: unknown.
    closes : DatetimeIndex of shape (n,)
        Closes of the symbol.
    own : dict of str to ndarray of shape (n,)
        Its ``scaled_return_k`` and `volume_surprise_24`.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        `MARKET_FEATURE_NAMES`: ``gap_*`` is the symbol less the market, `market_breadth_1` the share
        that rose, `market_spread_1` the deviation between symbols, `market_unrest` the newest
        candle's log volatility less the day's; NaN where unknown.
    """
    if market is None:
        return {name: np.full(len(closes), np.nan) for name in MARKET_FEATURE_NAMES}
    joined = market.at(to_microseconds(closes))
    columns = {name: joined[name] for name in _JOINED}
    columns |= {f"gap_return_{k}": own[f"scaled_return_{k}"] - joined[f"market_return_{k}"] for k in GAP_CANDLES}
    return columns | {"gap_volume_surprise": own["volume_surprise_24"] - joined["market_volume_surprise"]}


@dataclass(frozen=True, slots=True)
class _Crowd:
    """States of symbols and where their rows lie among all closes."""

    close_us: Times
    states: Mapping[str, Columns]
    places: Mapping[str, Times]

    def means(self) -> Columns:
        present = self._total({name: np.ones(len(place)) for name, place in self.places.items()})
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

    def leaders(self) -> Columns:
        columns = {f"{base.lower()}_return_{k}": self._blank() for base, spans in LEADERS.items() for k in spans}
        for base, spans in LEADERS.items():
            for name in [name for name in self.states if name.partition("/")[0] == base][:1]:
                for k in spans:
                    columns[f"{base.lower()}_return_{k}"][self.places[name]] = self.states[name][f"scaled_return_{k}"]
        return columns

    def _mean(self, column: str, whole: npt.NDArray[np.bool_]) -> Array:
        values = {name: state[column] for name, state in self.states.items()}
        count = self._total({name: np.isfinite(value).astype(np.float64) for name, value in values.items()})
        total = self._total({name: np.nan_to_num(value, posinf=0.0, neginf=0.0) for name, value in values.items()})
        known = whole & (count >= MIN_SYMBOLS)
        return np.divide(total, count, out=self._blank(), where=known)

    def _total(self, values: Mapping[str, Array]) -> Array:
        total = np.zeros(len(self.close_us))
        for name, value in values.items():
            total[self.places[name]] += value
        return total

    def _blank(self) -> Array:
        return np.full(len(self.close_us), np.nan)


def _state(candles: pd.DataFrame) -> Columns:
    prices = Prices.of(candles)
    har = har_terms(range_variance(prices))
    columns = scaled_returns(prices.close, har["gk_vol_24"], spans=_MEAN_CANDLES)
    newest = columns["scaled_return_1"]
    return columns | {
        "square": newest**2,
        "rose": np.where(np.isfinite(newest), (newest > 0.0).astype(np.float64), np.nan),
        "volume_surprise_24": volumes(prices)["volume_surprise_24"],
        "unrest": har["gk_vol_1"] - har["gk_vol_24"],
    }


def _closes(candles: pd.DataFrame) -> Times:
    return to_microseconds(pd.DatetimeIndex(candles["close_time"]))
