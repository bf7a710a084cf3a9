import asyncio
import logging

from candlecast.storage.cache import Cache


async def _use_everything(cache: Cache) -> list[object]:
    await cache.set_price("BTC/USDT", {"price": 1.0}, ttl_s=1)
    await cache.set_forecast("BTC/USDT", "1h", 1, body=b"{}", ttl_s=1)
    await cache.delete_forecasts("BTC/USDT", "1h")
    await cache.publish("candles", {"symbol": "BTC/USDT"})
    price, forecast = await cache.get_price("BTC/USDT"), await cache.get_forecast("BTC/USDT", "1h", 1)
    answers = await cache.ping()
    await cache.close()
    return [price, forecast, answers]


def test_cache_without_redis_misses_everything():
    assert asyncio.run(_use_everything(Cache(""))) == [None, None, False]


def test_cache_with_redis_down_misses_and_says_so_once(caplog):
    with caplog.at_level(logging.WARNING, logger="candlecast.storage.cache"):
        answers = asyncio.run(_use_everything(Cache("redis://127.0.0.1:1/0")))

    assert answers == [None, None, False]
    assert [record.message.startswith("Redis does not answer") for record in caplog.records] == [True]
