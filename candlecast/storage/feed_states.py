"""How are the feeds, for every process to see? Told through Redis by the one that collects news."""

from collections.abc import Mapping

import orjson
from redis.asyncio import Redis

from candlecast.schemas import FeedState
from candlecast.storage.redis_link import RedisLink, key, milliseconds

_KEY = key("news", "feeds")


class FeedStates:
    """The states of all feeds in one Redis; nothing raises when it is down.

    Parameters
    ----------
    link : RedisLink
        Where they are.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def put(self, states: Mapping[str, FeedState], *, ttl_s: float) -> None:
        """Tell `states`, by feed, for `ttl_s` wall seconds: a few intervals, since a dead collector says nothing."""
        body = orjson.dumps({name: state.model_dump(mode="json") for name, state in states.items()})

        async def question(redis: Redis) -> None:
            await redis.set(_KEY, body, px=milliseconds(ttl_s))

        await self._link.ask(question)

    async def read(self) -> dict[str, FeedState] | None:
        """Return the states by feed, None when nobody has told them lately or Redis does not answer."""
        body = await self._link.ask(lambda redis: redis.get(_KEY))
        if body is None:
            return None
        return {name: FeedState.model_validate(state) for name, state in orjson.loads(body).items()}
