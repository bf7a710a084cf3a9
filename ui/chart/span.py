"""Which times does a chart show at first? What the address says: a length as ``1w``, or two moments."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

FEWEST_CANDLES, MOST_CANDLES = 500, 2_000

PRESETS: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {
        "1d": ("1D", timedelta(days=1)),
        "1w": ("1W", timedelta(days=7)),
        "1m": ("1M", timedelta(days=30)),
        "3m": ("3M", timedelta(days=91)),
        "1y": ("1Y", timedelta(days=365)),
    }
)
"""Lengths that a reader may ask for: name in the address, title and length."""

_SEPARATOR = "~"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Span:
    """The times on show at first.

    Parameters
    ----------
    preset : str
        A name of `PRESETS`; "": none.
    start, end : datetime or None
        Aware; both or none.
    """

    preset: str = ""
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read ``1w`` or ``2022-06-01T00:00:00Z~2022-06-03T00:00:00Z``; anything else is no wish."""
        if text in PRESETS:
            return cls(preset=text)
        first, separator, last = text.partition(_SEPARATOR)
        try:
            start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
        except ValueError:
            return cls()
        if not separator or start.tzinfo is None or end.tzinfo is None or start >= end:
            return cls()
        return cls(start=start.astimezone(UTC), end=end.astimezone(UTC))

    def bounds(self, newest: datetime) -> tuple[datetime, datetime] | None:
        """Return what is on show when the newest candle closes at `newest`; None: no wish."""
        if self.preset:
            return newest - PRESETS[self.preset][1], newest
        return (self.start, self.end) if self.start and self.end else None

    def n_candles(self, step: timedelta, *, newest: datetime | None) -> int:
        """Return how many candles of length `step` hold it, from `FEWEST_CANDLES` to `MOST_CANDLES`."""
        reach = timedelta(0)
        if self.preset:
            reach = PRESETS[self.preset][1]
        elif self.start is not None and newest is not None:
            reach = newest - self.start
        wanted = math.ceil(reach / step) + 1
        # whole hundreds, so that tabs with nearly the same range share one answer
        return min(MOST_CANDLES, max(FEWEST_CANDLES, 100 * math.ceil(wanted / 100)))


def length_of(timeframe: str) -> timedelta:
    """Return the length of a timeframe such as ``15m``, of one hour where it cannot be read."""
    unit = _UNITS.get(timeframe[-1:])
    return int(timeframe[:-1]) * unit if unit and timeframe[:-1].isdecimal() else _UNITS["h"]
