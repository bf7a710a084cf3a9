"""What time is it on the market? The only file that reads the system clock."""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Market time, which a replay runs faster than the wall and stops at its end."""

    def now(self) -> datetime:
        """Return the market time, aware, UTC."""
        ...

    def wall_s_until(self, moment: datetime) -> float:
        """Return wall seconds until `moment`: 0 when past, infinity when it never comes."""
        ...

    def ended(self) -> bool:
        """Tell whether market time stands still for good (a recording at its end)."""
        ...


class SystemClock:
    """Live trading: market time is wall time."""

    def now(self) -> datetime:
        """Return the system time in UTC."""
        return datetime.now(UTC)

    def wall_s_until(self, moment: datetime) -> float:
        """Return seconds until `moment`, 0 when past."""
        return max(0.0, (moment - self.now()).total_seconds())

    def ended(self) -> bool:
        """Return False: the live market has no end."""
        return False


@dataclass(frozen=True, slots=True)
class ReplayClock:
    """Market time of a recording, running at `speed` until `end`.

    Parameters
    ----------
    wall_anchor_s : float
        Wall time (seconds since 1970) at which market time was `market_anchor`.
    market_anchor : datetime
        Aware UTC market time at the anchor.
    end : datetime
        Close of the newest recorded candle; the clock stops there.
    speed : float
        Market seconds per wall second, above 0.
    """

    wall_anchor_s: float
    market_anchor: datetime
    end: datetime
    speed: float = 60.0

    def now(self) -> datetime:
        """Return the replayed market time, never later than `end`."""
        elapsed_s = max(0.0, time.time() - self.wall_anchor_s) * self.speed
        remaining_s = max(0.0, (self.end - self.market_anchor).total_seconds())
        return self.market_anchor + timedelta(seconds=min(elapsed_s, remaining_s))

    def wall_s_until(self, moment: datetime) -> float:
        """Return wall seconds until `moment`: 0 when past, infinity beyond `end`."""
        if moment > self.end:
            return math.inf
        return max(0.0, (moment - self.now()).total_seconds()) / self.speed

    def ended(self) -> bool:
        """Tell whether the recording has been played to its end."""
        return self.now() >= self.end


def wall_s() -> float:
    """Return wall seconds since 1970, for time-outs and anchors, never for market data."""
    return time.time()
