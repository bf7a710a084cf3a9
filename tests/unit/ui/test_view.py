import asyncio

import httpx2
import pytest

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import InsufficientHistoryError, ModelNotReadyError, SourceUnavailableError, StorageError
from candlecast.schemas import Problem
from tests.fakes import FakeApi, make_status
from ui.view import Choice, Wanted, choose, load_view

TRACKED = [make_status("BTC/USDT", timeframes=["1h", "4h"]), make_status("AAPL", timeframes=["1d"])]


def load(api, wanted):
    async def ask():
        transport = httpx2.ASGITransport(api.build())
        async with AsyncCandlecastClient("http://127.0.0.1", transport=transport) as client:
            return await load_view(client, wanted)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("wanted", "choice"),
    [
        (Wanted(), Choice("BTC/USDT", "1h")),
        (Wanted("BTC/USDT", "4h"), Choice("BTC/USDT", "4h")),
        (Wanted("AAPL", None), Choice("AAPL", "1d")),
        (
            Wanted("AAPL", "1h"),
            Choice("AAPL", "1d", "timeframe '1h' is not followed for AAPL; showing AAPL 1d."),
        ),
        (Wanted("DOGE", "1h"), Choice("BTC/USDT", "1h", "symbol 'DOGE' is not tracked; showing BTC/USDT 1h.")),
    ],
)
def test_choice_follows_the_wish_where_it_is_tracked(wanted, choice):
    assert choose(TRACKED, wanted) == choice


def test_choice_while_symbols_are_unknown_believes_the_wish():
    unknown = SourceUnavailableError("gone")

    assert choose(unknown, Wanted("BTC/USDT", "1h")) == Choice("BTC/USDT", "1h")
    assert choose(unknown, Wanted("BTC/USDT", None)) is None
    assert choose([], Wanted("BTC/USDT", "1h")) is None


def test_view_of_a_healthy_api_holds_every_part():
    view = load(FakeApi(), Wanted("ETH/USDT", "1h"))

    assert view.choice == Choice("ETH/USDT", "1h")
    assert view.status is not None
    assert view.status.symbol == "ETH/USDT"
    assert len(view.candles.candles) == 300
    assert view.forecast.symbol == "ETH/USDT"
    assert [item.symbol for item in view.watched] == ["BTC/USDT", "ETH/USDT", "LTC/USDT"]
    assert len(view.watch) == 3


def test_view_with_one_failing_part_keeps_the_others():
    untrained = Problem(title="Model not ready", status=503, detail="train one")
    api = FakeApi(failing={"/v1/forecasts/latest": untrained, "/v1/forecasts": untrained})

    view = load(api, Wanted())

    assert isinstance(view.forecast, ModelNotReadyError)
    assert isinstance(view.watch, ModelNotReadyError)
    assert len(view.candles.candles) == 300


def test_view_without_symbols_says_that_history_is_on_its_way():
    view = load(FakeApi(statuses=[]), Wanted())

    assert view.choice is None
    assert isinstance(view.candles, InsufficientHistoryError)


def test_view_without_symbol_list_still_asks_for_the_wish():
    api = FakeApi(failing={"/v1/symbols": Problem(title="Storage unavailable", status=503, detail="down")})

    view = load(api, Wanted("BTC/USDT", "1h"))

    assert isinstance(view.symbols, StorageError)
    assert len(view.candles.candles) == 300
    assert [item.symbol for item in view.watched] == ["BTC/USDT"]
