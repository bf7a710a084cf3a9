"""How are the newest candles of a series held as arrays, and how does one more candle join them?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.market.calendars import Microseconds, to_microseconds
from candlecast.market.candles import PRICE_COLUMNS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CandleArrays:
    """n candles of one series, ascending.

    Parameters
    ----------
    open_us, close_us, known_us : ndarray of shape (n,), int64
        When each opened, closed and became known, microseconds since 1970.
    values : ndarray of shape (5, n)
        Open, high, low, close and volume; an unknown volume is NaN.
    source : str
        Where the last one comes from; "" where there is none.
    """

    open_us: Microseconds
    close_us: Microseconds
    known_us: Microseconds
    values: Values
    source: str

    def __len__(self) -> int:
        return len(self.close_us)

    def newest(self, n: int) -> "CandleArrays":
        """Return the last `n` candles."""
        return self._cut(slice(max(0, len(self) - n), len(self)))

    def without(self, n: int) -> "CandleArrays":
        """Return all but the last `n` candles; the source stays that of the last one held."""
        return self._cut(slice(0, len(self) - n))

    def until(self, close_us: int) -> "CandleArrays":
        """Return the candles that had closed by `close_us`; the source stays that of the last one held."""
        return self._cut(slice(0, int(np.searchsorted(self.close_us, close_us, side="right"))))

    def joined(self, later: "CandleArrays") -> "CandleArrays":
        """Return these candles with `later` ones behind."""
        return CandleArrays(
            np.concatenate((self.open_us, later.open_us)),
            np.concatenate((self.close_us, later.close_us)),
            np.concatenate((self.known_us, later.known_us)),
            np.concatenate((self.values, later.values), axis=1),
            later.source if len(later) else self.source,
        )

    def _cut(self, rows: slice) -> "CandleArrays":
        return CandleArrays(
            self.open_us[rows], self.close_us[rows], self.known_us[rows], self.values[:, rows], self.source
        )


def arrays_of(frame: pd.DataFrame) -> CandleArrays:
    """Return a candles frame, ascending, as arrays; without ``known_at`` and ``source`` they are close and ""."""
    open_us, close_us, known_us = (
        to_microseconds(pd.DatetimeIndex(frame[name if name in frame else "close_time"]))
        for name in ("open_time", "close_time", "known_at")
    )
    values = np.array([frame[name].to_numpy(dtype=np.float64) for name in PRICE_COLUMNS])
    source = str(frame["source"].iloc[-1]) if "source" in frame and len(frame) else ""
    return CandleArrays(open_us, close_us, known_us, values, source)


@lru_cache(maxsize=4_096)
def moment_of(microseconds: int) -> datetime:
    """Return microseconds since 1970 as an aware time, UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds_of(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
