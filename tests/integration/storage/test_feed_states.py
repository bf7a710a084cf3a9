import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from candlecast.schemas import FeedState
from candlecast.storage.feed_states import FeedStates
from candlecast.storage.redis_link import RedisLink

STATES = {
    "rss:a": FeedState(state="ok", last_ok_at=datetime(2021, 1, 4, 10, tzinfo=UTC), n_accepted=7, n_rejected=1),
    "newsapi": FeedState(state="skipped", reason="set KEY to use it"),
}


def with_states(url: str, use: Callable[[FeedStates], Awaitable[object]]) -> object:
    async def run() -> object:
        link = RedisLink(url)
        try:
            return await use(FeedStates(link))
        finally:
            await link.close()

    return asyncio.run(run())


def test_states_that_are_put_are_read(valkey):
    async def use(states: FeedStates) -> object:
        before = await states.read()
        await states.put(STATES, ttl_s=60)
        return before, await states.read()

    assert with_states(valkey.url, use) == (None, STATES)


def test_states_of_a_collector_that_is_gone_are_forgotten(valkey):
    async def use(states: FeedStates) -> object:
        await states.put(STATES, ttl_s=0.05)
        await asyncio.sleep(0.1)
        return await states.read()

    assert with_states(valkey.url, use) is None


def test_states_without_redis_are_none():
    async def use(states: FeedStates) -> object:
        await states.put(STATES, ttl_s=60)
        return await states.read()

    assert with_states("", use) is None
