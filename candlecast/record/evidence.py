"""What is known of a forecast beside the ledger: closes with all their versions, outages, the record so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from candlecast.record.outcomes import SeriesKey
from candlecast.schemas import LastDirection

Array = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

# the end of the year 9999, in microseconds since 1970
STILL_VALID_US = 253_402_300_799_000_000
_PRIOR = 10.0


@dataclass(frozen=True, slots=True)
class CloseHistory:
    """Closes of one symbol and timeframe with all that was ever said of them, ascending by close time.

    Parameters
    ----------
    open_us, close_us : ndarray of shape (n,)
        Open and close times in microseconds since 1970; what was revised is there more than once.
    known_from_us, known_until_us : ndarray of shape (n,)
        When each value counted as known; `STILL_VALID_US`: it still does.
    open, close : ndarray of shape (n,)
        In quote currency.
    """

    open_us: Times
    close_us: Times
    known_from_us: Times
    known_until_us: Times
    open: Array
    close: Array

    def take(self, rows: npt.NDArray[np.bool_] | slice) -> "CloseHistory":
        """Return some of the rows."""
        times = (self.open_us[rows], self.close_us[rows], self.known_from_us[rows], self.known_until_us[rows])
        return CloseHistory(*times, self.open[rows], self.close[rows])

    def present(self) -> "CloseHistory":
        """Return what counts now, one row a close."""
        return self.take(self.known_until_us >= STILL_VALID_US)

    def known_at(self, moment_us: int) -> "CloseHistory":
        """Return what counted at a moment, one row a close."""
        return self.take((self.known_from_us <= moment_us) & (moment_us < self.known_until_us))


NO_HISTORY = CloseHistory(*(np.zeros(0, np.int64),) * 4, *(np.zeros(0),) * 2)


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """What a series and model had come to when a day began: settled forecasts, and ups after either newest candle."""

    n: int = 0
    ups: int = 0
    rises: int = 0
    ups_after_rise: int = 0
    falls: int = 0
    ups_after_fall: int = 0

    def p_always_up(self) -> float:
        """Return the share of ups, drawn to one half by ten ups and ten downs."""
        return _share(self.ups, self.n)

    def p_after(self, direction: LastDirection) -> float:
        """Return the share of ups after a newest candle of that direction, drawn to one half in the same way."""
        if direction == "up":
            return _share(self.ups_after_rise, self.rises)
        return _share(self.ups_after_fall, self.falls)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What outcomes are read off.

    Parameters
    ----------
    histories : mapping of (int, str) to CloseHistory
        By symbol number and timeframe; at least from `reach` before the first `as_of` on.
    outages : mapping of (int, str) to sequence of (datetime, datetime)
        Spans, open to close, for which no venue has candles.
    counts : mapping of series to RecordCounts
        The record of each series as it was known when the UTC day of `as_of` began, which all these
        forecasts share.
    now : datetime
        Market time, aware UTC; later candles are not among the histories.
    """

    histories: Mapping[tuple[int, str], CloseHistory]
    outages: Mapping[tuple[int, str], Sequence[tuple[datetime, datetime]]]
    counts: Mapping[SeriesKey, RecordCounts]
    now: datetime


def _share(ups: int, n: int) -> float:
    return (ups + _PRIOR) / (n + 2.0 * _PRIOR)
