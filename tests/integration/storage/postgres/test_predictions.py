from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from psycopg2.errors import CheckViolation

from candlecast.errors import StaleDataError, StorageError, UnknownSymbolError
from candlecast.forecasts.ledger import GENESIS, LedgerEntry, verify_chain
from candlecast.market.symbols import Symbol
from candlecast.schemas import Driver, ModelRef
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.integration.conftest import as_owner
from tests.storage_builders import START, make_entry, make_record

BTC_SERIES = ("BTC/USDT", "1h", 1, "m1")


@pytest.fixture
def store(database):
    SymbolStore(database).ensure([Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")])
    for name in ("m1", "m2"):
        ModelStore(database).insert(make_record(name))
    return PredictionStore(database)


def test_forecasts_once_recorded_come_back_in_order(store):
    entries = [make_entry(2), make_entry(0, symbol="ETH/USDT"), make_entry(1)]

    assert store.record(entries) == [entry.forecast for entry in entries]


def test_forecast_recorded_again_returns_the_first_one(store):
    store.record([make_entry(0, p_up=0.7)])

    [stored] = store.record([make_entry(0, p_up=0.2)])

    assert stored.p_up == 0.7
    assert len(store.chain(BTC_SERIES)[0]) == 1


def test_batch_with_the_same_forecast_twice_records_it_once(store):
    stored = store.record([make_entry(0), make_entry(0)])

    assert stored[0] == stored[1]
    assert len(store.chain(BTC_SERIES)[0]) == 1


def test_recorded_chain_is_whole_whatever_the_order(store):
    for hours in ([4, 1], [0], [3, 2, 9]):
        store.record([make_entry(hour) for hour in hours])

    rows, head = store.chain(BTC_SERIES)

    assert len(rows) == 6
    assert rows[0].previous_hash == GENESIS
    assert verify_chain(rows, head=head) == []


def test_chain_with_awkward_numbers_survives_the_database(store):
    drivers = [
        Driver(feature="ä", value=float("nan"), contribution=-0.0),
        Driver(feature="b", value=1e-320, contribution=1e300),
    ]
    store.record([make_entry(0, drivers=drivers, expected_log_return=5e-324, last_close=0.1 + 0.2)])

    rows, head = store.chain(BTC_SERIES)

    assert verify_chain(rows, head=head) == []


def test_chains_of_models_and_symbols_are_apart(store):
    other = ModelRef(id="m2", algorithm="xgboost", trained_at=START, coverage_recent=None)
    store.record([make_entry(0), make_entry(0, model=other), make_entry(0, symbol="ETH/USDT")])

    for series in (BTC_SERIES, ("BTC/USDT", "1h", 1, "m2"), ("ETH/USDT", "1h", 1, "m1")):
        rows, head = store.chain(series)
        assert [row.previous_hash for row in rows] == [GENESIS]
        assert verify_chain(rows, head=head) == []


def test_chain_of_unknown_series_is_empty(store):
    assert store.chain(("BTC/USDT", "1d", 9, "m1")) == ([], GENESIS)


def test_row_changed_behind_the_applications_back_is_found(store, postgres):
    store.record([make_entry(hour) for hour in range(3)])
    as_owner(postgres, f"UPDATE predictions_table SET p_up = 0.99 WHERE as_of = '{START + timedelta(hours=1)}'")

    rows, head = store.chain(BTC_SERIES)

    assert [broken.row_id for broken in verify_chain(rows, head=head)] == [rows[1].id]


def test_forecast_made_at_its_target_time_is_refused(store):
    late = make_entry(1, made_at=START + timedelta(hours=2))

    with pytest.raises(StaleDataError, match="wait for newer candles"):
        store.record([make_entry(0), late])

    assert store.chain(BTC_SERIES) == ([], GENESIS)


def test_forecast_made_before_its_candle_closed_is_refused(store):
    with pytest.raises(StaleDataError, match="made_from_the_past"):
        store.record([make_entry(1, made_at=START)])


def test_database_itself_refuses_a_late_row(store, postgres):
    store.record([make_entry(0)])

    with pytest.raises(CheckViolation, match="made_before_target"):
        as_owner(postgres, "UPDATE predictions_table SET made_at = target_time")


def test_forecast_of_unknown_symbol_names_the_known_ones(store):
    with pytest.raises(UnknownSymbolError, match="BTC/USDT"):
        store.record([make_entry(0, symbol="BTC/USD")])


def test_forecast_of_unknown_model_is_refused(store):
    unknown = ModelRef(id="m9", algorithm="xgboost", trained_at=START, coverage_recent=None)

    with pytest.raises(StorageError, match="m9"):
        store.record([make_entry(0, model=unknown)])


def test_batches_recorded_at_once_agree_and_keep_the_chain(store, postgres):
    stores = [store, PredictionStore(Database(postgres.app_url, pool_size=2))]

    def batch(number: int) -> list[LedgerEntry]:
        symbols = ("BTC/USDT", "ETH/USDT") if number % 2 else ("ETH/USDT", "BTC/USDT")
        return [make_entry(hour, symbol=symbol, p_up=number / 100) for hour in range(20) for symbol in symbols]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: stores[number % 2].record(batch(number)), range(8)))

    told = {(f.symbol, f.as_of, f.p_up) for answer in answers for f in answer}
    assert len(told) == 40
    for symbol in ("BTC/USDT", "ETH/USDT"):
        rows, head = store.chain((symbol, "1h", 1, "m1"))
        assert len(rows) == 20
        assert verify_chain(rows, head=head) == []


def test_no_forecasts_record_nothing(store):
    assert store.record([]) == []


def test_newest_is_the_forecast_of_the_newest_candle_of_each_series_that_has_one(store):
    store.record([make_entry(5), make_entry(2)])

    newest = store.newest([BTC_SERIES, ("ETH/USDT", "1h", 1, "m1"), ("no such", "1h", 1, "m1")])

    assert newest == {BTC_SERIES: make_entry(5).forecast}


def test_find_returns_targets_between_bounds_page_by_page(store):
    store.record([make_entry(hour) for hour in range(6)])
    bounds = {"start": START + timedelta(hours=2), "end": START + timedelta(hours=5)}

    first = store.find("BTC/USDT", "1h", **bounds, limit=3)
    second = store.find("BTC/USDT", "1h", **bounds, after_id=first[-1].id, limit=3)

    assert [row.entry.forecast.as_of - START for row in first + second] == [timedelta(hours=h) for h in (1, 2, 3, 4)]
    assert first[0].entry.features_digest == "cd" * 32
