"""Whatever a stream pushes: is it a candle, passed on, or the end of the connection, never silence?"""

from datetime import UTC, datetime, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from candlecast.market.symbols import Symbol
from candlecast.market.venues.ccxt_client import _handle_or_break
from candlecast.market.venues.ccxt_stream import _take
from candlecast.market.venues.dialects.binance import BINANCE
from candlecast.market.venues.dialects.bybit import BYBIT
from candlecast.market.venues.dialects.okx import OKX
from candlecast.market.venues.update_buffer import UpdateBuffer
from tests.fuzz.budget import searched
from tests.fuzz.spoiling import mutated, values

BTC = Symbol.parse("BTC/USDT")
OPEN_MS = 1_700_000_000_000
FIGURES = {"open": "4.0", "high": "5.0", "low": "3.0", "close": "4.5", "volume": "10.0"}
MESSAGES = {
    "binance": {
        "e": "kline", "E": OPEN_MS, "s": "BTC",
        "k": {"t": OPEN_MS, "s": "BTC", "o": "4.0", "c": "4.5", "h": "5.0", "l": "3.0", "v": "10.0", "x": True},
    },
    "bybit": {"topic": "kline.60.BTC", "data": [{"start": OPEN_MS, **FIGURES, "confirm": False}]},
    "okx": {
        "arg": {"channel": "candle1H", "instId": "BTC"},
        "data": [[str(OPEN_MS), *FIGURES.values(), "0", "0", "1"]],
    },
}  # fmt: skip


class Socket:
    """Notes whether its connection was ended."""

    ended = False

    def on_error(self, error):
        self.ended = True


@pytest.mark.parametrize("dialect", [BINANCE, BYBIT, OKX], ids=MESSAGES)
def test_message_is_candles_or_ends_the_connection(dialect, request):
    right = MESSAGES[request.node.callspec.id]

    def take(message):
        socket, buffer = Socket(), UpdateBuffer()
        _handle_or_break(
            socket,
            lambda message: _take(lambda *_: None, dialect.read_message, {"BTC": BTC}, buffer, socket, message),
            message,
        )
        return socket, buffer

    socket, buffer = take(right)
    assert not socket.ended
    assert buffer.pop().values == (4.0, 5.0, 3.0, 4.5, 10.0)

    @searched(150)
    @hypothesis.given(message=st.one_of(mutated(right), mutated(right), values))
    def push(message):
        _, buffer = take(message)
        while buffer:
            update = buffer.pop()
            assert update.symbol == BTC
            # what follows reckons with its time
            assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=update.open_us)
            assert all(isinstance(value, float) for value in update.values)

    push()
