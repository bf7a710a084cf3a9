"""Does a server whose name is not found in time leave nothing behind that would be logged as nobody's?"""

import asyncio
import gc

import pytest
import uvloop
from redis.asyncio import Redis, SSLConnection

from candlecast.storage import redis_link, request_limits
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.redis_names import resolve_first
from candlecast.storage.request_limits import RequestLimits

NOBODY = "redis://nobody.invalid:6379/0"


def unretrieved(asking) -> list[str]:
    """Return what a loop as Serve's says of `asking` and of what it left behind."""

    async def watched() -> list[str]:
        said = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
        await asking()
        # the look-up fails a moment after it was given up
        await asyncio.sleep(0.2)
        gc.collect()
        await asyncio.sleep(0)
        return said

    return uvloop.run(watched())


def test_question_to_a_name_that_is_not_found_in_time_leaves_nothing(monkeypatch):
    monkeypatch.setattr(redis_link, "_TIMEOUT_S", 0.0001)

    async def asking() -> None:
        link = RedisLink(NOBODY)
        assert await link.ask(lambda redis: redis.ping()) is None
        await link.close()

    assert unretrieved(asking) == []


def test_limit_kept_under_a_name_that_is_not_found_in_time_leaves_nothing(monkeypatch):
    monkeypatch.setattr(request_limits, "_TIMEOUT_S", 0.0001)

    async def asking() -> None:
        limits = RequestLimits(NOBODY, "5/minute")
        assert (await limits.take("somebody")).allowed
        await limits.close()

    assert unretrieved(asking) == []


@pytest.mark.parametrize(("scheme", "is_secure"), [("redis", False), ("rediss", True)])
def test_connections_stay_as_secure_as_the_address_asks(scheme, is_secure):
    client = Redis.from_url(f"{scheme}://somewhere:6379/0")

    resolve_first(client)

    assert isinstance(client.connection_pool.make_connection(), SSLConnection) is is_secure
