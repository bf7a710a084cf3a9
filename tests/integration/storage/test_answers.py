import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import redis

from candlecast.errors import SourceBlockedError
from candlecast.storage.cache import Cache
from tests.loopback import free_port

# asks `n` times at once; a fetch takes a while, writes a line, and may never come back
ASKER = """
import asyncio, sys
from candlecast.storage.cache import Cache
url, n, fetch_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
async def fetch():
    print("fetch", flush=True)
    await asyncio.sleep(fetch_s)
    return {"price": 2.5}
async def main():
    cache = Cache(url)
    answers = await asyncio.gather(*(cache.answers.get("v", "price A", ttl_s=60, fetch=fetch) for _ in range(n)))
    assert answers == [{"price": 2.5}] * n
    await cache.close()
asyncio.run(main())
"""


class Venue:
    """Counts what it is asked; answers after a while, or fails."""

    def __init__(self, *, fetch_s: float = 0.2, error: Exception | None = None) -> None:
        self.n_asked = 0
        self.fetch_s = fetch_s
        self.error = error

    async def fetch(self) -> Any:
        self.n_asked += 1
        await asyncio.sleep(self.fetch_s)
        if self.error is not None:
            raise self.error
        return {"price": 1.5}


def with_caches(url: str, use: Callable[..., Awaitable[object]], *, n: int = 1) -> object:
    async def run() -> object:
        async with AsyncExitStack() as stack:
            caches = [Cache(url) for _ in range(n)]
            for cache in caches:
                stack.push_async_callback(cache.close)
            return await use(*caches)

    return asyncio.run(run())


async def ask(cache: Cache, venue: Venue, request: str = "price A", *, ttl_s: float = 60) -> Any:
    return await cache.answers.get("v", request, ttl_s=ttl_s, fetch=venue.fetch)


def counted(cache_counts) -> dict[str, int]:
    return {outcome: n for (kind, outcome), n in cache_counts.counts.items() if kind == "http" and n}


def test_callers_in_several_processes_ask_the_venue_once(valkey):
    askers = [
        subprocess.Popen([sys.executable, "-c", ASKER, valkey.url, "20", "1.5"], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    lines = "".join(asker.communicate()[0] for asker in askers)

    totals = with_caches(valkey.url, lambda cache: cache.read_totals())
    assert [asker.returncode for asker in askers] == [0, 0, 0]
    assert lines == "fetch\n"
    assert counted(totals)["miss"] == 1
    assert sum(counted(totals).values()) == 60


def test_answer_once_fetched_is_a_hit_until_its_time_to_live_ends(valkey):
    venue = Venue(fetch_s=0)

    async def use(cache: Cache) -> object:
        answers = [await ask(cache, venue, ttl_s=0.2), await ask(cache, venue, ttl_s=0.2)]
        await asyncio.sleep(0.3)
        answers.append(await ask(cache, venue))
        return answers, counted(await cache.read_totals())

    assert with_caches(valkey.url, use) == ([{"price": 1.5}] * 3, {"hit": 1, "miss": 2})
    assert venue.n_asked == 2


def test_fetcher_that_is_killed_is_replaced_by_one_that_waits(valkey):
    dying = subprocess.Popen([sys.executable, "-c", ASKER, valkey.url, "1", "60"], stdout=subprocess.PIPE, text=True)
    assert dying.stdout.readline() == "fetch\n"
    venues = [Venue(), Venue()]

    async def use(*caches: Cache) -> object:
        asked = [asyncio.create_task(ask(cache, venue)) for cache, venue in zip(caches, venues, strict=True)]
        await asyncio.sleep(0.3)
        dying.kill()
        dying.communicate()
        return await asyncio.gather(*asked)

    assert with_caches(valkey.url, use, n=2) == [{"price": 1.5}] * 2
    assert sum(venue.n_asked for venue in venues) == 1


def test_failure_of_the_fetcher_is_the_answer_of_those_that_waited(valkey):
    venue = Venue(error=SourceBlockedError("v refuses this address"))

    async def use(*caches: Cache) -> object:
        return await asyncio.gather(*(ask(cache, venue) for cache in caches), return_exceptions=True)

    errors = with_caches(valkey.url, use, n=3)

    assert venue.n_asked == 1
    assert sorted(type(error).__name__ for error in errors) == ["SourceBlockedError"] + ["SourceUnavailableError"] * 2
    assert {str(error) for error in errors} == {"v refuses this address"}


def test_error_that_is_no_failure_of_the_venue_is_not_shared(valkey):
    broken, sound = Venue(error=KeyError("a slip")), Venue(fetch_s=0)

    async def use(first: Cache, second: Cache) -> object:
        with pytest.raises(KeyError):
            await ask(first, broken)
        return await ask(second, sound)

    assert with_caches(valkey.url, use, n=2) == {"price": 1.5}


def test_caller_that_gives_up_leaves_the_answer_to_the_others(valkey):
    venue = Venue()

    async def use(cache: Cache) -> object:
        impatient = asyncio.create_task(ask(cache, venue))
        patient = asyncio.create_task(ask(cache, venue))
        await asyncio.sleep(0.05)
        impatient.cancel()
        return await patient

    assert with_caches(valkey.url, use) == {"price": 1.5}
    assert venue.n_asked == 1


def test_redis_down_leaves_one_fetch_a_process():
    venue = Venue()

    async def use(first: Cache, second: Cache) -> object:
        return await asyncio.gather(*(ask(cache, venue) for cache in (first, first, second, second)))

    assert with_caches(f"redis://127.0.0.1:{free_port()}/0", use, n=2) == [{"price": 1.5}] * 4
    assert venue.n_asked == 2


def test_redis_killed_during_a_fetch_lets_those_that_wait_fetch(valkey):
    slow, quick = Venue(fetch_s=1.0), Venue(fetch_s=0)

    async def use(first: Cache, second: Cache) -> object:
        flying = asyncio.create_task(ask(first, slow))
        await asyncio.sleep(0.2)
        waiting = asyncio.create_task(ask(second, quick))
        await asyncio.sleep(0.2)
        valkey.stop()
        answers = [await waiting, await flying]
        valkey.start()
        return answers, await ask(first, slow)

    assert with_caches(valkey.url, use, n=2) == ([{"price": 1.5}] * 2, {"price": 1.5})
    assert (slow.n_asked, quick.n_asked) == (2, 1)


def test_requests_differ_by_venue_and_text_alone(valkey):
    venue = Venue(fetch_s=0)

    async def use(cache: Cache) -> object:
        await ask(cache, venue, "price A")
        await ask(cache, venue, "price B")
        await cache.answers.get("w", "price A", ttl_s=60, fetch=venue.fetch)
        return None

    with_caches(valkey.url, use)

    with redis.Redis.from_url(valkey.url) as client:
        names = {name.rsplit(b":", 1)[0] for name in client.keys("cc:http:*")}
    assert venue.n_asked == 3
    assert names == {b"cc:http:v", b"cc:http:w"}
