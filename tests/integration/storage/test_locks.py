import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack

import redis

from candlecast.storage.cache import Cache

HOLDER = """
import asyncio, sys
from candlecast.storage.cache import Cache
async def main():
    async with Cache(sys.argv[1]).lock("work", ttl_s=0.6) as got:
        print(got, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def _try(cache: Cache, *, ttl_s: float = 5.0) -> bool:
    async with cache.lock("work", ttl_s=ttl_s) as got:
        return got


def _run(url: str, use) -> object:
    async def run() -> object:
        async with AsyncExitStack() as stack:
            caches = [Cache(url) for _ in range(2)]
            for cache in caches:
                stack.push_async_callback(cache.close)
            return await use(*caches)

    return asyncio.run(run())


def test_lock_while_held_is_refused_to_others_and_free_afterwards(valkey):
    async def use(first: Cache, second: Cache) -> object:
        async with first.lock("work", ttl_s=5) as got:
            held = await _try(second)
        return got, held, await _try(second)

    assert _run(valkey.url, use) == (True, False, True)


def test_lock_of_a_long_act_is_renewed_beyond_its_time_to_live(valkey):
    async def use(first: Cache, second: Cache) -> object:
        async with first.lock("work", ttl_s=0.3):
            await asyncio.sleep(1)
            return await _try(second)

    assert _run(valkey.url, use) is False


def test_lock_of_a_killed_process_is_free_after_its_time_to_live(valkey):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, valkey.url], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "True\n"

    async def use(cache: Cache, _: Cache) -> object:
        before = await _try(cache)
        holder.kill()
        holder.communicate()
        for _attempt in range(40):
            await asyncio.sleep(0.05)
            if await _try(cache):
                return before, True
        return before, False

    assert _run(valkey.url, use) == (False, True)


def test_lock_without_redis_is_got_by_everybody(valkey):
    valkey.stop()

    async def use(first: Cache, second: Cache) -> object:
        async with first.lock("work", ttl_s=5) as got:
            return got, await _try(second)

    assert _run(valkey.url, use) == (True, True)


def test_lock_lost_in_an_outage_is_not_taken_from_its_new_holder(valkey):
    async def use(first: Cache, second: Cache) -> object:
        async with AsyncExitStack() as stack:
            async with first.lock("work", ttl_s=5):
                with redis.Redis.from_url(valkey.url) as client:
                    client.flushall()
                assert await stack.enter_async_context(second.lock("work", ttl_s=5))
            return await _try(first)

    assert _run(valkey.url, use) is False
