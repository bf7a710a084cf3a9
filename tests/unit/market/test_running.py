import asyncio
from datetime import timedelta

import pandas as pd
import pytest

from candlecast.market.calendars import to_microseconds
from candlecast.market.running import RunningCandles
from candlecast.market.symbols import Symbol
from tests.builders import make_candles, make_frozen_clock

CANDLES = make_candles(3)
OPENED = CANDLES["open_time"][2].to_pydatetime()
OPEN_US = int(to_microseconds(pd.DatetimeIndex([OPENED]))[0])
TOLD = {"price": 5.0, "source": "kraken:USD", "at": "x", "candle": [OPEN_US, 1.0, 9.0, 0.5, 5.0, None]}


class FakeCache:
    def __init__(self, told) -> None:
        self.told = told

    async def get_prices(self, names):
        return {name: self.told for name in names if self.told}


def find(told=TOLD, *, at=OPENED + timedelta(minutes=20), symbol="BTC/USDT", timeframe="1h"):
    running = RunningCandles(
        symbols={"BTC/USDT": Symbol.parse("BTC/USDT")},
        timeframe="1h",
        clock=make_frozen_clock(at, at + timedelta(days=9)),
        cache=FakeCache(told),
    )
    return asyncio.run(running.find(symbol, timeframe))


def test_running_candle_is_told_as_partial():
    candle = find()

    assert (candle.open_time, candle.close_time) == (OPENED, OPENED + timedelta(hours=1))
    assert (candle.high, candle.volume, candle.source, candle.quality) == (9.0, None, "kraken:USD", "partial")


@pytest.mark.parametrize(
    "changes",
    [
        {"told": None},
        {"told": {"price": 5.0, "source": "rest", "at": "x"}},
        {"at": OPENED + timedelta(hours=1)},
        {"at": OPENED - timedelta(minutes=1)},
        {"timeframe": "5m"},
        {"symbol": "ETH/USDT"},
    ],
)
def test_candle_that_does_not_run_now_is_none(changes):
    assert find(**changes) is None
