"""What the page keeps for its users: small JSON objects in Redis, for a day after they were last written."""

from typing import Any

import orjson
from redis.asyncio import Redis

from candlecast.errors import InvalidRequestError, StorageError
from candlecast.storage.redis_link import RedisLink, key, milliseconds

LIFE_S = 86_400.0
MAX_BYTES = 64 * 1_024


class SessionStore:
    """Sessions of one Redis, under ids that their users made up.

    Parameters
    ----------
    link : RedisLink
        Where they are.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def read(self, session_id: str) -> dict[str, Any] | None:
        """Return what was kept, None when there is nothing, or nothing any more.

        Raises
        ------
        StorageError
            When Redis does not answer.
        """

        # in a tuple, because None alone says that Redis is away
        async def question(redis: Redis) -> tuple[bytes | str | None]:
            return (await redis.get(key("session", session_id)),)

        found = await self._link.ask(question)
        if found is None:
            raise _away()
        return None if found[0] is None else dict(orjson.loads(found[0]))

    async def write(self, session_id: str, data: dict[str, Any]) -> None:
        """Keep `data`, in place of what was there, for `LIFE_S` wall seconds.

        Raises
        ------
        InvalidRequestError
            When it is larger than `MAX_BYTES` as JSON, or no JSON object.
        StorageError
            When Redis does not answer.
        """
        try:
            body = orjson.dumps(data)
        except TypeError as error:
            raise InvalidRequestError(f"data must be a JSON object of texts and 64-bit numbers: {error}") from error
        if len(body) > MAX_BYTES:
            raise InvalidRequestError(f"data must be at most {MAX_BYTES} bytes as JSON, was {len(body)}; keep less")

        async def question(redis: Redis) -> bool:
            return bool(await redis.set(key("session", session_id), body, px=milliseconds(LIFE_S)))

        if await self._link.ask(question) is None:
            raise _away()


def _away() -> StorageError:
    return StorageError("Redis, which keeps sessions, does not answer; try again when /readyz says that it does")
