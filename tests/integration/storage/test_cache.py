import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import redis

from candlecast.storage.cache import Cache

CLOSE = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _with_cache(url: str, use: Callable[[Cache], Awaitable[object]]) -> object:
    async def run() -> object:
        cache = Cache(url)
        try:
            return await use(cache)
        finally:
            await cache.close()

    return asyncio.run(run())


def test_prices_once_set_are_got_and_missing_ones_left_out(valkey):
    prices = {"BTC/USDT": {"price": 1.5, "source": "binance"}, "ETH/USDT": {"price": 2.5, "source": "kraken:USD"}}

    async def use(cache: Cache) -> object:
        await cache.set_prices(prices, ttl_s=60)
        return await cache.get_prices(["ETH/USDT", "SOL/USDT", "BTC/USDT"])

    assert _with_cache(valkey.url, use) == prices


def test_forecast_is_kept_under_prefix_with_its_time_to_live(valkey):
    async def use(cache: Cache) -> object:
        await cache.set_forecasts({("BTC/USDT", "1h", 4): (b"{}", 1.5)})
        return await cache.get_forecasts([("BTC/USDT", "1h", 4), ("BTC/USDT", "1h", 5)])

    bodies = _with_cache(valkey.url, use)

    with redis.Redis.from_url(valkey.url) as client:
        left_ms = client.pttl("cc:forecast:BTC/USDT:1h:4")
    assert bodies == [b"{}", None]
    assert 0 < left_ms <= 1_500


def test_stored_candles_forget_every_horizon_of_their_series_alone(valkey):
    series = [("BTC/USDT", "1h", 1), ("BTC/USDT", "1h", 96), ("BTC/USDT", "4h", 1), ("ETH/USDT", "1h", 1)]

    async def use(cache: Cache) -> object:
        await cache.set_forecasts({one: (b"x", 60) for one in series})
        await cache.stored("1h", {"BTC/USDT": CLOSE, "SOL/USDT": CLOSE})
        return await cache.get_forecasts(series)

    assert _with_cache(valkey.url, use) == [None, None, b"x", b"x"]


def test_promotion_forgets_one_timeframe_and_horizon_of_all_symbols(valkey):
    series = [("BTC/USDT", "1h", 1), ("ETH/USDT", "1h", 1), ("BTC/USDT", "1h", 2)]

    async def use(cache: Cache) -> object:
        await cache.set_forecasts({one: (b"x", 60) for one in series})
        await cache.forget_forecasts(["BTC/USDT", "ETH/USDT"], "1h", 1)
        return await cache.get_forecasts(series)

    assert _with_cache(valkey.url, use) == [None, None, b"x"]


def test_stored_candles_reach_who_listens_together(valkey):
    async def use(cache: Cache) -> object:
        heard = asyncio.create_task(anext(cache.batches("candles")))
        await asyncio.sleep(0.1)
        await cache.publish("news", {"id": 1})
        await cache.stored("1h", {"BTC/USDT": CLOSE, "AAPL": CLOSE})
        return await asyncio.wait_for(heard, timeout=20)

    assert _with_cache(valkey.url, use) == [
        {"symbol": name, "timeframe": "1h", "close_time": "2026-03-02T12:00:00+00:00"} for name in ("BTC/USDT", "AAPL")
    ]


def test_events_of_a_batch_are_heard_one_by_one(valkey):
    async def use(cache: Cache) -> object:
        async def hear() -> list[int]:
            heard = []
            async for event in cache.events("news"):
                heard.append(event["id"])
                if len(heard) == 3:
                    return heard

        listening = asyncio.create_task(hear())
        await asyncio.sleep(0.1)
        await cache.publish_many("news", [{"id": 1}, {"id": 2}])
        await cache.publish("news", {"id": 3})
        return await asyncio.wait_for(listening, timeout=20)

    assert _with_cache(valkey.url, use) == [1, 2, 3]


def test_cache_over_an_outage_misses_then_works_again(valkey, caplog):
    async def use(cache: Cache) -> object:
        before = await cache.ping()
        valkey.stop()
        during = [await cache.ping(), await cache.get_prices(["BTC/USDT"])]
        valkey.start()
        await cache.set_prices({"BTC/USDT": {"price": 2.0}}, ttl_s=60)
        return [before, *during, await cache.get_prices(["BTC/USDT"])]

    with caplog.at_level(logging.INFO, logger="candlecast.storage.redis_link"):
        answers = _with_cache(valkey.url, use)

    assert answers == [True, False, {}, {"BTC/USDT": {"price": 2.0}}]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
