"""Does the writer lose nothing while the database is down, and write what waits together?"""

import asyncio
from datetime import timedelta

import pandas as pd

from candlecast.errors import StorageError
from candlecast.ingest import writer as writing
from candlecast.ingest.intake import Delivery, Origin, Taken, deliver
from candlecast.ingest.writer import CandleWriter, Pushed
from candlecast.market.calendars import to_microseconds
from candlecast.storage.postgres.candle_writes import Written
from tests.builders import make_candles, make_frozen_clock

CANDLES = make_candles(60)
NOW = CANDLES["close_time"].iloc[-1].to_pydatetime()
OPENS_US = to_microseconds(pd.DatetimeIndex(CANDLES["open_time"]))


class FakeIntake:
    """Accepts every row; fails as often as told."""

    def __init__(self, *, failures: int = 0) -> None:
        self.failures = failures
        self.batches: list[list[int]] = []

    def take(self, deliveries: list[Delivery], *, now) -> Taken:
        if self.failures:
            self.failures -= 1
            raise StorageError("the database is down")
        rows = pd.concat([delivery.rows for delivery in deliveries], ignore_index=True)
        self.batches.append([len(delivery.rows) for delivery in deliveries])
        return Taken(rows, 0, Written(len(rows), 0, 0))


def pushed(index: int, *, symbol_id: int = 1) -> Pushed:
    return Pushed(symbol_id, int(OPENS_US[index]), (1.0, 2.0, 0.5, 1.5, 9.0), "binance", "stream", NOW)


def delivery(first: int, last: int, *, symbol_id: int = 1) -> Delivery:
    origin = Origin(symbol_id, "binance", "rest", asked_at=NOW, received_at=NOW, live_since=NOW)
    return deliver(CANDLES[first:last], origin)


def write(intake: FakeIntake, act) -> list[Taken]:
    """Run `act` with a writer that runs, and return what it said was taken."""
    told: list[Taken] = []

    async def run() -> None:
        clock = make_frozen_clock(NOW, NOW + timedelta(days=1))
        writer = CandleWriter(intake=intake, clock=clock, timeframe="1h", calendar="24/7", on_taken=told.append)
        running = asyncio.create_task(writer.run())
        await act(writer)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    return told


def test_writer_writes_what_waits_together_and_long_answers_alone():
    intake = FakeIntake()

    async def act(writer: CandleWriter) -> None:
        writer.push(pushed(58))
        writer.push(pushed(59))
        parts = ((0, 2), (2, 50), (50, 53))
        await asyncio.gather(*(writer.write(delivery(first, last)) for first, last in parts))

    write(intake, act)

    assert intake.batches == [[2], [2, 3], [48]]


def test_writer_returns_the_accepted_rows_of_that_delivery():
    returned = []

    async def act(writer: CandleWriter) -> None:
        both = (writer.write(delivery(0, 3)), writer.write(delivery(5, 7, symbol_id=2)))
        returned.extend(await asyncio.gather(*both))

    write(FakeIntake(), act)

    assert [(set(rows["symbol_id"]), len(rows)) for rows in returned] == [({1}, 3), ({2}, 2)]


def test_writer_while_the_database_is_down_tries_again_until_it_is_stored(monkeypatch):
    monkeypatch.setattr(writing, "RETRY_S", 0.01)
    intake = FakeIntake(failures=3)

    async def act(writer: CandleWriter) -> None:
        await writer.write(delivery(0, 3))

    told = write(intake, act)

    assert [len(taken.candles) for taken in told] == [3]


def test_writer_leaves_to_rest_what_comes_beyond_its_limit(monkeypatch):
    monkeypatch.setattr(writing, "MAX_PUSHED", 2)
    intake = FakeIntake()

    async def act(writer: CandleWriter) -> None:
        for index in range(5):
            writer.push(pushed(index))
        await writer.write(delivery(10, 11))

    write(intake, act)

    assert intake.batches == [[2], [1]]


def test_writer_never_dates_a_candle_before_its_close():
    async def act(writer: CandleWriter) -> None:
        early = NOW - timedelta(minutes=1)
        writer.push(Pushed(1, int(OPENS_US[59]), (1.0, 2.0, 0.5, 1.5, 9.0), "binance", "stream", early))
        await writer.write(delivery(0, 1))

    taken = write(FakeIntake(), act)

    assert taken[0].candles["known_at"][0] == pd.Timestamp(NOW)


def test_writer_of_an_empty_delivery_returns_at_once():
    intake = FakeIntake()

    async def act(writer: CandleWriter) -> None:
        assert (await writer.write(delivery(0, 0))).empty

    write(intake, act)

    assert intake.batches == []
