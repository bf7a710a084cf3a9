"""Is a forecast answered from Redis only while it is the one that would be made?"""

import asyncio
from datetime import timedelta

import pytest
import redis

from candlecast.errors import StorageError
from candlecast.forecasts.cached import CachedForecasts
from candlecast.market.candles import Symbol
from candlecast.storage.cache import Cache
from tests.builders import make_frozen_clock
from tests.fakes import NOW, make_forecast

SERIES = ("BTC/USDT", "1h", 1)
SYMBOLS = {name: Symbol.parse(name) for name in ("BTC/USDT", "AAPL")}
MODEL = make_forecast().model.id
KEY = "cc:forecast:BTC/USDT:1h:1"


def cached(cache: Cache, *, now=NOW, champion=lambda *_: MODEL) -> CachedForecasts:
    clock = make_frozen_clock(now, NOW + timedelta(days=30))
    return CachedForecasts(cache=cache, clock=clock, symbols=SYMBOLS, champion_id=champion)


def run(url: str, use):
    async def with_cache():
        cache = Cache(url)
        try:
            return await use(cache)
        finally:
            await cache.close()

    return asyncio.run(with_cache())


def find_later(url: str, *, after: timedelta, champion=lambda *_: MODEL, forecast=None):
    """Keep `forecast` at `NOW`, look for it `after` that."""

    async def use(cache: Cache):
        await cached(cache).keep([forecast or make_forecast()])
        return await cached(cache, now=NOW + after, champion=champion).find([SERIES])

    return run(url, use)


def test_kept_forecast_is_found_with_its_age_of_now(valkey):
    found = find_later(valkey.url, after=timedelta(minutes=30))

    assert found[SERIES].data.age_s == 1_800
    assert found[SERIES].p_up == make_forecast().p_up


def test_kept_forecast_lives_until_the_next_close(valkey):
    find_later(valkey.url, after=timedelta(0))

    with redis.Redis.from_url(valkey.url) as client:
        assert client.pttl(KEY) == pytest.approx(3_600_000, abs=5_000)


def test_forecast_is_not_found_once_the_next_candle_has_closed(valkey):
    # the clock of another process may be ahead of the key's time to live
    assert find_later(valkey.url, after=timedelta(hours=1)) == {}


def test_forecast_of_another_replay_is_not_found_before_its_time(valkey):
    assert find_later(valkey.url, after=-timedelta(seconds=1)) == {}


def test_forecast_of_a_retired_model_is_neither_found_nor_kept(valkey):
    assert find_later(valkey.url, after=timedelta(0), champion=lambda *_: "another") == {}

    async def use(cache: Cache):
        await cached(cache, champion=lambda *_: "another").keep([make_forecast("AAPL")])
        return await cached(cache).find([("AAPL", "1h", 1)])

    assert run(valkey.url, use) == {}


def test_forecast_of_a_candle_that_is_overdue_is_not_kept(valkey):
    async def use(cache: Cache):
        await cached(cache, now=NOW + timedelta(hours=1)).keep([make_forecast()])
        return await cached(cache).find([SERIES])

    assert run(valkey.url, use) == {}


def test_stock_forecast_is_kept_until_the_next_session_ends_its_candle(valkey):
    friday = NOW.replace(day=14, hour=20)
    forecast = make_forecast("AAPL", as_of=friday, target_time=friday + timedelta(days=3))

    async def use(cache: Cache):
        await cached(cache, now=friday).keep([forecast])
        return await cached(cache, now=friday + timedelta(days=2)).find([("AAPL", "1h", 1)])

    assert len(run(valkey.url, use)) == 1


def test_known_forecast_is_answered_while_the_database_is_down(valkey):
    def down(*_):
        raise StorageError("the database does not answer")

    assert len(find_later(valkey.url, after=timedelta(0), champion=down)) == 1


def test_body_of_another_version_is_a_miss(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        client.set(KEY, b'{"symbol": "BTC/USDT"}')

    assert run(valkey.url, lambda cache: cached(cache).find([SERIES])) == {}


def test_names_that_are_not_followed_are_not_looked_up(valkey):
    wanted = [("NOPE/USDT", "1h", 1), ("BTC/USDT", "7h", 1)]

    async def use(cache: Cache):
        assert await cached(cache).find(wanted) == {}
        return await cache.read_totals()

    assert run(valkey.url, use).hit_rate is None


def test_promotion_is_noticed_within_a_second_and_asked_for_once(valkey):
    asked = []

    def champion(timeframe, horizon):
        asked.append((timeframe, horizon))
        return MODEL

    async def use(cache: Cache):
        forecasts = cached(cache, champion=champion)
        await forecasts.keep([make_forecast()])
        await asyncio.gather(*(forecasts.find([SERIES]) for _ in range(20)))

    run(valkey.url, use)

    assert asked == [("1h", 1)]
