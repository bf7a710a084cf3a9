"""How is Redis? What it says of itself, and why it does not answer."""

from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from candlecast.errors import StorageError


@dataclass(frozen=True, slots=True)
class RedisHealth:
    """What Redis says of itself.

    Parameters
    ----------
    policy : str
        What it drops when it is full.
    memory_bytes, memory_limit_bytes : int
        Used, and the most that may be; 0: no limit.
    writable : bool
        Whether it is the one that takes writes.
    saves : bool
        Whether the last write of its file went well.
    """

    policy: str
    memory_bytes: int
    memory_limit_bytes: int
    writable: bool
    saves: bool


def read_redis_health(url: str, *, timeout_s: float) -> RedisHealth:
    """Ask Redis how it is.

    Raises
    ------
    StorageError
        When it does not answer in time, or refuses the password.
    """
    try:
        with redis.Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0)
        ) as client:
            told = client.info()
    except (RedisError, OSError, ValueError) as error:
        raise StorageError(f"Redis does not answer: {' '.join(str(error).split())}") from error
    writes = (told.get("aof_last_write_status", "ok"), told.get("rdb_last_bgsave_status", "ok"))
    return RedisHealth(
        policy=str(told.get("maxmemory_policy", "")),
        memory_bytes=int(told["used_memory"]),
        memory_limit_bytes=int(told["maxmemory"]),
        writable=told.get("role") == "master",
        saves=set(writes) == {"ok"},
    )
