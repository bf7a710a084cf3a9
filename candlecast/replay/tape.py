"""What does a venue show of a symbol at a market time? Closed candles and the running one so far."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.market.calendars import Microseconds, to_microseconds
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.replay.recordings import RecordedSymbol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PartialCandle(NamedTuple):
    """A candle's figures, of a running one up to now."""

    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Known:
    """State of one symbol at `now_us`: `n_closed` first candles are closed, the next one may be running."""

    now_us: int
    n_closed: int
    running: PartialCandle | None

    @property
    def n_visible(self) -> int:
        """Closed candles plus the running one."""
        return self.n_closed + (self.running is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Revisions:
    """Candles that are first shown with other figures than the recorded ones.

    Parameters
    ----------
    index : ndarray of int64, shape (m,)
        Which candles of the tape, ascending.
    settled_us : ndarray of int64, shape (m,)
        Market time from which on the recorded figures are shown.
    values : ndarray, shape (m, 5)
        The figures shown before.
    """

    index: NDArray[np.int64]
    settled_us: Microseconds
    values: NDArray[np.float64]

    def pending(self, first: int, last: int, now_us: int) -> list[int]:
        """Return the places in `index` of the candles in ``[first, last)`` that are not settled at `now_us`."""
        lower, upper = np.searchsorted(self.index, (first, last)).tolist()
        return [place for place in range(lower, upper) if self.settled_us[place] > now_us]


NO_REVISIONS = Revisions(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 5)))


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """A recorded symbol as one venue plays it, looked up by market time (microseconds since 1970).

    Parameters
    ----------
    symbol : Symbol
        Whose candles.
    opens_us, closes_us : ndarray of int64, shape (n,)
        Half-open spans of the candles, ascending.
    shown_us : ndarray of int64, shape (n,)
        From when on each candle is shown as closed, ascending; its close or later.
    values : ndarray, shape (n, 5)
        Open, high, low, close, volume; volume may be NaN.
    adjusted : ndarray, shape (n,)
        Close adjusted for splits and dividends.
    revisions : Revisions
        Candles that are first shown with other figures.
    """

    symbol: Symbol
    opens_us: Microseconds
    closes_us: Microseconds
    shown_us: Microseconds
    values: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    revisions: Revisions = NO_REVISIONS

    @classmethod
    def of(cls, series: RecordedSymbol) -> "Tape":
        """Return the tape of a symbol that is shown as it was recorded."""
        closes_us = to_microseconds(pd.DatetimeIndex(series.candles["close_time"]))
        return cls(
            symbol=series.symbol,
            opens_us=to_microseconds(pd.DatetimeIndex(series.candles["open_time"])),
            closes_us=closes_us,
            shown_us=closes_us,
            values=series.candles[list(PRICE_COLUMNS)].to_numpy(dtype=np.float64),
            adjusted=series.adjusted_close,
        )

    def known(self, now_us: int) -> Known:
        """Return what the venue shows at `now_us`."""
        n_closed = int(np.searchsorted(self.shown_us, now_us, side="right"))
        if n_closed == len(self.opens_us):
            return Known(now_us, n_closed, None)
        opened_us, closes_us = int(self.opens_us[n_closed]), int(self.closes_us[n_closed])
        if not opened_us <= now_us < closes_us:
            return Known(now_us, n_closed, None)
        share = (now_us - opened_us) / (closes_us - opened_us)
        return Known(now_us, n_closed, partial_candle(self.values[n_closed], share))

    def rows(self, first: int, last: int, known: Known) -> NDArray[np.float64]:
        """Return candles ``first`` to ``last`` (excluded) as far as they are known, shape (last - first, 5)."""
        rows = self.values[first:last].copy()
        for place in self.revisions.pending(first, last, known.now_us):
            rows[self.revisions.index[place] - first] = self.revisions.values[place]
        if known.running is not None and first <= known.n_closed < last:
            rows[known.n_closed - first] = known.running
        return rows


def partial_candle(values: NDArray[np.float64], share: float) -> PartialCandle:
    """Return a candle after `share` of its time, 0 to 1.

    The price walks in three legs of equal time: open, low, high, close when the candle rises, and
    open, high, low, close when it falls; volume grows evenly. No figure leaves the final range.
    """
    opened, high, low, close, volume = values.tolist()
    stops = [opened, low, high, close] if close >= opened else [opened, high, low, close]
    price = float(np.interp(share * 3, [0, 1, 2, 3], stops))
    decimals = max(count_decimals(price) for price in (opened, high, low, close))
    price = round(price, decimals)
    seen = [*stops[: int(share * 3) + 1], price]
    return PartialCandle(opened, max(seen), min(seen), price, round(volume * share, count_decimals(volume)))


def microseconds(moment: datetime) -> int:
    """Return an aware `moment` as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(time_us: int) -> datetime:
    """Return microseconds since 1970 as an aware time."""
    return EPOCH + timedelta(microseconds=time_us)


def decimal_text(value: float) -> str:
    """Return the shortest decimal text, without exponent, that reads back as the same float."""
    return np.format_float_positional(value, trim="-")


def count_decimals(value: float) -> int:
    """Return the number of decimals of the shortest text of `value`; 0 when it is not finite."""
    return len(decimal_text(value).partition(".")[2]) if np.isfinite(value) else 0
