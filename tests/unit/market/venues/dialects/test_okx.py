import pytest

from candlecast.market.venues.ccxt_client import Access, open_client
from candlecast.market.venues.dialects.dialect import PushedCandle
from candlecast.market.venues.dialects.okx import OKX

ROW = ["60000", "1", "3", "0.5", "2", "7", "14", "14", "1"]
TOLD = {"channel": "candle1m", "instId": "BTC-USDT"}


def test_candle_message_tells_each_candle_and_whether_it_is_closed():
    message = {"arg": TOLD, "data": [ROW, [*ROW[:8], "0"]]}

    values = (1.0, 3.0, 0.5, 2.0, 7.0)
    assert OKX.read_message(message) == [
        PushedCandle("BTC-USDT", 60_000, values, True),
        PushedCandle("BTC-USDT", 60_000, values, False),
    ]


@pytest.mark.parametrize(
    "message", [{"event": "subscribe", "arg": TOLD}, {"arg": {"channel": "tickers"}, "data": [{}]}, "pong"]
)
def test_other_message_holds_no_candle(message):
    assert OKX.read_message(message) is None


def test_days_begin_at_midnight_utc():
    client = open_client("okx", OKX, Access("http://127.0.0.1:1"))

    # With this zone ccxt leaves the name of the timeframe as it is.
    assert client.timeframes["1d"] == "1Dutc"
    assert client.options["fetchOHLCV"]["timezone"] == "HK"
