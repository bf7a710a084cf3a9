"""What is asked of a database by `growth.py`: questions of readers, and work in bulk."""

import asyncio
import statistics
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing
from itertools import cycle, islice
from typing import Any

import numpy as np
import pandas as pd
from growth_work import SILENT, Growth, candles_of, seconds_of
from growth_world import STEP, TIMEFRAME

from candlecast.forecasts.path import HISTORY_CANDLES
from candlecast.market.reader import MarketReader
from candlecast.queries import CandleQuery
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.census import take_census
from candlecast.storage.postgres.closes import CloseStore
from candlecast.storage.postgres.record import PageOfLedger, RecordStore
from candlecast.storage.postgres.symbols import SymbolStore


def time_questions(growth: Growth, *, n: int) -> dict[str, float]:
    """Return the median seconds of each question over `n` symbols."""
    # not by asyncio.run: when it sets its handler of signals it writes out the whole answer (the repr of its task)
    with closing(asyncio.new_event_loop()) as loop:
        return _time_questions(growth, n=n, wait=loop.run_until_complete)


def _time_questions(
    growth: Growth, *, n: int, wait: Callable[[Coroutine[Any, Any, object]], object]
) -> dict[str, float]:
    world, database, size = growth.world, growth.database, growth.size
    reader = MarketReader(symbols=world.symbols, timeframe=TIMEFRAME, clock=growth.clock, candles=CandleStore(database))
    names, middle = list(world.symbols), size.start + size.depth // 2 * STEP
    record, closes = RecordStore(database), CloseStore(database)

    def page(name: str, **wanted: object) -> object:
        return wait(reader.candles(CandleQuery(symbol=name, timeframe=TIMEFRAME, limit=500, **wanted)))

    def made(name: str) -> object:
        return reader.newest_candles(name, "1h", limit=500)

    def whole(name: str) -> object:
        return CandleStore(database).open_times(reader.symbol_id(name), TIMEFRAME)

    questions: Mapping[str, Callable[[str], object]] = {
        "latest 500 candles": page,
        "500 candles of the middle": lambda name: page(name, start=middle),
        "500 candles from the first on": lambda name: page(name, start=size.start),
        "latest 500 candles made of finer ones": made,
        "history of one forecast": lambda name: CandleStore(database).read(
            reader.symbol_id(name), TIMEFRAME, until=growth.clock.now(), limit=HISTORY_CANDLES
        ),
        "newest candle of all symbols": lambda _: wait(reader.newest()),
        "newest closes of all symbols": lambda _: closes.newest(names, TIMEFRAME, until=growth.clock.now()),
        "page of the ledger": lambda name: record.page(PageOfLedger(timeframe=TIMEFRAME, symbol=name, limit=100)),
        "open times of a whole series": whole,
    }
    some = list(islice(cycle(names[:: max(1, len(names) // n)]), n))
    found = {name: _median(question, some) for name, question in questions.items()}
    SymbolStore(database).ensure([SILENT])
    found["newest candle, a symbol silent"] = _median(questions["newest candle of all symbols"], some)
    return found


def time_bulk(growth: Growth) -> dict[str, float]:
    """Return seconds of work that grows with what is asked for: a batch of history, revisions, the count of all."""
    store, [number] = CandleStore(growth.database), SymbolStore(growth.database).ensure([SILENT]).values()
    history = candles_of(growth, np.array([number], np.int32), n=10_000)
    revised = history.iloc[-100:].assign(volume=1.0)

    def write(candles: pd.DataFrame) -> object:
        known_at = candles["close_time"]
        return store.upsert(number, TIMEFRAME, candles, source="generated", quality="rest", known_at=known_at)

    figures = {
        "10,000 candles of a new symbol": seconds_of(lambda: write(history)),
        "the same again": seconds_of(lambda: write(history)),
        "100 revisions": seconds_of(lambda: write(revised)),
        "census of everything": seconds_of(lambda: take_census(growth.database, TIMEFRAME)),
    }
    return figures


def _median(question: Callable[[str], object], names: list[str]) -> float:
    for name in names[:3]:
        question(name)
    return statistics.median(seconds_of(lambda name=name: question(name)) for name in names)
