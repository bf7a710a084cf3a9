import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import redis

from candlecast.errors import SourceRateLimitedError
from candlecast.storage.rate_limits import RateLimits
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.token_bucket import Quota, TokenBucket

QUOTA = Quota(capacity=10, refill_per_s=2)
START_S = 1_000.0


class Time:
    """A clock that moves only when everybody sleeps; sleepers wake in order."""

    def __init__(self) -> None:
        self.now_s = START_S
        self.sleepers: list[tuple[float, int, asyncio.Event]] = []
        self.n_sleeps = 0
        self.slept = asyncio.Event()

    def read(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self.n_sleeps += 1
        self.slept.set()
        self.sleepers.append((self.now_s + seconds, self.n_sleeps, woken))
        await woken.wait()

    async def until_somebody_sleeps(self) -> None:
        await self.slept.wait()

    async def run(self, tasks: list[asyncio.Task]) -> None:
        while unfinished := [task for task in tasks if not task.done()]:
            await asyncio.sleep(0.001)
            # the others are on their way to Redis or back
            if len(self.sleepers) == len(unfinished):
                first = min(self.sleepers)
                self.sleepers.remove(first)
                self.now_s = max(self.now_s, first[0])
                first[2].set()


def with_limits(url: str, use: Callable[..., Awaitable[object]], *, n: int = 2, share: float = 0.5) -> object:
    """Run `use(time, *limits)` with `n` limiters on connections of their own."""

    async def run() -> object:
        async with AsyncExitStack() as stack:
            time, limits = Time(), []
            for _ in range(n):
                link = RedisLink(url)
                stack.push_async_callback(link.close)
                limits.append(RateLimits(link, share=share, quotas={"v": QUOTA}, now_s=time.read, sleep=time.sleep))
            return await use(time, *limits)

    return asyncio.run(run())


async def took_at(time: Time, limits: RateLimits, cost: float, log: list) -> None:
    await limits.take("v", cost)
    log.append(time.now_s - START_S)


def test_actors_share_one_bucket_and_take_turns(valkey):
    async def use(time: Time, *limits: RateLimits) -> object:
        logs = [[] for _ in limits]

        async def actor(number: int) -> None:
            for _ in range(10):
                await took_at(time, limits[number], 1, logs[number])

        await time.run([asyncio.create_task(actor(number)) for number in range(4)])
        return logs

    logs = with_limits(valkey.url, use, n=4)

    ends = [log[-1] for log in logs]
    assert max(ends) == pytest.approx((40 - QUOTA.capacity / 2) / QUOTA.refill_per_s, abs=0.01)
    # who asks first in a round is not settled: two rounds apart is still in turn, one that hogs would be seven apart
    assert max(ends) - min(ends) <= 2 * 4 / QUOTA.refill_per_s


def test_lost_bucket_restarts_half_full(valkey):
    async def use(time: Time, limits: RateLimits) -> object:
        await limits.take("v", 5)
        with redis.Redis.from_url(valkey.url) as client:
            client.flushall()
        log: list[float] = []
        await time.run([asyncio.create_task(took_at(time, limits, 1, log)) for _ in range(6)])
        return sorted(log)

    assert with_limits(valkey.url, use, n=1) == pytest.approx([0, 0, 0, 0, 0, 0.5])


def test_retry_after_seen_by_one_actor_keeps_all_away(valkey):
    async def use(_: Time, first: RateLimits, second: RateLimits) -> object:
        await first.observe("v", used_share=None, retry_after_s=30)
        with pytest.raises(SourceRateLimitedError, match="v wants no request for 30 s") as caught:
            await second.take("v", 1)
        return caught.value.retry_after_s

    assert with_limits(valkey.url, use) == pytest.approx(30)


def test_short_retry_after_is_waited_for_by_those_that_wait_already(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        log: list[float] = []
        await second.take("v", 5)
        waiting = asyncio.create_task(took_at(time, second, 2, log))
        await time.until_somebody_sleeps()
        await first.observe("v", used_share=None, retry_after_s=4)
        await time.run([waiting])
        return log

    # without the closing it would have gone after 1 s
    assert with_limits(valkey.url, use) == pytest.approx([5])


def test_used_share_of_the_venue_takes_tokens_from_everybody(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        await first.observe("v", used_share=1.0, retry_after_s=None)
        log: list[float] = []
        await time.run([asyncio.create_task(took_at(time, second, 2, log))])
        return log

    assert with_limits(valkey.url, use) == pytest.approx([1])


def test_cancelled_taker_leaves_its_turn_to_the_next(valkey):
    async def use(time: Time, limits: RateLimits, _: RateLimits) -> object:
        await limits.take("v", 5)
        impatient = asyncio.create_task(limits.take("v", 100))
        await time.until_somebody_sleeps()
        impatient.cancel()
        await asyncio.wait([impatient])
        time.sleepers.clear()
        log: list[float] = []
        await time.run([asyncio.create_task(took_at(time, limits, 2, log))])
        return log

    assert with_limits(valkey.url, use) == pytest.approx([1])


def test_redis_killed_in_between_leaves_each_process_its_share(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        await first.take("v", 1)
        valkey.stop()
        logs: list[list[float]] = [[], []]
        limits = (first, second)
        tasks = [asyncio.create_task(took_at(time, limits[n], 1, logs[n])) for n in (0, 1) for _ in range(3)]
        await time.run(tasks)
        return logs

    # half of 5 tokens at once, then one token a second each
    assert with_limits(valkey.url, use) == [pytest.approx([0, 0, 0.5])] * 2


def test_redis_back_again_holds_no_more_than_the_process_has_left(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        await first.take("v", 1)
        valkey.stop()
        await first.take("v", 2.5)
        valkey.start()
        log: list[float] = []
        await time.run([asyncio.create_task(took_at(time, first, 1, log))])
        await time.run([asyncio.create_task(took_at(time, second, 1, log))])
        return log

    assert with_limits(valkey.url, use) == pytest.approx([0.5, 1])


def test_retry_after_is_kept_when_redis_dies_and_comes_back(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        valkey.stop()
        await first.observe("v", used_share=None, retry_after_s=60)
        with pytest.raises(SourceRateLimitedError):
            await first.take("v", 1)
        valkey.start()
        time.now_s += 10
        refused = []
        for limits in (first, second):
            with pytest.raises(SourceRateLimitedError) as caught:
                await limits.take("v", 1)
            refused.append(caught.value.retry_after_s)
        return refused

    assert with_limits(valkey.url, use) == pytest.approx([50, 50])


@pytest.mark.parametrize("seed", range(5))
def test_shared_bucket_gives_the_turns_of_the_one_in_python(valkey, seed):
    dice = random.Random(seed)

    async def use(time: Time, limits: RateLimits) -> object:
        twin, pairs = TokenBucket(QUOTA, now_s=time.now_s), []
        for _ in range(60):
            time.now_s += dice.choice([0, 0.1, 1, 7])
            if dice.random() < 0.1:
                closed_s = dice.uniform(0, 5)
                twin.shut(closed_s, now_s=time.now_s)
                await limits._ask("v", "shut", closed_s)
            elif dice.random() < 0.2:
                left = dice.uniform(0, 12)
                twin.limit(left, now_s=time.now_s)
                await limits._ask("v", "limit", left)
            cost = dice.choice([0.2, 1, 4])
            pairs.append((twin.take(cost, now_s=time.now_s), await limits._ask("v", "take", cost)))
        return pairs

    for own, shared in with_limits(valkey.url, use, n=1):
        assert (shared.wait_s, shared.closed_s) == pytest.approx((own.wait_s, own.closed_s), abs=1e-3)


def test_try_take_takes_what_there_is_and_leaves_no_debt(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        taken = [await limits.try_take("v", 2) for limits in (first, second, first, second)]
        time.now_s += 0.5
        return taken, await first.try_take("v", 2), await second.try_take("v", 2)

    taken, after_a_while, then = with_limits(valkey.url, use)

    assert taken == [0, 0, pytest.approx(0.5), pytest.approx(0.5)]
    assert (after_a_while, then) == (0, pytest.approx(1.0))


def test_try_take_without_redis_takes_of_the_own_share(valkey):
    valkey.stop()

    async def use(time: Time, limits: RateLimits) -> object:
        return [await limits.try_take("v", 2) for _ in range(2)]

    assert with_limits(valkey.url, use, n=1) == [0, pytest.approx(1.5)]


def test_try_take_of_a_source_that_is_shut_tells_for_how_long(valkey):
    async def use(time: Time, first: RateLimits, second: RateLimits) -> object:
        await first.observe("v", used_share=None, retry_after_s=90)
        return await second.try_take("v", 1), time.n_sleeps

    wait_s, n_sleeps = with_limits(valkey.url, use)

    assert wait_s == pytest.approx(90.5)
    assert n_sleeps == 0


def test_feeds_have_the_budget_of_their_family(valkey):
    async def run() -> object:
        link = RedisLink(valkey.url)
        limits = RateLimits(link, now_s=lambda: START_S)
        names = ("news:rss:a", "news:rss:a", "news:rss:b", "news:newsapi", "news:newsapi", "news:stand-in:newsapi")
        waits_s = [await limits.try_take(name, 1) for name in names]
        await link.close()
        return waits_s

    assert asyncio.run(run()) == [0, pytest.approx(60), 0, 0, pytest.approx(900), 0]
