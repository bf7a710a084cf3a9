import asyncio
import logging
from datetime import UTC, datetime

from candlecast.storage.cache import Cache


async def _use_everything(cache: Cache) -> list[object]:
    await cache.set_prices({"BTC/USDT": {"price": 1.0}}, ttl_s=1)
    await cache.set_forecasts({("BTC/USDT", "1h", 1): (b"{}", 1)})
    await cache.stored("1h", {"BTC/USDT": datetime(2026, 3, 2, tzinfo=UTC)})
    await cache.forget_forecasts(["BTC/USDT"], "1h", 1)
    await cache.publish("candles", {"symbol": "BTC/USDT"})
    await cache.publish_many("forecasts", [{"symbol": "BTC/USDT"}])
    prices, forecasts = await cache.get_prices(["BTC/USDT"]), await cache.get_forecasts([("BTC/USDT", "1h", 1)])
    async with cache.lock("work", ttl_s=1) as got:
        answers = await cache.ping()
    await cache.close()
    return [prices, forecasts, got, answers]


def test_cache_without_redis_misses_everything_and_gives_every_lock():
    assert asyncio.run(_use_everything(Cache(""))) == [{}, [None], True, False]


def test_cache_with_redis_down_misses_and_says_so_once(caplog):
    with caplog.at_level(logging.WARNING, logger="candlecast.storage.redis_link"):
        answers = asyncio.run(_use_everything(Cache("redis://127.0.0.1:1/0")))

    assert answers == [{}, [None], True, False]
    assert [record.message.startswith("Redis does not answer") for record in caplog.records] == [True]
