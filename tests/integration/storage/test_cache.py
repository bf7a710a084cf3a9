import asyncio
import logging
from collections.abc import Awaitable, Callable

import orjson
import redis

from candlecast.storage.cache import Cache


def _with_cache(url: str, use: Callable[[Cache], Awaitable[object]]) -> object:
    async def run() -> object:
        cache = Cache(url)
        try:
            return await use(cache)
        finally:
            await cache.close()

    return asyncio.run(run())


def test_price_once_set_is_got(valkey):
    async def use(cache: Cache) -> object:
        await cache.set_price("BTC/USDT", {"price": 1.5, "source": "binance"}, ttl_s=60)
        return await cache.get_price("BTC/USDT"), await cache.get_price("ETH/USDT")

    assert _with_cache(valkey.url, use) == ({"price": 1.5, "source": "binance"}, None)


def test_forecast_is_kept_under_prefix_with_its_time_to_live(valkey):
    async def use(cache: Cache) -> object:
        await cache.set_forecast("BTC/USDT", "1h", 4, body=b"{}", ttl_s=1.5)
        return await cache.get_forecast("BTC/USDT", "1h", 4)

    body = _with_cache(valkey.url, use)

    with redis.Redis.from_url(valkey.url) as client:
        left_ms = client.pttl("cc:forecast:BTC/USDT:1h:4")
    assert body == b"{}"
    assert 0 < left_ms <= 1_500


def test_delete_forecasts_forgets_every_horizon_of_one_timeframe(valkey):
    async def use(cache: Cache) -> object:
        for timeframe, horizon in (("1h", 1), ("1h", 96), ("4h", 1)):
            await cache.set_forecast("BTC/USDT", timeframe, horizon, body=b"x", ttl_s=60)
        await cache.delete_forecasts("BTC/USDT", "1h")
        return [await cache.get_forecast("BTC/USDT", *key) for key in (("1h", 1), ("1h", 96), ("4h", 1))]

    assert _with_cache(valkey.url, use) == [None, None, b"x"]


def test_publish_reaches_who_listens(valkey):
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as listener:
        listener.subscribe("cc:candles")
        assert listener.get_message(timeout=5)["type"] == "subscribe"

        _with_cache(valkey.url, lambda cache: cache.publish("candles", {"symbol": "BTC/USDT"}))

        message = listener.get_message(timeout=5)
    assert orjson.loads(message["data"]) == {"symbol": "BTC/USDT"}


def test_cache_over_an_outage_misses_then_works_again(valkey, caplog):
    async def use(cache: Cache) -> object:
        before = await cache.ping()
        valkey.stop()
        during = [await cache.ping(), await cache.get_price("BTC/USDT")]
        valkey.start()
        await cache.set_price("BTC/USDT", {"price": 2.0}, ttl_s=60)
        return [before, *during, await cache.get_price("BTC/USDT")]

    with caplog.at_level(logging.INFO, logger="candlecast.storage.cache"):
        answers = _with_cache(valkey.url, use)

    assert answers == [True, False, None, {"price": 2.0}]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
