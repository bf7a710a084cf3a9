"""How much of Redis is used?"""

from dataclasses import dataclass

from candlecast.storage.redis_link import RedisLink


@dataclass(frozen=True, slots=True)
class RedisUse:
    """What Redis tells of itself.

    Parameters
    ----------
    memory_bytes, memory_limit_bytes : int
        Used for data, and the most that may be; 0: no limit.
    n_evicted : int
        Keys that were dropped to make room, since it started.
    n_clients : int
        Connections.
    """

    memory_bytes: int
    memory_limit_bytes: int
    n_evicted: int
    n_clients: int


async def read_use(link: RedisLink) -> RedisUse | None:
    """Return the use of Redis, None when it does not answer."""
    told = await link.ask(lambda redis: redis.info())
    if told is None:
        return None
    names = ("used_memory", "maxmemory", "evicted_keys", "connected_clients")
    return RedisUse(*(int(told[name]) for name in names))
