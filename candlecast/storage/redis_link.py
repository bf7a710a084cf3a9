"""One Redis, whose absence is an answer: every failure is None, said once an outage."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from candlecast.storage.redis_names import resolve_first

logger = logging.getLogger(__name__)

PREFIX = "cc:"

_TIMEOUT_S = 1.0
# a refused connection costs nothing, a silent server costs the time-out of every call
_PAUSE_S = 2.0
# longest wait for something that has not happened yet
PATIENCE_S = 5.0

Answer = TypeVar("Answer")


class RedisLink:
    """Connections to one Redis that may vanish at any moment; belongs to one event loop.

    Parameters
    ----------
    url : str
        ``redis://`` address; "" stands for no Redis at all.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis = _connect(url, timeout_s=_TIMEOUT_S) if url else None
        self._patient: redis.asyncio.Redis | None = None
        self._down = False
        self._silent_until_s = 0.0

    async def ask(self, question: Callable[[redis.asyncio.Redis], Awaitable[Answer]]) -> Answer | None:
        """Return the answer to `question`, None when Redis does not answer.

        After a time-out nothing is asked for two seconds, so that a Redis that hangs slows nobody.
        """
        return await self._ask(self._redis, question)

    async def ask_patiently(self, question: Callable[[redis.asyncio.Redis], Awaitable[Answer]]) -> Answer | None:
        """Return the answer to a question that Redis may take up to `PATIENCE_S` to answer, None when it is away."""
        if self._url and self._patient is None:
            self._patient = _connect(self._url, timeout_s=PATIENCE_S + _TIMEOUT_S)
        return await self._ask(self._patient, question)

    async def close(self) -> None:
        """Close the connections."""
        for client in (self._redis, self._patient):
            if client is not None:
                await client.aclose()

    async def _ask(
        self, client: redis.asyncio.Redis | None, question: Callable[[redis.asyncio.Redis], Awaitable[Answer]]
    ) -> Answer | None:
        if client is None or time.monotonic() < self._silent_until_s:
            return None
        try:
            answer = await _heedful(question(client))
        except (RedisError, OSError) as error:
            self._note_failure(error)
            return None
        if self._down:
            logger.info("Redis answers again")
        self._down = False
        return answer

    def _note_failure(self, error: Exception) -> None:
        if not self._down:
            logger.warning("Redis does not answer, going on without it: %s", error)
        self._down = True
        if isinstance(error, RedisTimeoutError):
            self._silent_until_s = time.monotonic() + _PAUSE_S


async def _heedful(work: Awaitable[Answer]) -> Answer:
    # what writes to Redis, `asyncio.wait_for` before Python 3.12, forgets a cancellation that comes as it ends
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    answer = await work
    if task and task.cancelling() > before:
        raise asyncio.CancelledError
    return answer


def key(kind: str, *parts: object) -> str:
    """Return the name of a key, as ``cc:price:BTC/USDT``."""
    return PREFIX + ":".join([kind, *map(str, parts)])


def milliseconds(seconds: float) -> int:
    """Return a time to live as Redis takes it: at least 1 ms."""
    return max(1, round(seconds * 1_000))


def _connect(url: str, *, timeout_s: float) -> redis.asyncio.Redis:
    # one retry, because a connection from before a restart of Redis fails once
    once = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    client = redis.asyncio.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=_TIMEOUT_S, retry=once)
    resolve_first(client)
    return client
