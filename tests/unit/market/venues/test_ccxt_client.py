import asyncio

import pytest
from ccxt.async_support.base.exchange import BaseExchange

from candlecast.market.venues.ccxt_client import Access, open_client
from candlecast.market.venues.dialects.binance import BINANCE
from candlecast.market.venues.dialects.dialect import Dialect


class FakeLimiter:
    def __init__(self):
        self.costs = []

    async def take(self, venue, cost):
        self.costs.append((venue, cost))

    async def observe(self, venue, *, used_share, retry_after_s):
        pass


@pytest.mark.parametrize(
    ("base_url", "asked", "sent"),
    [
        ("", "https://api.binance.com/api/v3/ping?a=1", "https://api.binance.com/api/v3/ping?a=1"),
        ("http://127.0.0.1:5", "https://api.binance.com/api/v3/ping?a=1", "http://127.0.0.1:5/api/v3/ping?a=1"),
        ("http://127.0.0.1:5/", "https://api.bybit.com", "http://127.0.0.1:5/"),
    ],
)
def test_call_goes_to_the_server_that_stands_in(monkeypatch, base_url, asked, sent):
    urls = []

    async def fetch(self, url, *rest):
        urls.append(url)

    monkeypatch.setattr(BaseExchange, "fetch", fetch)
    client = open_client("binance", BINANCE, Access(base_url))

    asyncio.run(client.fetch(asked))

    assert urls == [sent]


@pytest.mark.parametrize(
    ("base_url", "sent"),
    [
        ("", "wss://stream.binance.com:9443/ws/0"),
        ("https://there:5", "wss://there:5/ws/0"),
        ("http://t", "ws://t/ws/0"),
    ],
)
def test_stream_goes_to_the_server_that_stands_in(base_url, sent):
    async def open_socket():
        client = open_client("binance", BINANCE, Access(base_url))
        socket = client.client("wss://stream.binance.com:9443/ws/0")
        await client.close()
        return socket.url

    assert asyncio.run(open_socket()) == sent


def test_calls_are_spaced_out_by_ccxt_at_a_real_venue_only():
    assert open_client("binance", BINANCE, Access()).enableRateLimit is True
    assert open_client("binance", BINANCE, Access("http://127.0.0.1:5")).enableRateLimit is False


def test_limiter_is_told_the_cost_of_each_endpoint(monkeypatch):
    async def fetch(self, *_):
        return {}

    monkeypatch.setattr(BaseExchange, "fetch", fetch)
    limiter = FakeLimiter()
    client = open_client("binance", BINANCE, Access("http://127.0.0.1:5", limiter))

    asyncio.run(client.publicGetKlines({"symbol": "BTCUSDT"}))
    asyncio.run(client.publicGetExchangeInfo())

    assert limiter.costs == [("binance", 0.4), ("binance", 4)]


def test_venue_without_a_stream_in_ccxt_can_be_opened():
    assert open_client("zaif", Dialect(), Access()).has["watchOHLCV"] is not True
