import pytest

from candlecast.market.venues.dialects.bybit import BYBIT
from candlecast.market.venues.dialects.dialect import PushedCandle

CANDLE = {
    "start": 60_000, "end": 119_999, "interval": "1", "open": "1", "close": "2", "high": "3", "low": "0.5",
    "volume": "7", "turnover": "9", "confirm": True, "timestamp": 1,
}  # fmt: skip


def test_kline_message_tells_each_candle_and_whether_it_is_closed():
    message = {"topic": "kline.1.BTCUSDT", "type": "snapshot", "data": [CANDLE, CANDLE | {"confirm": False}]}

    values = (1.0, 3.0, 0.5, 2.0, 7.0)
    assert BYBIT.read_message(message) == [
        PushedCandle("BTCUSDT", 60_000, values, True),
        PushedCandle("BTCUSDT", 60_000, values, False),
    ]


@pytest.mark.parametrize("message", [{"op": "subscribe", "success": True}, {"topic": "orderbook.1.BTCUSDT"}, "pong"])
def test_other_message_holds_no_candle(message):
    assert BYBIT.read_message(message) is None
