"""How fast may all processes together ask a source? A token bucket each in Redis, and a part of it without Redis."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Literal

from redis.asyncio import Redis

from candlecast.errors import SourceRateLimitedError
from candlecast.storage.redis_link import RedisLink, key
from candlecast.storage.token_bucket import SHARED_BUCKET, Quota, TokenBucket, Turn

# Units are ccxt's: the documented limit divided by `rateLimit`, endpoints cost multiples of it. The
# burst is taken out of the limit, so that no minute (second, where limits are per second) exceeds it.
QUOTAS: Mapping[str, Quota] = MappingProxyType(
    {
        "binance": Quota(capacity=300, refill_per_s=15),
        "kraken": Quota(capacity=5, refill_per_s=1),
        "coinbase": Quota(capacity=10, refill_per_s=19),
        "bybit": Quota(capacity=15, refill_per_s=35),
        "okx": Quota(capacity=3, refill_per_s=6),
        "yahoo": Quota(capacity=60, refill_per_s=1),
        # 100 a day, of which 50 in 12 hours
        "news:newsapi": Quota(capacity=2, refill_per_s=48 / 43_200),
        # 5 a second; its page changes more slowly than that
        "news:cryptopanic": Quota(capacity=2, refill_per_s=1 / 60),
        # each outlet by itself
        "news:rss": Quota(capacity=2, refill_per_s=1 / 60),
    }
)
_UNKNOWN_VENUE = Quota(capacity=5, refill_per_s=1)
# beyond this another venue is asked rather than waited for
_PATIENCE_S = 5.0

Act = Literal["take", "give_back", "limit", "shut", "look"]


class RateLimits:
    """The pooled limiter of all venues; belongs to one event loop.

    Parameters
    ----------
    link : RedisLink
        Where the buckets are; while it does not answer this process lives on its own share.
    share : float
        Part of each quota that this process may use alone, above 0, at most 1.
    quotas : mapping of str to Quota
        By venue or family of them (``news:rss`` of ``news:rss:coindesk``); others get one request a second.
    now_s : callable, optional
        Gives the time in seconds to all buckets; None: Redis's clock, and a monotonic one here.
    sleep : callable
        Waits for a number of wall seconds.
    """

    def __init__(
        self,
        link: RedisLink,
        *,
        share: float = 1.0,
        quotas: Mapping[str, Quota] = QUOTAS,
        now_s: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._link = link
        self._share = share
        self._quotas = quotas
        self._shared_now_s = now_s
        self._now_s = now_s or time.monotonic
        self._sleep = sleep
        self._own: dict[str, TokenBucket] = {}
        self._alone: set[str] = set()

    async def take(self, venue: str, cost: float) -> None:
        """Return when a request that costs `cost` may go to `venue`; turns come in the order of asking.

        Raises
        ------
        SourceRateLimitedError
            When the venue told one of the processes to stay away for more than 5 s.
        """
        while True:
            turn = await self._turn(venue, cost)
            if turn.wait_s <= 0:
                return
            alone = venue in self._alone
            if turn.closed_s > _PATIENCE_S:
                await self._give_back(venue, cost, turn, alone=alone)
                raise SourceRateLimitedError(f"{venue} wants no request for {turn.closed_s:.0f} s", turn.closed_s)
            try:
                await self._sleep(turn.wait_s)
            except asyncio.CancelledError:
                await self._give_back(venue, cost, turn, alone=alone)
                raise
            if await self._epoch(venue, alone=alone) == turn.epoch:
                return

    async def try_take(self, source: str, cost: float) -> float:
        """Take the right to send a request that costs `cost` to `source`, or nothing.

        Returns
        -------
        float
            0 when it was taken, else wall seconds until it can be.
        """
        turn = await self._turn(source, cost)
        if turn.wait_s > 0:
            await self._give_back(source, cost, turn, alone=source in self._alone)
        return turn.wait_s

    async def observe(self, venue: str, *, used_share: float | None, retry_after_s: float | None) -> None:
        """Take over what a venue says of its limits, for all processes.

        Parameters
        ----------
        venue : str
            Who says it.
        used_share : float or None
            Part of its minute's quota that is used, from 0 to 1.
        retry_after_s : float or None
            Wall seconds for which it wants no request at all.
        """
        quota, own, now_s = self._quota(venue), self._bucket(venue), self._now_s()
        if used_share is not None:
            own.limit(quota.left(used_share) * self._share, now_s=now_s)
            await self._ask(venue, "limit", quota.left(used_share))
        if retry_after_s:
            own.shut(retry_after_s, now_s=now_s)
            await self._ask(venue, "shut", retry_after_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._link.close()

    async def _turn(self, venue: str, cost: float) -> Turn:
        if venue in self._alone and not await self._rejoin(venue):
            return self._bucket(venue).take(cost, now_s=self._now_s())
        turn = await self._ask(venue, "take", cost)
        if turn is not None:
            return turn
        if venue not in self._alone:
            self._alone.add(venue)
            self._bucket(venue).restart(now_s=self._now_s())
        return self._bucket(venue).take(cost, now_s=self._now_s())

    async def _rejoin(self, venue: str) -> bool:
        # the others spent as this process did while there was no common bucket
        level, closed_s = self._bucket(venue).level(now_s=self._now_s())
        if await self._ask(venue, "limit", level * self._quota(venue).capacity) is None:
            return False
        if closed_s:
            await self._ask(venue, "shut", closed_s)
        self._alone.discard(venue)
        return True

    async def _epoch(self, venue: str, *, alone: bool) -> int | None:
        if alone:
            return self._bucket(venue).epoch
        looked = await self._ask(venue, "look", 0)
        return None if looked is None else looked.epoch

    async def _give_back(self, venue: str, cost: float, turn: Turn, *, alone: bool) -> None:
        if alone:
            self._bucket(venue).give_back(cost, turn)
        else:
            await self._ask(venue, "give_back", cost, epoch=turn.epoch)

    async def _ask(self, venue: str, act: Act, amount: float, *, epoch: int = 0) -> Turn | None:
        quota = self._quota(venue)
        now = "" if self._shared_now_s is None else self._shared_now_s()

        async def question(redis: Redis) -> Turn:
            script = redis.register_script(SHARED_BUCKET)
            args = [act, quota.capacity, quota.refill_per_s, now, amount, epoch]
            wait_s, closed_s, current = await script(keys=[key("quota", venue)], args=args)
            return Turn(float(wait_s), float(closed_s), int(current))

        return await self._link.ask(question)

    def _bucket(self, venue: str) -> TokenBucket:
        if venue not in self._own:
            self._own[venue] = TokenBucket(self._quota(venue).scaled(self._share), now_s=self._now_s())
        return self._own[venue]

    def _quota(self, venue: str) -> Quota:
        return self._quotas.get(venue) or self._quotas.get(venue.rpartition(":")[0], _UNKNOWN_VENUE)
