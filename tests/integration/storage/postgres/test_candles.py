from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import psycopg2
import pytest

from candlecast.errors import InvalidRequestError, StorageError
from candlecast.market.candles import CANDLE_COLUMNS, empty_candles
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore, Written
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START, make_rows

HOUR = timedelta(hours=1)


@pytest.fixture
def store(database):
    return CandleStore(database)


@pytest.fixture
def symbol_id(database):
    return SymbolStore(database).ensure([Symbol.parse("BTC/USDT")])["BTC/USDT"]


def _write(store, symbol_id, candles, *, source="binance", known_at=None):
    known = candles["close_time"] if known_at is None else known_at
    return store.upsert(symbol_id, "1h", candles, source=source, quality="ok", known_at=known)


def _write_many(store, candles):
    return store.upsert_many("1h", candles, source="binance", quality="ok", known_at=candles["close_time"])


def test_candles_once_written_are_read_bit_by_bit(store, symbol_id):
    volumes = [np.nan, 0.0, 1e-300, 1.7976931348623157e308, 0.1]
    candles = make_rows(5, volume=pd.Series(volumes))

    written = _write(store, symbol_id, candles)

    found = store.read(symbol_id, "1h", until=None)
    assert written == Written(5, 0, 0)
    pd.testing.assert_frame_equal(found[list(CANDLE_COLUMNS)], candles, check_exact=True)
    assert found["source"].tolist() == ["binance"] * 5
    assert found["known_at"].tolist() == candles["close_time"].tolist()


def test_candles_of_mixed_sources_keep_theirs(store, symbol_id):
    sources = pd.Series(["kraken", "binance", "kraken", "x" * 24])
    qualities = pd.Series(["ok", "fallback", "ok", "ok"])

    store.upsert(symbol_id, "1h", make_rows(4), source=sources, quality=qualities, known_at=START)

    found = store.read(symbol_id, "1h", until=None)
    assert found["source"].tolist() == sources.tolist()
    assert found["quality"].tolist() == qualities.tolist()
    assert found["known_at"].tolist() == [pd.Timestamp(START)] * 4


def test_candles_written_in_any_order_are_read_ascending(store, symbol_id):
    candles = make_rows(6)

    _write(store, symbol_id, candles.iloc[[3, 0, 5, 1, 4, 2]].reset_index(drop=True))

    assert store.read(symbol_id, "1h", until=None)["open_time"].tolist() == candles["open_time"].tolist()


def test_unknown_volume_is_null_in_the_table(store, symbol_id, database):
    _write(store, symbol_id, make_rows(1, volume=np.nan))

    with database.transaction() as cursor:
        cursor.execute("SELECT volume IS NULL FROM ohlcv_table")
        assert cursor.fetchone() == (True,)


def test_candles_written_again_change_nothing(store, symbol_id, database):
    candles = make_rows(5, volume=pd.Series([np.nan, 1.0, 2.0, 3.0, 4.0]))
    _write(store, symbol_id, candles)

    assert _write(store, symbol_id, candles, source="kraken") == Written(0, 0, 5)
    assert set(store.read(symbol_id, "1h", until=None)["source"]) == {"binance"}


def test_revised_candle_moves_the_old_one_to_the_revisions(store, symbol_id, database):
    candles = make_rows(3)
    _write(store, symbol_id, candles)
    later = START + timedelta(days=1)
    revised = make_rows(4)
    revised.loc[1, "close"] = 101.5

    written = _write(store, symbol_id, revised, known_at=later)

    found = store.read(symbol_id, "1h", until=None)
    assert written == Written(1, 1, 2)
    assert found["close"].tolist() == [101.0, 101.5, 103.0, 104.0]
    assert found["known_at"].tolist()[1] == later
    with database.transaction() as cursor:
        cursor.execute("SELECT open_time, close, known_from, known_until FROM ohlcv_revisions")
        assert cursor.fetchall() == [(START + HOUR, 102.0, START + 2 * HOUR, later)]


