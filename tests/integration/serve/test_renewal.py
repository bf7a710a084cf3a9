"""Are forecasts made, kept and told of as candles are stored, whatever fails on the way?"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from candlecast.errors import StorageError
from candlecast.market.symbols import Symbol
from candlecast.storage.cache import Cache
from serve.renewal import ForecastRenewal
from tests.builders import make_frozen_clock
from tests.fakes import NOW, make_forecast

NAMES = ("BTC/USDT", "ETH/USDT")
SERIES = [(name, "1h", 1) for name in NAMES]


class Service:
    """Makes a forecast for each symbol that it is asked to renew; may fail at first."""

    def __init__(self, *, n_failures: int = 0) -> None:
        self.asked: list[dict] = []
        self.n_failures = n_failures

    def renew(self, timeframe, closes):
        self.asked.append(dict(closes))
        if len(self.asked) <= self.n_failures:
            raise StorageError("the database does not answer")
        return [make_forecast(name) for name in closes]


def run(url: str, service: Service, use) -> object:
    async def with_renewal():
        cache = Cache(url)
        renewal = ForecastRenewal(
            service=service,
            cache=cache,
            clock=make_frozen_clock(NOW, NOW + timedelta(days=1)),
            symbols={name: Symbol.parse(name) for name in NAMES},
            timeframe="1h",
        )
        task = asyncio.create_task(renewal.run())
        try:
            async with asyncio.timeout(20):
                return await use(cache)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await cache.close()

    return asyncio.run(with_renewal())


async def until_asked(service: Service, n: int, cache: Cache | None = None, **closes) -> None:
    """Wait for `n` calls; store candles meanwhile, the renewal may not be listening yet."""
    while len(service.asked) < n:
        if cache is not None:
            await cache.stored("1h", dict.fromkeys(NAMES, NOW) | closes)
        await asyncio.sleep(0.05)


def test_start_makes_keeps_and_tells_of_every_symbol(valkey):
    service = Service()

    async def use(cache):
        told = anext(aiter(cache.batches("forecasts")))
        listening = asyncio.create_task(told)
        await until_asked(service, 2, cache)
        return await cache.get_forecasts(SERIES), await listening

    bodies, told = run(valkey.url, service, use)

    assert service.asked[0] == dict.fromkeys(NAMES, NOW)
    assert bodies == [make_forecast(name).model_dump_json().encode() for name in NAMES]
    assert [one["symbol"] for one in told] == list(NAMES)
    assert set(told[0]) == {"symbol", "timeframe", "horizon", "as_of", "target_time", "p_up", "direction", "model_id"}


def test_candles_of_one_close_are_one_call_with_the_oldest_close_of_each(valkey):
    service = Service()

    async def use(cache):
        await until_asked(service, 2, cache)
        n = len(service.asked)
        await cache.stored("1h", {"BTC/USDT": NOW})
        await cache.stored("1h", {"BTC/USDT": NOW - timedelta(hours=3)})
        await until_asked(service, n + 1)
        return service.asked[n]

    assert run(valkey.url, service, use) == {"BTC/USDT": NOW - timedelta(hours=3)}


def test_candles_of_other_timeframes_and_symbols_are_left_alone(valkey):
    service = Service()

    async def use(cache):
        await until_asked(service, 2, cache)
        await asyncio.sleep(0.4)
        n = len(service.asked)
        await cache.stored("4h", {"BTC/USDT": NOW})
        await cache.stored("1h", {"XRP/USDT": NOW})
        await asyncio.sleep(0.5)
        return len(service.asked) - n

    assert run(valkey.url, service, use) == 0


@pytest.mark.parametrize("redis", ["up", "down"])
def test_what_failed_is_tried_again_without_an_event(valkey, redis, monkeypatch):
    monkeypatch.setattr("serve.renewal._POLL_S", 0.05)
    service = Service(n_failures=1)

    run(valkey.url if redis == "up" else "", service, lambda cache: until_asked(service, 2))

    assert service.asked[1] == dict.fromkeys(NAMES, NOW)
