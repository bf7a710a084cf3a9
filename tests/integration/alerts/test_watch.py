"""From a figure to a message: real PostgreSQL and Valkey, a receiver of webhooks on loopback."""

import asyncio
from datetime import timedelta

import pytest

from candlecast.alerts import watch as watching
from candlecast.alerts.book import AlertBook, AlertLimits
from candlecast.alerts.channels import Channel
from candlecast.alerts.courier import Courier
from candlecast.alerts.watch import AlertWatch
from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.symbols import Symbol
from candlecast.schemas import NewAlert
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.alert_deliveries import DeliveryStore
from candlecast.storage.postgres.alerts import AlertStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.alert_builders import receiving
from tests.builders import make_frozen_clock
from tests.storage_builders import START

BTC = Symbol.parse("BTC/USDT")
WANTED = NewAlert(symbol="BTC/USDT", metric="price", side="above", threshold=20_000.0, channels=["ops"])


class SetReadings:
    """The price as the test sets it."""

    def __init__(self):
        self.price = 19_000.0

    def now(self):
        return START

    async def values(self, alerts):
        return {alert.id: self.price for alert in alerts}


@pytest.fixture
def book(database):
    followed = {"BTC/USDT": (BTC, SymbolStore(database).ensure([BTC])["BTC/USDT"])}
    clock = make_frozen_clock(START, START + timedelta(days=1))
    limits = AlertLimits(channels=("ops", "mail"), max_rules=10)
    return AlertBook(symbols=followed, timeframe="1h", clock=clock, database=database, limits=limits)


def make_watch(database, readings, *, cache=None, couriers=(), interval_s=5.0):
    return AlertWatch(
        store=AlertStore(database),
        readings=readings,
        couriers=couriers,
        cache=cache or Cache(""),
        interval_s=interval_s,
    )


def test_crossing_is_told_once_by_event_and_webhook(database, book, valkey, monkeypatch):
    monkeypatch.setattr(watching, "SHORTEST_PAUSE_S", 0.05)
    readings = SetReadings()

    async def next_event(cache):
        return await anext(aiter(cache.events("alerts")))

    async def work(receiver):
        cache = Cache(valkey.url)
        courier = Courier(Channel("ops", receiver.address), DeliveryStore(database), max_per_hour=5)
        # a look without an event would come too late for this test
        watch = make_watch(database, readings, cache=cache, couriers=[courier], interval_s=60.0)
        await book.add(WANTED)
        heard, running = asyncio.create_task(next_event(cache)), asyncio.create_task(watch.run())
        await asyncio.sleep(0.3)
        for readings.price in (20_001.0, 20_005.0):
            await cache.publish("prices", {})
            await asyncio.sleep(0.2)
        async with asyncio.timeout(10):
            event = await heard
            await asyncio.to_thread(receiver.took_one.wait)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await cache.close()
        return event

    with receiving() as receiver:
        event = asyncio.run(work(receiver))

    assert [body["message"] for body in receiver.received] == [event["message"]]
    assert (event["symbol"], event["value"], event["at"]) == ("BTC/USDT", 20_001.0, START.isoformat())


def test_rule_that_came_back_fires_again(database, book):
    readings = SetReadings()
    watch = make_watch(database, readings)

    async def work():
        await book.add(WANTED.model_copy(update={"channels": []}))
        for readings.price in (20_001.0, 20_500.0, 19_970.0, 20_001.5):
            assert await watch.round() == 1
        return await book.deliveries(alert_id=None, cursor=None, limit=1)

    first = asyncio.run(work())
    rest = asyncio.run(book.deliveries(alert_id=None, cursor=first.next_cursor, limit=5))

    assert [one.value for one in (*first.items, *rest.items)] == [20_001.5, 20_001.0]
    assert rest.next_cursor is None


def test_book_shows_rules_and_names_of_channels(book):
    async def work():
        alert, new = await book.add(WANTED)
        assert new
        assert not (await book.add(WANTED))[1]
        shown = await book.all()
        removed = await book.remove(alert.id)
        return shown, removed, await book.all()

    shown, removed, left = asyncio.run(work())

    assert (shown.channels, [one.hysteresis for one in shown.items]) == (["ops", "mail"], [20.0])
    assert removed
    assert left.items == []


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"symbol": "BTCUSDT"}, UnknownSymbolError, "did you mean BTC/USDT"),
        ({"threshold": -1.0}, InvalidRequestError, "threshold of price must lie between"),
        ({"window": "99d"}, InvalidRequestError, "window must be 1h to 30d"),
        ({"channels": ["opps"]}, InvalidRequestError, "channel 'opps' is not configured; did you mean ops"),
    ],
)
def test_book_refuses_what_can_never_be_told(book, change, error, says):
    with pytest.raises(error, match=says):
        asyncio.run(book.add(WANTED.model_copy(update=change)))


def test_book_refuses_a_cursor_that_is_none(book):
    with pytest.raises(InvalidRequestError, match="'x' is not a cursor"):
        asyncio.run(book.deliveries(alert_id=None, cursor="x", limit=5))
