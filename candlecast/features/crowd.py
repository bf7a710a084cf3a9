"""What do many symbols do together at each close?

A symbol takes part at the closes for which it has a candle; where too few have one, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candlecast.features.indicators import Array, Columns, Prices, volume_surprise
from candlecast.features.returns import CYCLE_CANDLES, lagged, scaled_returns
from candlecast.features.standing import STANDING, standing
from candlecast.features.volatility import har_terms, range_variance
from candlecast.market.calendars import Microseconds

LEADERS = {"BTC": (1, 2, 3, 6, 12, 24), "ETH": (1, 2, 6, 24)}
LEADER_STANDING = {"BTC": ("rsi_6", "stoch_k_14")}
MEAN_CANDLES = (1, 2, 3, 6, 12, 24, 72)
MIN_SYMBOLS = 2
STATE = (*(f"scaled_return_{k}" for k in MEAN_CANDLES), "square", "rose", "volume_surprise_24", "unrest", *STANDING)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Rows of all symbols, one symbol after the other, and where each lies among all closes.

    Parameters
    ----------
    close_us : ndarray of shape (m,), int64
        All closes, ascending.
    columns : dict of str to ndarray of shape (n,)
        `STATE` of each row.
    places : ndarray of shape (n,), int64
        The close of each row.
    """

    close_us: Microseconds
    columns: Columns
    places: npt.NDArray[np.int64]

    def means(self) -> Columns:
        """Return means over the symbols of each close, NaN where too few have a candle."""
        present = self._total(np.ones(len(self.places)))
        before = np.concatenate((present[:1], present[:-1]))
        whole = 2.0 * present >= before
        columns = {f"market_return_{k}": self._mean(f"scaled_return_{k}", whole) for k in MEAN_CANDLES}
        columns |= {f"market_{name}": self._mean(name, whole) for name in STANDING}
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
        """Return what each leader did, NaN where it has no candle; `owner` is each row's place in `names`."""
        columns: Columns = {}
        for base, spans in LEADERS.items():
            numbers = [number for number, name in enumerate(names) if name.partition("/")[0] == base][:1]
            mine = np.isin(owner, numbers)
            sources = {f"return_{k}": f"scaled_return_{k}" for k in spans}
            sources |= {name: name for name in LEADER_STANDING.get(base, ())}
            for name, source in sources.items():
                column = columns[f"{base.lower()}_{name}"] = self._blank()
                column[self.places[mine]] = self.columns[source][mine]
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


def state_of(prices: Prices) -> Columns:
    """Return the columns `STATE` of candles of one symbol or of several, at every candle."""
    har = har_terms(range_variance(prices), spans=(1, 24))
    columns = standing(prices) | scaled_returns(prices.close, har["gk_vol_24"], spans=MEAN_CANDLES)
    newest = columns["scaled_return_1"]
    return columns | {
        "square": newest**2,
        "rose": np.where(np.isfinite(newest), (newest > 0.0).astype(np.float64), np.nan),
        "volume_surprise_24": volume_surprise(prices.volume, n=24),
        "unrest": har["gk_vol_1"] - har["gk_vol_24"],
    }