def test_revised_candle_of_a_backfill_counts_as_known_at_its_end(store, symbol_id):
    _write(store, symbol_id, make_rows(3))
    revised = make_rows(10)
    revised.loc[0, "close"] = 100.5

    _write(store, symbol_id, revised)

    assert store.read(symbol_id, "1h", until=None)["known_at"].iloc[0] == START + 10 * HOUR


def test_volume_that_becomes_known_is_a_revision(store, symbol_id):
    _write(store, symbol_id, make_rows(2, volume=np.nan))

    assert _write(store, symbol_id, make_rows(2)) == Written(0, 2, 0)


def test_no_candles_write_nothing(store, symbol_id):
    assert _write(store, symbol_id, empty_candles()) == Written(0, 0, 0)
    assert list(store.read(symbol_id, "1h", until=None).columns[:7]) == list(CANDLE_COLUMNS)


def test_two_rows_of_one_open_time_are_refused(store, symbol_id):
    candles = make_rows(2)

    with pytest.raises(InvalidRequestError, match="one row an open time"):
        _write(store, symbol_id, pd.concat([candles, candles]))


@pytest.mark.parametrize(
    ("column", "value"),
    [("high", 1.0), ("low", 1_000.0), ("close", np.nan), ("high", np.inf), ("low", -1.0), ("volume", -1.0)],
)
def test_impossible_candle_is_refused_by_the_database(store, symbol_id, column, value):
    candles = make_rows(3)
    candles.loc[1, column] = value

    with pytest.raises(StorageError, match="violates check constraint"):
        _write(store, symbol_id, candles)

    assert store.count(symbol_id, "1h") == 0


def test_candles_that_may_not_revise_fill_holes_only(store, symbol_id, database):
    _write(store, symbol_id, make_rows(3).iloc[[0, 2]])
    other = make_rows(3, volume=7.0).assign(symbol_id=symbol_id, revises=[False, False, True])

    written = _write_many(store, other)

    assert written == Written(1, 1, 1)
    assert store.read(symbol_id, "1h", until=None)["volume"].tolist() == [1_000.0, 7.0, 7.0]


def test_candles_of_unknown_symbol_are_refused(store, symbol_id):
    candles = pd.concat([make_rows(2).assign(symbol_id=number) for number in (symbol_id, 999)])

    with pytest.raises(StorageError, match="symbol 999, which table symbols does not have"):
        _write_many(store, candles)

    assert store.count(symbol_id, "1h") == 0


def test_symbol_with_candles_cannot_be_deleted(store, symbol_id, database):
    spare = SymbolStore(database).ensure([Symbol.parse("ETH/USDT")])["ETH/USDT"]
    _write(store, symbol_id, make_rows(1))

    def delete(number: int) -> None:
        with database.transaction() as cursor:
            cursor.execute("DELETE FROM symbols WHERE id = %s", (number,))

    delete(spare)
    with pytest.raises(StorageError, match="still has candles"):
        delete(symbol_id)
    assert [symbol.name for symbol in SymbolStore(database).all()] == ["BTC/USDT"]


def test_symbol_deleted_while_its_first_candle_is_written_is_refused(store, symbol_id, postgres):
    # the deletion is not committed yet when the writer starts
    connection = psycopg2.connect(postgres.app_url)
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("DELETE FROM symbols WHERE id = %s", (symbol_id,))
        writing = pool.submit(_write, store, symbol_id, make_rows(1))
        with pytest.raises(TimeoutError):
            writing.result(0.3)
        connection.commit()

        with pytest.raises(StorageError, match="table symbols does not have"):
            writing.result(10)
    connection.close()


@pytest.mark.parametrize(
    "statement", ["UPDATE ohlcv_table SET symbol_id = 999", "UPDATE symbols SET id = DEFAULT WHERE symbol = 'BTC/USDT'"]
)
def test_number_of_a_symbol_never_changes(store, symbol_id, database, statement):
    _write(store, symbol_id, make_rows(1))

    with pytest.raises(StorageError, match="never changes"), database.transaction() as cursor:
        cursor.execute(statement)


