"""What is known of a recorded symbol at a market time: closed candles and the running one so far."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.replay.recordings import RecordedSymbol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PartialCandle(NamedTuple):
    """The running candle up to now."""

    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Known:
    """State of one symbol: `n_closed` first candles are closed, the next one may be running."""

    n_closed: int
    running: PartialCandle | None

    @property
    def n_visible(self) -> int:
        """Closed candles plus the running one."""
        return self.n_closed + (self.running is not None)


class Tape:
    """A recorded symbol as arrays that are looked up by market time.

    Parameters
    ----------
    series : RecordedSymbol
        The recorded candles.
    """

    def __init__(self, series: RecordedSymbol) -> None:
        self.symbol = series.symbol
        self.opens_us = to_microseconds(pd.DatetimeIndex(series.candles["open_time"]))
        self.closes_us = to_microseconds(pd.DatetimeIndex(series.candles["close_time"]))
        self.values: NDArray[np.float64] = series.candles[list(PRICE_COLUMNS)].to_numpy(dtype=np.float64)
        self.adjusted = series.adjusted_close

    def known(self, now: datetime) -> Known:
        """Return what a venue would show at `now`."""
        now_us = microseconds(now)
        started = int(np.searchsorted(self.opens_us, now_us, side="right"))
        if started == 0 or self.closes_us[started - 1] <= now_us:
            return Known(started, None)
        opened_us, closes_us = int(self.opens_us[started - 1]), int(self.closes_us[started - 1])
        share = (now_us - opened_us) / (closes_us - opened_us)
        return Known(started - 1, partial_candle(self.values[started - 1], share))

    def row(self, known: Known, index: int) -> PartialCandle:
        """Return the candle numbered `index` as far as it is known."""
        if known.running is not None and index == known.n_closed:
            return known.running
        return PartialCandle(*self.values[index].tolist())


def partial_candle(values: NDArray[np.float64], share: float) -> PartialCandle:
    """Return a candle after `share` of its time, 0 to 1.

    The price walks in three legs of equal time: open, low, high, close when the candle rises, and
    open, high, low, close when it falls; volume grows evenly. No figure leaves the final range.
    """
    opened, high, low, close, volume = values.tolist()
    stops = [opened, low, high, close] if close >= opened else [opened, high, low, close]
    price = float(np.interp(share * 3, [0, 1, 2, 3], stops))
    decimals = max(_decimals(price) for price in (opened, high, low, close))
    price = round(price, decimals)
    seen = [*stops[: int(share * 3) + 1], price]
    return PartialCandle(opened, max(seen), min(seen), price, round(volume * share, _decimals(volume)))


def microseconds(moment: datetime) -> int:
    """Return an aware `moment` as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def decimal_text(value: float) -> str:
    """Return the shortest decimal text, without exponent, that reads back as the same float."""
    return np.format_float_positional(value, trim="-")


def _decimals(value: float) -> int:
    return len(decimal_text(value).partition(".")[2]) if np.isfinite(value) else 0
