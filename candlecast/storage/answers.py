"""What a venue answered a moment ago: one caller asks, all others wait for its answer."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import orjson
from redis.asyncio import Redis

from candlecast.errors import SourceError, SourceUnavailableError
from candlecast.storage import locks
from candlecast.storage.counted_reads import CountedReads
from candlecast.storage.redis_link import RedisLink, key, milliseconds

Fetch = Callable[[], Awaitable[Any]]

# after which another caller asks, when the one that asked has died
_LOCK_TTL_S = 3.0
# how long a venue's failure is everybody's answer
_FAILURE_TTL_S = 1.0
_FIRST_LOOK_S, _LOOK_GROWTH, _LAST_LOOK_S = 0.01, 1.5, 0.2


class AnswerCache:
    """Answers of venues under ``http:{venue}:{hash}``, each fetched once over all processes.

    Without Redis each process fetches once for its own callers. Ingestion never asks here.

    Parameters
    ----------
    link : RedisLink
        Where answers are kept.
    reads : CountedReads
        Counts the reads.
    """

    def __init__(self, link: RedisLink, reads: CountedReads) -> None:
        self._link = link
        self._reads = reads
        self._flights: dict[str, asyncio.Task[Any]] = {}

    async def get(self, venue: str, request: str, *, ttl_s: float, fetch: Fetch) -> Any:
        """Return the cached answer to `request`, or what `fetch` returns, any JSON value.

        Parameters
        ----------
        venue : str
            Who is asked.
        request : str
            What is asked; the same text is the same question.
        ttl_s : float
            Wall seconds for which the answer holds.
        fetch : callable
            Asks the venue; runs to its end even if the caller gives up, because others may wait.

        Raises
        ------
        SourceError
            When the venue failed this caller, or the one that it waited for, a moment ago.
        """
        name = key("http", venue, sha256(request.encode()).hexdigest()[:32])
        flight = self._flights.get(name)
        if flight is not None:
            self._reads.note("http", "shared")
            return await asyncio.shield(flight)
        flight = asyncio.create_task(self._fly(name, ttl_s=ttl_s, fetch=fetch))
        self._flights[name] = flight
        flight.add_done_callback(lambda done: self._land(name, done))
        return await asyncio.shield(flight)

    async def close(self) -> None:
        """Give up what is being fetched."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _fly(self, name: str, *, ttl_s: float, fetch: Fetch) -> Any:
        [found] = await self._reads.peek([name])
        if found is not None:
            self._reads.note("http", "hit")
            return _opened(found)
        while True:
            async with locks.hold(self._link, name, ttl_s=_LOCK_TTL_S) as got:
                # it may have been answered between the look and the lock
                [found] = await self._reads.peek([name]) if got else [None]
                if got and found is None:
                    self._reads.note("http", "miss")
                    return await self._fetched(name, ttl_s=ttl_s, fetch=fetch)
            found = found or await self._answer_of_another(name)
            if found is not None:
                self._reads.note("http", "shared")
                return _opened(found)

    async def _fetched(self, name: str, *, ttl_s: float, fetch: Fetch) -> Any:
        try:
            value = await fetch()
        except SourceError as error:
            await self._keep(name, {"failure": str(error)}, ttl_s=_FAILURE_TTL_S)
            raise
        await self._keep(name, {"value": value}, ttl_s=ttl_s)
        return value

    async def _answer_of_another(self, name: str) -> bytes | None:
        # None: whoever held the lock is gone without an answer
        pause_s = _FIRST_LOOK_S
        while True:
            await asyncio.sleep(pause_s)
            answer, held = await self._reads.peek([name, key("lock", name)])
            if answer is not None or held is None:
                return answer
            pause_s = min(_LAST_LOOK_S, pause_s * _LOOK_GROWTH)

    async def _keep(self, name: str, envelope: dict[str, Any], *, ttl_s: float) -> None:
        async def question(redis: Redis) -> None:
            await redis.set(name, orjson.dumps(envelope), px=milliseconds(ttl_s))

        await self._link.ask(question)

    def _land(self, name: str, flight: asyncio.Task[Any]) -> None:
        self._flights.pop(name, None)
        # seen, even if every caller has given up
        _ = flight.cancelled() or flight.exception()


def _opened(envelope: bytes) -> Any:
    answer = orjson.loads(envelope)
    if "failure" in answer:
        raise SourceUnavailableError(answer["failure"])
    return answer["value"]
