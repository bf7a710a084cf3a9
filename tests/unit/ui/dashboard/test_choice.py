"""Is the wish followed where it can be, and else said why not?"""

import pytest

from candlecast.errors import SourceUnavailableError
from tests.fakes import make_status
from ui.dashboard.choice import Choice, choose

TRACKED = [make_status("BTC/USDT", timeframes=["1h", "4h"]), make_status("AAPL", timeframes=["1d"])]


@pytest.mark.parametrize(
    ("symbol", "timeframe", "choice"),
    [
        ("", "", Choice("BTC/USDT", "1h", "1h")),
        ("BTC/USDT", "4h", Choice("BTC/USDT", "4h", "4h")),
        ("AAPL", "", Choice("AAPL", "1d", "1d")),
        ("AAPL", "1h", Choice("AAPL", "1d", "1d", "timeframe '1h' is not followed for AAPL; showing AAPL 1d.")),
        ("DOGE", "1h", Choice("BTC/USDT", "1h", "1h", "symbol 'DOGE' is not tracked; showing BTC/USDT 1h.")),
    ],
)
def test_choice_follows_the_wish_where_it_is_tracked(symbol, timeframe, choice):
    assert choose(TRACKED, symbol=symbol, timeframe=timeframe) == choice


def test_chart_of_a_coarser_timeframe_keeps_the_forecasts_of_the_followed_one():
    coarse = [make_status("BTC/USDT", timeframes=["1h"], chart_timeframes=["1h", "4h", "1d"])]

    assert choose(coarse, symbol="BTC/USDT", timeframe="4h") == Choice("BTC/USDT", "4h", "1h")


def test_choice_while_symbols_are_unknown_believes_the_wish():
    unknown = SourceUnavailableError("gone")

    assert choose(unknown, symbol="BTC/USDT", timeframe="1h") == Choice("BTC/USDT", "1h", "1h")
    assert choose(unknown, symbol="BTC/USDT") is None
    assert choose([], symbol="BTC/USDT", timeframe="1h") is None
