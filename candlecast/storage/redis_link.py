"""One Redis, whose absence is an answer: every failure is None, said once an outage."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

PREFIX = "cc:"

_TIMEOUT_S = 1.0
# a refused connection costs nothing, a silent server costs the time-out of every call
_PAUSE_S = 2.0
_LISTEN_S = 5.0

Answer = TypeVar("Answer")


class RedisLink:
    """Connections to one Redis that may vanish at any moment; belongs to one event loop.

    Parameters
    ----------
    url : str
        ``redis://`` address; "" stands for no Redis at all.
    """

    def __init__(self, url: str) -> None:
        self._redis = _connect(url) if url else None
        self._down = False
        self._silent_until_s = 0.0

    async def ask(self, question: Callable[[redis.asyncio.Redis], Awaitable[Answer]]) -> Answer | None:
        """Return the answer to `question`, None when Redis does not answer.

        After a time-out nothing is asked for two seconds, so that a Redis that hangs slows nobody.
        """
        if self._redis is None or time.monotonic() < self._silent_until_s:
            return None
        try:
            answer = await question(self._redis)
        except (RedisError, OSError) as error:
            self._note_failure(error)
            return None
        if self._down:
            logger.info("Redis answers again")
        self._down = False
        return answer

    async def listen(self, channel: str) -> AsyncIterator[bytes]:
        """Yield what is sent on `channel`, for ever; what is sent while Redis is away is lost."""
        while self._redis is not None:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as listener:
                    await listener.subscribe(channel)
                    while True:
                        message = await listener.get_message(timeout=_LISTEN_S)
                        if message is not None:
                            yield message["data"]
            except (RedisError, OSError) as error:
                self._note_failure(error)
                await asyncio.sleep(_PAUSE_S)

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    def _note_failure(self, error: Exception) -> None:
        if not self._down:
            logger.warning("Redis does not answer, going on without it: %s", error)
        self._down = True
        if isinstance(error, RedisTimeoutError):
            self._silent_until_s = time.monotonic() + _PAUSE_S


def key(kind: str, *parts: object) -> str:
    """Return the name of a key, as ``cc:price:BTC/USDT``."""
    return PREFIX + ":".join([kind, *map(str, parts)])


def milliseconds(seconds: float) -> int:
    """Return a time to live as Redis takes it: at least 1 ms."""
    return max(1, round(seconds * 1_000))


def _connect(url: str) -> redis.asyncio.Redis:
    # one retry, because a connection from before a restart of Redis fails once
    once = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return redis.asyncio.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S, retry=once)
