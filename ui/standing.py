"""How is the service, where it is slow to say so? Its last word stands for a moment, and is told as such."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from candlecast.errors import CandlecastError
from candlecast.schemas import Readiness

# the service is looked at every 2.5 s, and given up after as long: a single slow answer is no silence
KEPT_S = 6.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the service.

    Parameters
    ----------
    now : Readiness or CandlecastError
        What it said when it was asked, or why it said nothing.
    last : Readiness or None
        What it said a moment ago, where it only is too slow now.
    """

    now: Readiness | CandlecastError
    last: Readiness | None = None

    @property
    def shown(self) -> Readiness | CandlecastError:
        """What a page tells its reader."""
        return self.now if self.last is None else self.last

    @property
    def problem(self) -> CandlecastError | None:
        """Why it said nothing when it was asked, None where it did."""
        return self.now if isinstance(self.now, CandlecastError) else None


@dataclass(slots=True)
class LastWord:
    """What the service said of itself last; it may come after those who asked have given up."""

    readiness: Readiness | None = None
    came_s: float = -math.inf

    async def of(self, ask: Callable[[], Awaitable[Readiness]]) -> Readiness:
        """Return the answer of `ask`, and keep it."""
        self.readiness = await ask()
        self.came_s = asyncio.get_running_loop().time()
        return self.readiness

    def within(self, age_s: float) -> Readiness | None:
        """Return the last word, None where it came longer ago than `age_s` wall seconds."""
        return self.readiness if asyncio.get_running_loop().time() - self.came_s <= age_s else None
