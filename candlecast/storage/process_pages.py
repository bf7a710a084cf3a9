"""What does each process count? A page of Prometheus text a process, told through Redis for every other one to read."""

from redis.asyncio import Redis

from candlecast.storage.redis_link import RedisLink, key, milliseconds

_NAMES = key("metrics", "processes")


class ProcessPages:
    """The newest pages of all processes in one Redis; nothing raises when it is down.

    Parameters
    ----------
    link : RedisLink
        Where they are.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def put(self, name: str, page: str, *, ttl_s: float) -> None:
        """Tell the page of a process for `ttl_s` wall seconds: a few rounds, since a dead process is silent."""

        async def question(redis: Redis) -> None:
            pipe = redis.pipeline(transaction=False)
            pipe.set(_page_key(name), page.encode(), px=milliseconds(ttl_s))
            pipe.sadd(_NAMES, name)
            await pipe.execute()

        await self._link.ask(question)

    async def read(self) -> dict[str, str] | None:
        """Return the pages by process, None when Redis does not answer."""
        return await self._link.ask(_read)


async def _read(redis: Redis) -> dict[str, str]:
    names = sorted(_text(name) for name in await redis.smembers(_NAMES))
    if not names:
        return {}
    pages = await redis.mget([_page_key(name) for name in names])
    found = {name: _text(page) for name, page in zip(names, pages, strict=True) if page is not None}
    if ended := [name for name in names if name not in found]:
        await redis.srem(_NAMES, *ended)
    return found


def _text(told: bytes | str) -> str:
    return told if isinstance(told, str) else told.decode()


def _page_key(name: str) -> str:
    return key("metrics", "page", name)
