import pytest

from candlecast.market.venues.dialects.binance import BINANCE
from candlecast.market.venues.dialects.dialect import PushedCandle

KLINE = {"t": 60_000, "s": "BTCUSDT", "i": "1m", "o": "1", "h": "3", "l": "0.5", "c": "2", "v": "7", "x": True}


@pytest.mark.parametrize("closed", [True, False])
def test_kline_message_tells_whether_the_candle_is_closed(closed):
    message = {"e": "kline", "E": 1, "s": "BTCUSDT", "k": KLINE | {"x": closed}}

    assert list(BINANCE.read_message(message)) == [PushedCandle("BTCUSDT", 60_000, (1.0, 3.0, 0.5, 2.0, 7.0), closed)]


@pytest.mark.parametrize("message", [{"result": None, "id": 1}, {"e": "trade", "s": "BTCUSDT"}, [1], "text"])
def test_other_message_holds_no_candle(message):
    assert BINANCE.read_message(message) is None


@pytest.mark.parametrize(
    "broken", [{"e": "kline"}, {"e": "kline", "k": {"t": 1}}, {"e": "kline", "k": KLINE | {"o": "x"}}]
)
def test_broken_kline_is_refused(broken):
    with pytest.raises((KeyError, ValueError)):
        BINANCE.read_message(broken)


@pytest.mark.parametrize(
    ("headers", "share"),
    [
        ({"X-MBX-USED-WEIGHT-1M": "3000"}, 0.5),
        ({"x-mbx-used-weight-1m": "6000"}, 1.0),
        ({"x-mbx-used-weight-1m": "?"}, None),
        ({}, None),
    ],
)
def test_used_share_is_read_from_the_weight_of_the_minute(headers, share):
    assert BINANCE.used_share(headers) == share
