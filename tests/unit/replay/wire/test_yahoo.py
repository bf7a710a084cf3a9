import pytest

from candlecast.market.symbols import Symbol
from candlecast.replay.wire.yahoo import yahoo_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [("AAPL", "AAPL"), ("BTC/USDT", "BTC-USD"), ("BTC/USD", "BTC-USD"), ("ETH/BTC", "ETH-BTC"), ("BTC/EUR", "BTC-EUR")],
)
def test_yahoo_name_writes_dollar_coins_as_dollars(name, expected):
    assert yahoo_name(Symbol.parse(name)) == expected
