"""Who does it now? Locks that end with their holder, and that a missing Redis gives to everybody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError

from candlecast.storage.redis_link import RedisLink, key

_RENEWALS = 3


@asynccontextmanager
async def hold(link: RedisLink, name: str, *, ttl_s: float) -> AsyncIterator[bool]:
    """Yield whether the lock `name` was got; it is renewed while the block runs.

    Locks only save work: without Redis everybody gets them, and a holder that lost one goes on.

    Parameters
    ----------
    link : RedisLink
        Where locks are kept.
    name : str
        What is protected.
    ttl_s : float
        Wall seconds after which the lock of a holder that died is free.
    """
    lock: Lock | None = None

    async def acquire(redis: Redis) -> bool:
        nonlocal lock
        lock = Lock(redis, key("lock", name), timeout=ttl_s, blocking=False, thread_local=False)
        return bool(await lock.acquire())

    got = await link.ask(acquire)
    if lock is None or not got:
        yield got is None
        return
    keeper = asyncio.create_task(_renew(link, lock, ttl_s))
    try:
        yield True
    finally:
        keeper.cancel()
        await link.ask(lambda _: _still_ours(lock.release()))


async def _renew(link: RedisLink, lock: Lock, ttl_s: float) -> None:
    ours: bool | None = True
    while ours is not False:
        await asyncio.sleep(ttl_s / _RENEWALS)
        ours = await link.ask(lambda _: _still_ours(lock.reacquire()))


async def _still_ours(act: Awaitable[object]) -> bool:
    # False: it ran out during an outage, and another holder may have it
    try:
        await act
    except LockError:
        return False
    return True
