"""When the market is open, and when the candle `horizon` steps ahead closes.

Crypto trades around the clock (calendar ``24/7``): its candles lie on the grid of whole timeframes
since 1970. A stock's day is one session of its calendar (``XNYS``); intraday candles are slots that
start at the session open, the last one cut at the session close.
"""

import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.errors import Pandas4Warning

from candlecast.errors import InvalidRequestError
from candlecast.market.timeframes import timeframe_s

ALWAYS_OPEN = "24/7"
FIRST_DAY, LAST_DAY = "1990-01-01", "2035-12-31"
NOT_A_TIME = np.iinfo(np.int64).min

Microseconds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Slots:
    """Sessions of a calendar cut into candles of one timeframe; times in microseconds since 1970."""

    opens: Microseconds
    closes: Microseconds
    before: Microseconds
    step: int

    def ends(self, index: Microseconds) -> Microseconds:
        """Return the close of the slots numbered `index`, counted from the first session."""
        session = np.searchsorted(self.before, index, side="right") - 1
        starts = self.opens[session] + (index - self.before[session]) * self.step
        return np.asarray(np.minimum(starts + self.step, self.closes[session]))

    def closed(self, times: Microseconds) -> Microseconds:
        """Return how many slots have closed at each of `times`."""
        session = np.searchsorted(self.closes, times, side="right")
        if len(session) and session.max() >= len(self.closes):
            raise InvalidRequestError(f"market times must lie before {LAST_DAY}, the last day of the calendar")
        running = np.maximum(times - self.opens[session], 0) // self.step
        return np.asarray(self.before[session] + running)


def close_times(open_times: pd.DatetimeIndex, *, timeframe: str, calendar: str) -> pd.DatetimeIndex:
    """Return when candles close.

    Parameters
    ----------
    open_times : DatetimeIndex, shape (n,)
        Opens, UTC, in any order.
    timeframe : str
        One of `TIMEFRAMES_S`.
    calendar : str
        ``24/7`` or a code of exchange_calendars such as ``XNYS``.

    Returns
    -------
    DatetimeIndex, shape (n,)
        Open plus timeframe, cut at the session close; NaT where the market is closed at the open.
    """
    times = to_microseconds(open_times)
    step = timeframe_s(timeframe) * 1_000_000
    if calendar == ALWAYS_OPEN:
        return to_times(times + step)
    slots = _slots(calendar, timeframe)
    session, inside = _session_of(slots, times)
    return to_times(np.where(inside, np.minimum(times + slots.step, slots.closes[session]), NOT_A_TIME))


def on_grid(open_times: pd.DatetimeIndex, *, timeframe: str, calendar: str) -> NDArray[np.bool_]:
    """Tell for each open whether a candle of `timeframe` may start there, shape (n,)."""
    times = to_microseconds(open_times)
    if calendar == ALWAYS_OPEN:
        return np.asarray(times % (timeframe_s(timeframe) * 1_000_000) == 0)
    slots = _slots(calendar, timeframe)
    session, inside = _session_of(slots, times)
    return np.asarray(inside & ((times - slots.opens[session]) % slots.step == 0))


def target_times(closes: pd.DatetimeIndex, *, timeframe: str, horizon: int, calendar: str) -> pd.DatetimeIndex:
    """Return the close `horizon` candles after each of `closes`.

    Parameters
    ----------
    closes : DatetimeIndex, shape (n,)
        Closes of candles, UTC. Where the market is closed, counting starts with the next slot.
    timeframe : str
        One of `TIMEFRAMES_S`.
    horizon : int
        Candles ahead, at least 1.
    calendar : str
        ``24/7`` or a code of exchange_calendars.

    Raises
    ------
    InvalidRequestError
        When `horizon` is below 1 or a time lies beyond the calendar (1990 to 2035).
    """
    if horizon < 1:
        raise InvalidRequestError(f"horizon must be at least 1 candle, was {horizon}")
    times = to_microseconds(closes)
    if calendar == ALWAYS_OPEN:
        return to_times(times + horizon * timeframe_s(timeframe) * 1_000_000)
    slots = _slots(calendar, timeframe)
    index = slots.closed(times) + horizon - 1
    if len(index) and index.max() >= slots.before[-1]:
        raise InvalidRequestError(f"a horizon of {horizon} candles must end before {LAST_DAY}; ask for fewer")
    return to_times(slots.ends(index))


