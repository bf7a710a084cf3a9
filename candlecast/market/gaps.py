"""Which candles are missing? The expected grid of a series against what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from candlecast.market.calendars import close_times, expected_open_times, to_microseconds


@dataclass(frozen=True, slots=True)
class Hole:
    """A run of expected candles without any of them.

    Parameters
    ----------
    start : datetime
        Open of the first missing candle.
    end : datetime
        Close of the last missing one.
    n_candles : int
        How many are missing, at least 1.
    """

    start: datetime
    end: datetime
    n_candles: int


def find_holes(
    open_times: pd.DatetimeIndex, *, start: datetime, end: datetime, timeframe: str, calendar: str
) -> list[Hole]:
    """Return the holes of a series in a span, ascending; candles that close after `end` are not expected.

    Parameters
    ----------
    open_times : DatetimeIndex, shape (n,)
        Opens of the candles that are there, UTC, in any order; those outside the span do not count.
    start, end : datetime
        Aware; candles that open from `start` on and close by `end` are expected.
    timeframe : str
        One of ``TIMEFRAMES_S``.
    calendar : str
        ``24/7`` or a code of exchange_calendars.

    Raises
    ------
    InvalidRequestError
        When the timeframe or the calendar is unknown.
    """
    expected = expected_open_times(start, end, timeframe=timeframe, calendar=calendar)
    closes = close_times(expected, timeframe=timeframe, calendar=calendar)
    due = to_microseconds(closes) <= to_microseconds(pd.DatetimeIndex([end]))[0]
    expected, closes = expected[due], closes[due]
    missing = ~np.isin(to_microseconds(expected), to_microseconds(open_times))
    edges = np.flatnonzero(np.diff(missing, prepend=False, append=False))
    return [
        Hole(expected[first].to_pydatetime(), closes[last - 1].to_pydatetime(), int(last - first))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]


def group_holes(holes: Sequence[Hole], *, longest: timedelta) -> list[list[Hole]]:
    """Put neighbouring holes together that one request can ask for.

    Parameters
    ----------
    holes : sequence of Hole
        Ascending.
    longest : timedelta
        From the start of a group to the end of its last hole; a hole that is longer stands alone.
    """
    groups: list[list[Hole]] = []
    for hole in holes:
        if groups and hole.end - groups[-1][0].start <= longest:
            groups[-1].append(hole)
        else:
            groups.append([hole])
    return groups
