"""Does the stream reach clients over real HTTP, and lose nothing when its server is replaced?"""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace

import httpx2
import pytest

from candlecast.client import CandlecastClient
from candlecast.errors import InvalidRequestError, SourceUnavailableError, UnknownSymbolError
from candlecast.storage.cache import Cache
from serve.api.services import Services, current
from serve.app import build_api
from serve.event_hub import EventHub
from tests.builders import make_frozen_clock
from tests.fakes import NOW
from tests.loopback import free_port, serve_app


def serving(url: str, *, port: int = 0, n_max: int = 8, heartbeat_s: float = 15.0):
    """Serve the API with nothing behind it but the hub."""
    cache, clock = Cache(url), make_frozen_clock(NOW, NOW + timedelta(days=1))
    hub = EventHub(cache.log, clock=clock, n_max=n_max, heartbeat_s=heartbeat_s)
    reading = SimpleNamespace(reader=SimpleNamespace(names=("BTC/USDT", "ETH/USDT")))
    api = build_api()
    api.dependency_overrides[current] = lambda: Services(reading=reading, forecaster=None, sentiment=None, hub=hub)

    @asynccontextmanager
    async def lifespan(_):
        yield
        await cache.close()

    api.router.lifespan_context = lifespan
    return serve_app(api, port=port)


def publish(url: str, channel: str, *payloads: dict) -> None:
    async def send() -> None:
        cache = Cache(url)
        await cache.publish_many(channel, payloads)
        await cache.close()

    asyncio.run(send())


def next_of(stream, kind: str, n: int = 1) -> list[dict]:
    """Return the data of the next `n` events of a kind, no matter what comes between."""
    found = []
    while len(found) < n:
        event = next(stream)
        if event.event == kind:
            found.append(event.data)
    return found


def test_events_of_every_channel_reach_the_client_at_once(valkey):
    sent = {"prices": "price", "candles": "candle", "forecasts": "forecast", "news": "news", "alerts": "alert"}

    with serving(valkey.url) as address, CandlecastClient(address) as client:
        stream = client.stream(["btc/usdt"])
        assert next_of(stream, "heartbeat")[0]["live"]
        started_s = time.monotonic()
        for channel in [*sent, "drift"]:
            publish(valkey.url, channel, {"symbol": "ETH/USDT", "of": channel}, {"symbol": "BTC/USDT", "of": channel})
        got = {event.event: event.data["of"] for event in (next(stream) for _ in range(6))}
        took_s = time.monotonic() - started_s
        stream.close()

    assert got == {kind: channel for channel, kind in (sent | {"drift": "drift"}).items()}
    assert took_s < 5


def test_client_misses_nothing_while_its_server_is_replaced(valkey):
    port = free_port()
    with serving(valkey.url, port=port) as address:
        client = CandlecastClient(address)
        stream = client.stream()
        next_of(stream, "heartbeat")
        publish(valkey.url, "candles", {"n": 0}, {"n": 1})
        first = next_of(stream, "candle", 2)
    publish(valkey.url, "candles", {"n": 2})
    publish(valkey.url, "candles", {"n": 3})
    with serving(valkey.url, port=port):
        second = next_of(stream, "candle", 2)
        stream.close()
        client.close()

    assert [data["n"] for data in first + second] == [0, 1, 2, 3]


def test_stream_is_heard_by_plain_http_as_the_standard_says(valkey):
    with (
        serving(valkey.url, heartbeat_s=0.05) as address,
        httpx2.stream("GET", f"{address}/v1/stream", timeout=10) as response,
    ):
        lines = response.iter_lines()
        first = [next(lines) for _ in range(9)]

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert first[:2] == ["retry: 1000", ""]
    assert first[2:4] == ["id: 0-0", "event: heartbeat"]
    assert first[7] == "event: heartbeat"


def test_stream_refuses_what_it_cannot_give(valkey):
    with serving(valkey.url, n_max=1) as address, CandlecastClient(address) as client:
        with pytest.raises(UnknownSymbolError, match="did you mean BTC/USDT"):
            next(client.stream(["BTC/USD"]))
        with pytest.raises(InvalidRequestError, match="Last-Event-ID 'yesterday'"):
            next(client.stream(last_id="yesterday"))
        stream = client.stream()
        next(stream)
        with pytest.raises(SourceUnavailableError, match="1 clients listen"):
            next(client.stream())
        stream.close()


def test_stream_without_redis_is_refused_and_says_why():
    with (
        serving("") as address,
        CandlecastClient(address) as client,
        pytest.raises(SourceUnavailableError, match="Redis does not answer"),
    ):
        next(client.stream())
