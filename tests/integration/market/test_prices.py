"""Is the price the newest that is known, from wherever, and the change that of 24 hours?"""

import asyncio
from datetime import timedelta

import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.market.prices import PriceReader, PriceSources
from candlecast.market.symbols import Symbol
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.closes import CloseStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.builders import make_frozen_clock
from tests.storage_builders import START, make_rows

PAIR, STOCK, NEW = (Symbol.parse(name) for name in ("BTC/USDT", "AAPL", "NEW/USDT"))
HOUR = timedelta(hours=1)
# closes are 101, 102, ... at START + 1 h, + 2 h, ...
N_CANDLES = 48
NOW = START + N_CANDLES * HOUR + timedelta(minutes=20)


class Venues:
    """The venue chain: answers one price, or fails; counts what it is asked."""

    def __init__(self, price: float | None = None) -> None:
        self.price = price
        self.asked: list[str] = []

    async def fetch_price(self, symbol: Symbol) -> tuple[float, str]:
        self.asked.append(symbol.name)
        if self.price is None:
            raise SourceUnavailableError("no venue answers")
        return self.price, "kraken:USD"


@pytest.fixture
def stored(database):
    ids = SymbolStore(database).ensure([PAIR, STOCK, NEW])
    for symbol in (PAIR, STOCK):
        rows = make_rows(N_CANDLES)
        CandleStore(database).upsert(ids[symbol.name], "1h", rows, source="binance", quality="rest", known_at=NOW)
    return database


def prices_of(database, url, venues, names, *, live=None, now=NOW, times=1):
    """Return the items of the last of `times` answers."""

    async def run():
        cache = Cache(url)
        sources = PriceSources(cache, fetch_price=venues.fetch_price, closes=CloseStore(database))
        symbols = {symbol.name: symbol for symbol in (PAIR, STOCK, NEW)}
        clock = make_frozen_clock(now, now + 1_000 * HOUR)
        reader = PriceReader(symbols=symbols, timeframe="1h", clock=clock, sources=sources)
        await cache.set_prices(live or {}, ttl_s=60)
        for _ in range(times):
            answer = await reader.prices(names)
        await cache.close()
        return answer.items

    return asyncio.run(run())


def live_price(price: float, *, age: timedelta) -> dict:
    return {PAIR.name: {"price": price, "source": "binance", "at": (NOW - age).isoformat()}}


def test_live_price_is_answered_with_source_age_and_change_of_a_day(stored, valkey):
    venues = Venues()

    [item] = prices_of(stored, valkey.url, venues, [PAIR.name], live=live_price(250.0, age=timedelta(seconds=3)))

    close_a_day_before = 100.0 + N_CANDLES - 24
    assert (item.price.price, item.price.source, item.price.basis) == (250.0, "binance", "live")
    assert item.price.age_s == 3.0
    assert item.price.change_24h_pct == pytest.approx(100 * (250.0 / close_a_day_before - 1))
    assert venues.asked == []


def test_price_that_nobody_pushes_is_asked_from_the_venues_once(stored, valkey):
    venues = Venues(price=150.0)

    items = prices_of(stored, valkey.url, venues, [STOCK.name, PAIR.name], times=3)

    assert [(item.price.symbol, item.price.price, item.price.source) for item in items] == [
        (name, 150.0, "kraken:USD") for name in (STOCK.name, PAIR.name)
    ]
    assert sorted(venues.asked) == [STOCK.name, PAIR.name]


def test_price_with_every_venue_down_is_the_newest_close_and_says_so(stored, valkey):
    [item] = prices_of(stored, valkey.url, Venues(), [PAIR.name])

    assert (item.price.price, item.price.basis, item.price.source) == (100.0 + N_CANDLES, "close", "binance")
    assert item.price.age_s == 20 * 60


@pytest.mark.parametrize("age", [timedelta(minutes=21), -timedelta(hours=3)])
def test_live_price_older_than_the_close_or_of_another_time_is_passed_over(stored, valkey, age):
    [item] = prices_of(stored, valkey.url, Venues(), [PAIR.name], live=live_price(1.0, age=age))

    assert item.price.basis == "close"


def test_change_over_a_hole_of_a_day_before_is_unknown(stored, valkey):
    later = NOW + 23 * HOUR

    [item] = prices_of(stored, valkey.url, Venues(price=150.0), [PAIR.name], now=later + 2 * HOUR)

    assert item.price.change_24h_pct is None


def test_prices_without_names_are_those_of_all_symbols_in_order(stored, valkey):
    items = prices_of(stored, valkey.url, Venues(), [])

    assert [item.price and item.price.symbol for item in items] == [PAIR.name, STOCK.name, None]
    assert items[2].problem.status == 409


def test_unknown_symbol_beside_a_known_one_carries_its_problem(stored, valkey):
    unknown, known = prices_of(stored, valkey.url, Venues(), ["BTC/USD", PAIR.name])

    assert unknown.problem.status == 404
    assert "did you mean BTC/USDT" in unknown.problem.detail
    assert known.price is not None


def test_prices_with_redis_down_are_asked_from_the_venues(stored):
    venues = Venues(price=150.0)

    [item] = prices_of(stored, "redis://127.0.0.1:1/0", venues, [PAIR.name], times=2)

    assert item.price.price == 150.0
    assert venues.asked == [PAIR.name] * 2
