"""How many requests may a caller still send? Counted in Redis for all replicas, in this process while it is away."""

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from redis.asyncio import Redis

from candlecast.clock import wall_s
from candlecast.errors import InvalidRequestError
from candlecast.storage.redis_link import PREFIX
from candlecast.storage.redis_names import resolve_first

if TYPE_CHECKING:
    from limits.aio.storage import RedisStorage
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

_TIMEOUT_S = 0.5
_PAUSE_S = 2.0
# a replica takes a hundredth of the limit at once, so that hardly any request waits for Redis
_LEASES = 100
_LEASE_LIFE = 0.1

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may do: `remaining` requests until `reset_s` wall seconds from now, of `limit` in `window_s`."""

    allowed: bool
    limit: int
    window_s: int
    remaining: int
    reset_s: float


@dataclass(slots=True)
class _Lease:
    """Requests that were taken ahead, and what was known then; `left` 0 and `refused`: none before `until_s`."""

    left: int
    until_s: float
    remaining: int
    reset_at_s: float
    refused: bool = False


class RequestLimits:
    """The same limit for every caller, over a sliding window; belongs to one event loop.

    Redis is asked for a hundredth of the limit at a time. Without it, each process allows the whole
    limit by itself.

    Parameters
    ----------
    redis_url : str
        ``redis://`` address; "" stands for no Redis at all.
    limit : str
        As ``100/second`` or ``6000/minute``.

    Raises
    ------
    InvalidRequestError
        When `limit` cannot be read.
    """

    def __init__(self, redis_url: str, limit: str) -> None:
        # not every process that knows this class limits anybody
        from limits import parse
        from limits.aio.storage import MemoryStorage, RedisStorage
        from limits.aio.strategies import SlidingWindowCounterRateLimiter

        try:
            self._item = parse(limit)
        except ValueError as error:
            raise InvalidRequestError(f"api.rate_limit must be as 100/second or 6000/minute, was {limit!r}") from error
        self._redis = None if not redis_url else _storage(RedisStorage, redis_url)
        self._shared = None if self._redis is None else SlidingWindowCounterRateLimiter(self._redis)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._alone_until_s = 0.0
        self._alone = False
        self._leases: dict[str, _Lease] = {}
        self._asking = asyncio.Lock()

    async def take(self, caller: str) -> Allowance:
        """Count one request of `caller` and tell whether it may pass."""
        allowance = self.take_now(caller)
        if allowance is not None:
            return allowance
        async with self._asking:
            lease = self._leases.get(caller)
            if lease is None or not _holds(lease):
                lease = self._leases[caller] = await self._ask(caller)
            return self._spend(lease)

    def take_now(self, caller: str) -> Allowance | None:
        """Do as `take` without waiting; None, and nothing counted, when Redis has to be asked."""
        lease = self._leases.get(caller)
        return self._spend(lease) if lease is not None and _holds(lease) else None

    def _spend(self, lease: _Lease) -> Allowance:
        if not lease.refused:
            lease.left -= 1
        return Allowance(
            allowed=not lease.refused,
            limit=self._item.amount,
            window_s=self._item.get_expiry(),
            remaining=lease.remaining + lease.left,
            reset_s=max(0.0, lease.reset_at_s - time.monotonic()),
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            # the library closes nothing
            await _client(self._redis).aclose()

    async def _ask(self, caller: str) -> _Lease:
        from limits.errors import StorageError

        if self._shared is not None and time.monotonic() >= self._alone_until_s:
            try:
                lease = await self._lease(self._shared, caller)
            except StorageError as error:
                if not self._alone:
                    logger.warning("requests are counted by each process alone: %s", error.storage_error)
                self._alone, self._alone_until_s = True, time.monotonic() + _PAUSE_S
            else:
                self._alone = False
                return lease
        return await self._lease(self._own, caller)

    async def _lease(self, limiter: "SlidingWindowCounterRateLimiter", caller: str) -> _Lease:
        wanted = max(1, self._item.amount // _LEASES)
        for left in dict.fromkeys((wanted, 1)):
            if await limiter.hit(self._item, caller, cost=left):
                break
        else:
            left = 0
        stats = await limiter.get_window_stats(self._item, caller)
        reset_s = max(0.0, stats.reset_time - wall_s())
        # what is not used up in time is lost: a tenth of the limit at most
        life_s = self._item.get_expiry() * _LEASE_LIFE
        if not left:
            life_s = min(life_s, _PAUSE_S, max(reset_s, 0.01))
        now_s = time.monotonic()
        return _Lease(left, now_s + life_s, stats.remaining if left else 0, now_s + reset_s, refused=not left)


def retry_after_s(allowance: Allowance) -> int:
    """Return the wall seconds to wait, as the header says it: whole, at least 1."""
    return max(1, math.ceil(allowance.reset_s))


def _storage(kind: "type[RedisStorage]", url: str) -> "RedisStorage":
    storage = kind(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=f"{PREFIX}limit",
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
    )
    resolve_first(_client(storage))
    return storage


def _client(storage: "RedisStorage") -> Redis:
    # the library tells no type here
    bridge: Any = storage.bridge
    return cast("Redis", bridge.get_connection())


def _holds(lease: _Lease) -> bool:
    return (lease.left > 0 or lease.refused) and time.monotonic() < lease.until_s
