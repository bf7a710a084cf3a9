"""Are sound rows stored, bad ones set aside, and stored ones left alone where they must be?"""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from candlecast.ingest.intake import Intake, Origin, deliver
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.builders import make_candles

BTC, AAPL = Symbol.parse("BTC/USDT"), Symbol.parse("AAPL")
HOUR = timedelta(hours=1)


@pytest.fixture
def numbers(database) -> dict[str, int]:
    return SymbolStore(database).ensure([BTC, AAPL])


@pytest.fixture
def intake(database, numbers) -> Intake:
    symbols = {numbers["BTC/USDT"]: BTC, numbers["AAPL"]: AAPL}
    return Intake(timeframe="1h", symbols=symbols, candles=CandleStore(database), quarantine=QuarantineStore(database))


def origin(number: int, now: datetime, **overrides) -> Origin:
    values = {"source": "binance", "quality": "rest", "asked_at": now, "received_at": now, "live_since": now - HOUR}
    return Origin(number, **(values | overrides))


def end_of(candles: pd.DataFrame) -> datetime:
    return candles["close_time"].iloc[-1].to_pydatetime()


def test_deliver_leaves_the_running_candle_out_and_dates_history_at_its_close():
    candles = make_candles(5)
    now = end_of(candles) - HOUR / 2

    rows = deliver(candles, origin(1, now, live_since=now - 2 * HOUR)).rows

    assert len(rows) == 4
    assert list(rows["known_at"]) == [*candles["close_time"][:2], pd.Timestamp(now), pd.Timestamp(now)]


def test_deliver_leaves_out_a_candle_that_closed_while_the_venue_was_asked():
    candles = make_candles(5)
    now = end_of(candles)

    rows = deliver(candles, origin(1, now + HOUR / 60, asked_at=now - HOUR / 60)).rows

    assert list(rows["open_time"]) == list(candles["open_time"][:4])


def test_intake_of_several_symbols_stores_each_and_tells_what_was_new(database, intake, numbers):
    pair, stock = make_candles(30), make_candles(20, symbol="AAPL")
    now = max(end_of(pair), end_of(stock))
    deliveries = [deliver(pair, origin(numbers["BTC/USDT"], now)), deliver(stock, origin(numbers["AAPL"], now))]

    first, again = intake.take(deliveries, now=now), intake.take(deliveries, now=now)

    assert (first.written.inserted, again.written.inserted, again.written.unchanged) == (50, 0, 50)
    stored = CandleStore(database).read(numbers["AAPL"], "1h", until=None)
    pd.testing.assert_series_equal(stored["close"], stock["close"], check_exact=True)


def test_intake_of_a_bad_row_stores_the_others_and_keeps_it_in_quarantine(database, intake, numbers):
    candles = make_candles(10)
    candles.loc[4, "high"] = candles.loc[4, "low"] / 2
    now = end_of(candles)

    taken = intake.take([deliver(candles, origin(numbers["BTC/USDT"], now))], now=now)

    assert (taken.written.inserted, taken.n_rejected) == (9, 1)
    with database.transaction() as cursor:
        cursor.execute("SELECT open_time, source, reason FROM quarantine")
        assert cursor.fetchall() == [
            (candles["open_time"][4].to_pydatetime(), "binance", "high is below another price")
        ]


def test_intake_of_another_venue_fills_holes_and_never_revises(database, intake, numbers):
    candles, number = make_candles(10), numbers["BTC/USDT"]
    now = end_of(candles)
    intake.take([deliver(candles.drop(index=[3, 4]), origin(number, now))], now=now)
    others = candles.assign(close=candles["close"] * 1.001, high=candles["high"] * 1.002)

    intake.take([deliver(others, origin(number, now, source="kraken", quality="failover"), only_missing=True)], now=now)

    stored = CandleStore(database).read(number, "1h", until=None)
    assert list(stored.index[stored["source"] == "kraken"]) == [3, 4]
    pd.testing.assert_series_equal(
        stored["close"].drop(index=[3, 4]), candles["close"].drop(index=[3, 4]), check_exact=True
    )


def test_intake_bad_tick_after_a_stored_candle_waits_until_the_next_one_confirms_it(database, intake, numbers):
    candles, number = make_candles(6), numbers["BTC/USDT"]
    crashed = candles.copy()
    crashed.loc[4:, ["open", "high", "low", "close"]] /= 20
    crashed.loc[4, ["open", "high"]] = candles.loc[4, ["open", "high"]]
    now = end_of(candles)
    intake.take([deliver(crashed[:4], origin(number, now))], now=now)

    alone = intake.take([deliver(crashed[4:5], origin(number, now))], now=now)
    confirmed = intake.take([deliver(crashed[3:], origin(number, now))], now=now)

    assert (alone.n_rejected, alone.written.inserted) == (1, 0)
    assert (confirmed.n_rejected, confirmed.written.inserted) == (0, 2)


def test_intake_without_rows_stores_nothing(intake, numbers):
    candles = make_candles(3)
    now = candles["open_time"].iloc[0].to_pydatetime() - HOUR

    taken = intake.take([deliver(candles.iloc[:0], origin(numbers["BTC/USDT"], now))], now=now)

    assert taken.written.inserted == len(taken.candles) == 0
