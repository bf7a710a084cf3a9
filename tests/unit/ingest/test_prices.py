"""Is the newest price of each symbol told, and only while it is live?"""

import asyncio
import math
from datetime import timedelta

import pytest

from candlecast.ingest.prices import PRICE_TTL_S, PriceBoard
from candlecast.market.symbols import Symbol
from tests.builders import make_candles, make_frozen_clock

BTC = Symbol.parse("BTC/USDT")
CANDLES = make_candles(5)
NOW = CANDLES["open_time"][4].to_pydatetime() + timedelta(minutes=20)


class FakeCache:
    def __init__(self) -> None:
        self.sets: list[tuple[dict, float]] = []
        self.published: list[tuple[str, list]] = []

    async def set_prices(self, prices: dict, *, ttl_s: float) -> None:
        self.sets.append((prices, ttl_s))

    async def publish_many(self, channel: str, payloads: list) -> None:
        self.published.append((channel, payloads))


def flush(note) -> FakeCache:
    """Return what is told after `note` was done with the board."""
    cache = FakeCache()

    async def act() -> None:
        board = PriceBoard(clock=make_frozen_clock(NOW, NOW + timedelta(days=1)), cache=cache)
        note(board)
        running = asyncio.create_task(board.run())
        await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(act())
    return cache


def test_board_tells_the_newest_of_several_prices():
    def note(board: PriceBoard) -> None:
        board.note(BTC, 100.0, source="binance")
        board.note(BTC, 101.0, source="kraken:USD")

    price = {"price": 101.0, "source": "kraken:USD", "at": NOW.isoformat()}
    assert flush(note).sets == [({"BTC/USDT": price}, PRICE_TTL_S)]


def test_prices_of_a_flush_are_published_together():
    def note(board: PriceBoard) -> None:
        board.note(BTC, 100.0, source="binance")
        board.note(Symbol.parse("AAPL"), 50.0, source="yahoo")

    [(channel, events)] = flush(note).published

    assert channel == "prices"
    assert events[0] == {"symbol": "BTC/USDT", "price": 100.0, "source": "binance", "at": NOW.isoformat()}
    assert [event["symbol"] for event in events] == ["BTC/USDT", "AAPL"]


def test_board_takes_the_running_candle_of_a_rest_answer():
    [(prices, _)] = flush(lambda board: board.note_frame(BTC, CANDLES, source="binance")).sets

    assert prices["BTC/USDT"]["price"] == CANDLES["close"][4]


def test_board_takes_no_closed_candle_for_a_price():
    assert flush(lambda board: board.note_frame(BTC, CANDLES[:4], source="binance")).sets == []


@pytest.mark.parametrize("price", [math.nan, math.inf, 0.0, -1.0])
def test_price_that_is_none_is_not_told(price):
    assert flush(lambda board: board.note(BTC, price, source="binance")).sets == []


def test_running_candle_that_is_none_is_left_out():
    running = (0, 100.0, math.inf, 99.0, 100.0, 1.0)

    [(prices, _)] = flush(lambda board: board.note(BTC, 100.0, source="binance", running=running)).sets

    assert prices["BTC/USDT"] == {"price": 100.0, "source": "binance", "at": NOW.isoformat()}


def test_board_without_news_tells_nothing():
    board = flush(lambda board: None)

    assert (board.sets, board.published) == ([], [])