def test_application_reaches_no_partition_past_the_check(store, symbol_id, database):
    _write(store, symbol_id, make_rows(1))

    with pytest.raises(StorageError, match="permission denied"), database.transaction() as cursor:
        cursor.execute("INSERT INTO ohlcv_2022_01 SELECT * FROM ohlcv_table")


def test_candles_of_many_symbols_are_written_at_once(store, database):
    ids = SymbolStore(database).ensure([Symbol.parse(f"S{number}/USDT") for number in range(20)]).values()
    frames = [make_rows(2, volume=np.nan if number % 3 else 5.0).assign(symbol_id=number) for number in ids]
    candles = pd.concat(frames, ignore_index=True).sample(frac=1.0, random_state=7)

    written = _write_many(store, candles)

    assert written == Written(40, 0, 0)
    for frame in frames:
        found = store.read(frame["symbol_id"].iloc[0].item(), "1h", until=None)
        pd.testing.assert_frame_equal(found[list(CANDLE_COLUMNS)], frame[list(CANDLE_COLUMNS)], check_exact=True)


def test_batch_with_new_revised_and_unchanged_rows_parts_them(store, database):
    ids = SymbolStore(database).ensure([Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")])
    btc, eth = ids["BTC/USDT"], ids["ETH/USDT"]
    _write_many(store, pd.concat([make_rows(3).assign(symbol_id=btc), make_rows(2).assign(symbol_id=eth)]))
    second = pd.concat([make_rows(5).assign(symbol_id=btc), make_rows(3).assign(symbol_id=eth)], ignore_index=True)
    second.loc[0, "close"] = 101.5
    sources = pd.Series(["kraken", *["binance"] * 7])

    written = store.upsert_many("1h", second, source=sources, quality="late", known_at=second["close_time"])

    revised = store.read(btc, "1h", until=None).iloc[0]
    assert written == Written(3, 1, 4)
    assert (revised["close"], revised["source"], revised["quality"]) == (101.5, "kraken", "late")
    # the newest of its own symbol, not of the batch
    assert revised["known_at"] == START + 5 * HOUR
    with database.transaction() as cursor:
        cursor.execute("SELECT symbol_id, close, source, known_until FROM ohlcv_revisions")
        assert cursor.fetchall() == [(btc, 101.0, "binance", START + 5 * HOUR)]


def test_batch_with_one_impossible_row_writes_nothing(store, database, symbol_id):
    other = SymbolStore(database).ensure([Symbol.parse("ETH/USDT")])["ETH/USDT"]
    broken = make_rows(1, high=1.0).assign(symbol_id=other)

    with pytest.raises(StorageError, match="violates check constraint"):
        _write_many(store, pd.concat([make_rows(3).assign(symbol_id=symbol_id), broken]))

    assert store.count(symbol_id, "1h") == 0


def test_batches_of_the_same_symbols_in_other_orders_never_block_each_other(store, database):
    ids = list(SymbolStore(database).ensure([Symbol.parse(f"S{number}/USDT") for number in range(8)]).values())

    def write(turn: int) -> Written:
        frames = [make_rows(50).assign(symbol_id=number) for number in np.roll(ids, turn)]
        return _write_many(store, pd.concat(frames, ignore_index=True))

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(write, range(8)))

    assert sum(w.inserted for w in written) == 400
    assert sum(w.unchanged for w in written) == 7 * 400


def test_series_written_by_four_at_once_is_stored_once(store, symbol_id):
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda _: _write(store, symbol_id, make_rows(200)), range(4)))

    assert sum(w.inserted for w in written) == 200
    assert sum(w.unchanged for w in written) == 600
    assert store.count(symbol_id, "1h") == 200


def test_read_until_leaves_out_what_closed_later(store, symbol_id):
    _write(store, symbol_id, make_rows(10))

    found = store.read(symbol_id, "1h", until=START + 4 * HOUR)

    assert found["close_time"].max() == START + 4 * HOUR
    assert len(found) == 4


def test_read_with_limit_returns_the_newest(store, symbol_id):
    _write(store, symbol_id, make_rows(10))

    found = store.read(symbol_id, "1h", until=START + 8 * HOUR, limit=3)

    assert found["open_time"].tolist() == [START + hours * HOUR for hours in (5, 6, 7)]


