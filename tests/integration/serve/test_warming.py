"""Are forecasts in demand made when their candle is stored, and no others?"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from candlecast.forecasts.cached import CachedForecasts
from candlecast.market.candles import Symbol
from candlecast.storage.cache import Cache
from serve.warming import ForecastWarmer
from tests.builders import make_frozen_clock
from tests.fakes import NOW, make_forecast

SYMBOLS = {name: Symbol.parse(name) for name in ("BTC/USDT", "ETH/USDT")}
WANTED = ("BTC/USDT", "1h", 1)


class Forecaster:
    """A handle whose forecasts are all of `NOW`; may fail at first."""

    def __init__(self, *, n_failures: int = 0) -> None:
        self.forecasts = self
        self.asked: list[list] = []
        self.n_failures = n_failures

    async def remote(self, series):
        self.asked.append(list(series))
        if len(self.asked) <= self.n_failures:
            raise ConnectionError("the replica is gone")
        return [{"forecast": make_forecast(name).model_dump(mode="json")} for name, _, _ in series]


def run(url: str, forecaster: Forecaster, use) -> object:
    async def with_warmer():
        cache, clock = Cache(url), make_frozen_clock(NOW, NOW + timedelta(days=1))
        model = make_forecast().model.id
        forecasts = CachedForecasts(cache=cache, clock=clock, symbols=SYMBOLS, champion_id=lambda *_: model)
        warmer = ForecastWarmer(cache=cache, forecasts=forecasts, forecaster=forecaster)
        task = asyncio.create_task(warmer.run())
        try:
            return await use(cache, forecasts)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await cache.close()

    return asyncio.run(with_warmer())


async def until_asked(cache: Cache, forecaster: Forecaster, n: int) -> None:
    """Store candles until the warmer, which may still be subscribing, has asked `n` times."""
    async with asyncio.timeout(20):
        while len(forecaster.asked) < n:
            await cache.stored("1h", dict.fromkeys(SYMBOLS, NOW))
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("n_failures", [0, 1])
def test_stored_candle_makes_the_forecasts_that_were_asked_for_lately(valkey, n_failures):
    forecaster = Forecaster(n_failures=n_failures)

    async def use(cache, forecasts):
        assert await forecasts.find([WANTED]) == {}
        await until_asked(cache, forecaster, 1 + n_failures)
        await asyncio.sleep(0.2)
        return await forecasts.find([WANTED])

    found = run(valkey.url, forecaster, use)

    assert list(found) == [WANTED]
    assert forecaster.asked[0] == [WANTED]


def test_candles_are_heard_again_after_redis_was_away(valkey):
    forecaster = Forecaster()

    async def use(cache, forecasts):
        await forecasts.find([WANTED])
        await until_asked(cache, forecaster, 1)
        valkey.stop()
        await asyncio.sleep(0.3)
        valkey.start()
        await until_asked(cache, forecaster, len(forecaster.asked) + 1)

    run(valkey.url, forecaster, use)


def test_candle_of_a_symbol_nobody_asked_for_makes_nothing(valkey):
    forecaster = Forecaster()

    async def use(cache, forecasts):
        await forecasts.find([("ETH/USDT", "1h", 2), ("ETH/USDT", "1h", 999)])
        await until_asked(cache, forecaster, 1)

    run(valkey.url, forecaster, use)

    assert forecaster.asked[0] == [("ETH/USDT", "1h", 2)]
