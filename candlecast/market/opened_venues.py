"""How is one venue asked? Opened when it is first needed, with patience or once, and left alone while it fails."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import stamina

from candlecast.breaker import BreakerState, SourceBreaker
from candlecast.errors import SourceUnavailableError
from candlecast.market.venues.protocol import Venue

ATTEMPTS = 3
PATIENCE_S = 8.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 1.0

T = TypeVar("T")
Call = Callable[[Venue], Awaitable[T]]


class OpenedVenues:
    """The venues that were needed so far, each behind its breaker, for tasks of one event loop.

    Parameters
    ----------
    names : iterable of str
        Venues whose breakers are told of from the beginning.
    open_venue : callable
        Opens a venue by its name; may block, as it imports its client.
    blocked_s : float
        Wall seconds for which a venue is left alone that refuses us.
    """

    def __init__(self, names: Iterable[str], *, open_venue: Callable[[str], Venue], blocked_s: float) -> None:
        self._open_venue = open_venue
        self._opening = threading.Lock()
        self._venues: dict[str, Venue] = {}
        self._blocked_s = blocked_s
        self._breakers = {name: SourceBreaker(name, blocked_s=blocked_s) for name in names}

    async def ask(self, name: str, call: Call[T]) -> tuple[Venue, T]:
        """Return a venue and its answer to `call`, which is made once; raises where it is left alone, or as `call`."""
        venue = self._venues.get(name)
        if venue is None:
            # The clients take seconds to import.
            venue = await asyncio.to_thread(self.opened, name)
        with self.breaker(name).asking():
            return venue, await call(venue)

    async def ask_patiently(self, name: str, call: Call[T]) -> tuple[Venue, T]:
        """Do `ask` up to `ATTEMPTS` times, while the failure may pass."""

        def is_passing(error: Exception) -> bool:
            return isinstance(error, SourceUnavailableError) and self.breaker(name).closed

        attempts = stamina.retry_context(
            on=is_passing,
            attempts=ATTEMPTS,
            timeout=PATIENCE_S,
            wait_initial=FIRST_PAUSE_S,
            wait_max=LONGEST_PAUSE_S,
            wait_jitter=FIRST_PAUSE_S,
        )
        async for attempt in attempts:
            with attempt:
                answer = await self.ask(name, call)
        return answer

    def opened(self, name: str) -> Venue:
        """Return a venue, opened now if it was not yet."""
        with self._opening:
            if name not in self._venues:
                self._venues[name] = self._open_venue(name)
            return self._venues[name]

    def breaker(self, name: str) -> SourceBreaker:
        """Return what says whether a venue is left alone."""
        return self._breakers.setdefault(name, SourceBreaker(name, blocked_s=self._blocked_s))

    def states(self) -> dict[str, BreakerState]:
        """Return how each venue stands that was ever needed."""
        return {name: breaker.state() for name, breaker in self._breakers.items()}

    async def close(self) -> None:
        """Close all venues that were opened."""
        venues, self._venues = list(self._venues.values()), {}
        await asyncio.gather(*(venue.close() for venue in venues))