def test_read_with_limit_reaches_over_long_gaps(store, symbol_id):
    old = make_rows(5, start=START - timedelta(days=900))
    _write(store, symbol_id, old)
    _write(store, symbol_id, make_rows(2))

    found = store.read(symbol_id, "1h", until=START + 2 * HOUR, limit=4)

    assert found["open_time"].tolist() == [*old["open_time"].iloc[-2:], START, START + HOUR]


def test_read_between_bounds_includes_the_first_open_time(store, symbol_id):
    _write(store, symbol_id, make_rows(10))

    found = store.read(symbol_id, "1h", start=START + 2 * HOUR, until=START + 5 * HOUR)

    assert found["open_time"].tolist() == [START + hours * HOUR for hours in (2, 3, 4)]


def test_read_keeps_series_apart(store, database):
    ids = SymbolStore(database).ensure([Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")])
    _write(store, ids["BTC/USDT"], make_rows(3))

    assert store.read(ids["ETH/USDT"], "1h", until=None).empty
    assert store.read(ids["BTC/USDT"], "4h", until=None).empty


def test_pages_together_give_every_candle_once(store, symbol_id):
    candles = make_rows(25)
    _write(store, symbol_id, candles)
    pages, start = [], None
    while not pages or len(pages[-1]) == 10:
        pages.append(store.page(symbol_id, "1h", start=start, limit=10))
        start = pages[-1]["open_time"].iloc[-1].to_pydatetime() + timedelta(microseconds=1)

    assert [len(page) for page in pages] == [10, 10, 5]
    assert pd.concat(pages)["open_time"].tolist() == candles["open_time"].tolist()


def test_page_reaches_over_long_gaps(store, symbol_id):
    old = make_rows(2, start=START - timedelta(days=900))
    _write(store, symbol_id, old)
    _write(store, symbol_id, make_rows(3))
    first = START - timedelta(days=901)

    found = store.page(symbol_id, "1h", start=first, until=START + 2 * HOUR, limit=10)

    assert found["open_time"].tolist() == [*old["open_time"], START, START + HOUR]
    assert len(store.page(symbol_id, "1h", start=first, limit=3)) == 3
    assert store.page(symbol_id, "1h", start=datetime(9999, 12, 1, tzinfo=UTC), limit=3).empty


def test_open_times_in_a_span_are_ascending(store, symbol_id):
    candles = make_rows(10)
    _write(store, symbol_id, candles.iloc[::-1])

    assert store.open_times(symbol_id, "1h").tolist() == candles["open_time"].tolist()
    some = store.open_times(symbol_id, "1h", start=START + 2 * HOUR, end=START + 4 * HOUR)
    assert some.tolist() == [START + 2 * HOUR, START + 3 * HOUR]
    assert store.open_times(symbol_id, "4h").empty


def test_newest_of_some_symbols_leaves_out_the_others(store, database):
    ids = SymbolStore(database).ensure([Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")])
    for symbol_id in ids.values():
        _write(store, symbol_id, make_rows(2))

    assert set(store.newest("1h", START + 9 * HOUR, symbols=["ETH/USDT"])) == {"ETH/USDT"}
    assert store.newest("1h", START + 9 * HOUR, symbols=[]) == {}


def test_newest_names_the_last_closed_candle_of_each_symbol(store, database):
    ids = SymbolStore(database).ensure([Symbol.parse(name) for name in ("BTC/USDT", "ETH/USDT", "AAPL")])
    _write(store, ids["BTC/USDT"], make_rows(10))
    _write(store, ids["ETH/USDT"], make_rows(3, start=START - timedelta(days=400)), source="kraken")

    found = store.newest("1h", START + 4 * HOUR + timedelta(minutes=30))

    old = START - timedelta(days=400)
    assert found == {
        "BTC/USDT": (START + 3 * HOUR, START + 4 * HOUR, "binance", "ok"),
        "ETH/USDT": (old + 2 * HOUR, old + 3 * HOUR, "kraken", "ok"),
    }
