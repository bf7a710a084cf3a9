import asyncio

import pytest

from candlecast.errors import InvalidRequestError, StorageError
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.sessions import LIFE_S, MAX_BYTES, SessionStore


def ask(url, question):
    async def act():
        link = RedisLink(url)
        answer = await question(SessionStore(link), link)
        await link.close()
        return answer

    return asyncio.run(act())


def test_session_is_kept_for_a_day(valkey):
    async def question(store, link):
        await store.write("mine", {"theme": "dark"})
        return (
            await store.read("mine"),
            await store.read("other"),
            await link.ask(lambda redis: redis.ttl("cc:session:mine")),
        )

    kept, other, ttl_s = ask(valkey.url, question)

    assert (kept, other) == ({"theme": "dark"}, None)
    assert LIFE_S - 5 < ttl_s <= LIFE_S


def test_session_beyond_the_limit_is_refused(valkey):
    with pytest.raises(InvalidRequestError, match=str(MAX_BYTES)):
        ask(valkey.url, lambda store, _: store.write("mine", {"a": "x" * MAX_BYTES}))


@pytest.mark.parametrize("verb", ["read", "write"])
def test_session_without_redis_is_an_error_and_never_empty(verb):
    async def question(store, _):
        return await (store.read("mine") if verb == "read" else store.write("mine", {}))

    with pytest.raises(StorageError, match="Redis"):
        ask("", question)
