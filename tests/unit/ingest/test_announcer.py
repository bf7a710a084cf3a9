"""Do listeners hear of new candles, once, and of nothing else?"""

import asyncio
from datetime import datetime, timedelta

import pandas as pd

from candlecast.ingest.announcer import Announcer
from candlecast.ingest.intake import Taken
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candle_writes import Written
from tests.builders import make_candles

SYMBOLS = {1: Symbol.parse("BTC/USDT"), 2: Symbol.parse("ETH/USDT")}
CANDLES = make_candles(6)


class FakeCache:
    def __init__(self) -> None:
        self.told: list[dict[str, datetime]] = []

    async def stored(self, timeframe: str, closes: dict[str, datetime]) -> None:
        self.told.append(closes)


def taken(rows: pd.DataFrame, *, inserted: int = 0, revised: int = 0, unchanged: int = 0) -> Taken:
    return Taken(rows, 0, Written(inserted, revised, unchanged))


def announce(*batches: Taken) -> list[dict[str, datetime]]:
    cache = FakeCache()

    async def act() -> None:
        announcer = Announcer(cache=cache, timeframe="1h", symbols=SYMBOLS)
        running = asyncio.create_task(announcer.run())
        for batch in batches:
            announcer.note(batch)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(act())
    return cache.told


def close(index: int) -> datetime:
    return CANDLES["close_time"][index].to_pydatetime()


def test_announcer_of_new_candles_tells_the_newest_close_of_each_symbol():
    rows = pd.concat([CANDLES[:3].assign(symbol_id=1), CANDLES[:2].assign(symbol_id=2)])

    assert announce(taken(rows, inserted=5)) == [{"BTC/USDT": close(2), "ETH/USDT": close(1)}]


def test_announcer_of_what_was_stored_already_says_nothing():
    assert announce(taken(CANDLES.assign(symbol_id=1), unchanged=6)) == []


def test_announcer_of_an_older_candle_says_nothing_unless_it_was_revised():
    newest, older = CANDLES[4:5].assign(symbol_id=1), CANDLES[1:2].assign(symbol_id=1)

    assert announce(taken(newest, inserted=1), taken(older, inserted=1)) == [{"BTC/USDT": close(4)}]
    assert announce(taken(newest, inserted=1), taken(older, revised=1))[1] == {"BTC/USDT": close(1)}


def test_announcer_tells_each_close_once():
    rows = CANDLES[:1].assign(symbol_id=1)
    later = close(0) + timedelta(hours=1)

    told = announce(taken(rows, inserted=1), taken(CANDLES[:2].assign(symbol_id=1), inserted=1))

    assert told == [{"BTC/USDT": close(0)}, {"BTC/USDT": later}]