def target_time(close_time: datetime, *, timeframe: str, horizon: int, calendar: str) -> datetime:
    """Return the close `horizon` candles after `close_time`; see `target_times`."""
    closes = pd.DatetimeIndex([close_time])
    target = target_times(closes, timeframe=timeframe, horizon=horizon, calendar=calendar)
    return target[0].to_pydatetime()


def expected_open_times(start: datetime, end: datetime, *, timeframe: str, calendar: str) -> pd.DatetimeIndex:
    """Return every open in ``[start, end)`` at which a candle is due, ascending, UTC."""
    first, last = to_microseconds(pd.DatetimeIndex([start, end]))
    step = timeframe_s(timeframe) * 1_000_000
    if calendar == ALWAYS_OPEN:
        return to_times(np.arange(-(-first // step) * step, last, step, dtype=np.int64))
    slots = _slots(calendar, timeframe)
    low = max(int(np.searchsorted(slots.closes, first)), 0)
    high = int(np.searchsorted(slots.opens, last))
    counts = np.diff(slots.before)[low:high]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    opens = np.repeat(slots.opens[low:high], counts) + within * slots.step
    return to_times(opens[(opens >= first) & (opens < last)])


def session_opens(days: pd.DatetimeIndex, *, calendar: str) -> pd.DatetimeIndex:
    """Return the open of the session of each calendar day, UTC; NaT where the market is closed all day.

    Parameters
    ----------
    days : DatetimeIndex, shape (n,)
        Midnights; only year, month and day count.
    calendar : str
        A code of exchange_calendars.
    """
    opens = _slots(calendar, "1d").opens
    wanted = days.tz_localize(None).as_unit("us").asi8 // 86_400_000_000
    place = np.minimum(np.searchsorted(opens // 86_400_000_000, wanted), len(opens) - 1)
    found = opens[place] // 86_400_000_000 == wanted
    return to_times(np.where(found, opens[place], NOT_A_TIME))


def session_spans(start: datetime, end: datetime, *, calendar: str) -> tuple[Microseconds, Microseconds]:
    """Return opens and closes (microseconds since 1970) of the sessions that overlap ``[start, end)``."""
    opens, closes = _sessions(calendar)
    first, last = to_microseconds(pd.DatetimeIndex([start, end]))
    overlaps = slice(np.searchsorted(closes, first, side="right"), np.searchsorted(opens, last))
    return opens[overlaps], closes[overlaps]


def to_microseconds(times: pd.DatetimeIndex) -> Microseconds:
    """Return `times` as microseconds since 1970 (NaT is `NOT_A_TIME`)."""
    return np.asarray(times.as_unit("us").asi8, dtype=np.int64)


def to_times(microseconds: Microseconds) -> pd.DatetimeIndex:
    """Return microseconds since 1970 as a DatetimeIndex in UTC."""
    return pd.DatetimeIndex(microseconds.view("datetime64[us]")).tz_localize("UTC")


def _session_of(slots: Slots, times: Microseconds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    session = np.maximum(np.searchsorted(slots.opens, times, side="right") - 1, 0)
    return session, (times >= slots.opens[session]) & (times < slots.closes[session])


@lru_cache(maxsize=32)
def _slots(calendar: str, timeframe: str) -> Slots:
    opens, closes = _sessions(calendar)
    length = timeframe_s(timeframe) * 1_000_000
    # A daily candle spans the whole session, however long.
    step = max(length, int((closes - opens).max())) if timeframe == "1d" else length
    counts = -(-(closes - opens) // step)
    before = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Slots(opens, closes, before, step)


@lru_cache(maxsize=8)
def _sessions(calendar: str) -> tuple[Microseconds, Microseconds]:
    # Imported here: the library takes a second to import and crypto never needs it.
    import exchange_calendars

    known = exchange_calendars.get_calendar_names(include_aliases=False)
    if calendar not in known:
        raise InvalidRequestError(f"calendar {calendar!r} is unknown; use 24/7 or a code such as XNYS")
    with warnings.catch_warnings():
        # The library uses what pandas 4 will drop.
        warnings.simplefilter("ignore", Pandas4Warning)
        sessions = exchange_calendars.get_calendar(calendar, start=FIRST_DAY, end=LAST_DAY)
    opens, closes = pd.DatetimeIndex(sessions.opens), pd.DatetimeIndex(sessions.closes)
    return to_microseconds(opens), to_microseconds(closes)
