import asyncio
from collections.abc import Awaitable, Callable

from candlecast.storage.process_pages import ProcessPages
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.redis_use import read_use


def with_link(url: str, use: Callable[[RedisLink], Awaitable[object]]) -> object:
    async def run() -> object:
        link = RedisLink(url)
        try:
            return await use(link)
        finally:
            await link.close()

    return asyncio.run(run())


def test_pages_of_living_processes_are_read_and_those_of_dead_ones_forgotten(valkey):
    async def use(link: RedisLink) -> object:
        pages = ProcessPages(link)
        await pages.put("ingest/a/1", "page 1", ttl_s=60)
        await pages.put("api/a/2", "page 2", ttl_s=60)
        both = await pages.read()
        await pages.put("api/a/2", "page 2", ttl_s=0.001)
        await asyncio.sleep(0.05)
        left = await pages.read()
        return both, left, await link.ask(lambda redis: redis.scard("cc:metrics:processes"))

    both, left, n_known = with_link(valkey.url, use)

    assert both == {"ingest/a/1": "page 1", "api/a/2": "page 2"}
    assert left == {"ingest/a/1": "page 1"}
    assert n_known == 1


def test_pages_without_redis_are_none():
    assert with_link("", lambda link: ProcessPages(link).read()) is None


def test_use_of_redis_is_what_it_tells_of_itself(valkey):
    use = with_link(valkey.url, read_use)

    assert use.memory_bytes > 100_000
    assert use.n_clients >= 1
    assert with_link("", read_use) is None
