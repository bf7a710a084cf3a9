"""What was cached belongs to another database now: how is it thrown away?"""

import redis

from candlecast.errors import StorageError
from candlecast.storage.redis_link import PREFIX

_KEYS_AT_ONCE = 1_000


def empty_cache(url: str) -> int:
    """Delete everything that Candlecast keeps in Redis, nothing else, and return how many keys that were.

    Parameters
    ----------
    url : str
        ``redis://`` address; "" stands for no Redis at all.

    Raises
    ------
    StorageError
        When Redis does not answer.
    """
    if not url:
        return 0
    try:
        with redis.Redis.from_url(url, socket_timeout=30.0) as client:
            names = list(client.scan_iter(f"{PREFIX}*", count=_KEYS_AT_ONCE))
            parts = [names[start : start + _KEYS_AT_ONCE] for start in range(0, len(names), _KEYS_AT_ONCE)]
            return sum(int(client.unlink(*part)) for part in parts)
    except redis.RedisError as error:
        raise StorageError(f"the cache cannot be emptied: {error}; start Redis with an empty folder") from error
