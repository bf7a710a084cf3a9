"""Is a stack that ran before told apart from one that lacks history or a model? Real PostgreSQL, a recorded market."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from candlecast.bootstrap import open_market
from candlecast.first_start import CATCHES_UP_CANDLES, begun_before
from candlecast.ingest.loader import Loader
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelStore
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at
from tests.storage_builders import make_record

N_CANDLES = 1_400
RECORDING = make_small_recording(["BTC/USDT", "ETH/USDT"], N_CANDLES)
STOPPED = RECORDING.end - (CATCHES_UP_CANDLES + 100) * HOUR


@pytest.fixture
def stopped(database, postgres, tmp_path) -> Iterator[Settings]:
    """Yield the settings of a stack that ran until `STOPPED`."""
    with market_at(STOPPED, recording=RECORDING, url=postgres.app_url, folder=tmp_path) as settings:
        settings.market.history_candles = 100
        Loader(settings).load(open_market(settings).symbols)
        store = ModelStore(database)
        store.insert(make_record())
        store.promote("m1", promoted_at=STOPPED)
        yield settings


def later(*, n_candles: int, postgres, tmp_path):
    now = STOPPED + n_candles * HOUR
    return market_at(now, recording=RECORDING, url=postgres.app_url, folder=tmp_path)


def test_stack_with_model_and_candles_of_all_symbols_has_begun_before(stopped):
    assert begun_before(stopped)


def test_stack_without_a_promoted_model_has_not_begun(stopped, database):
    with database.transaction() as cursor:
        cursor.execute("UPDATE model_metadata SET status = 'candidate'")

    assert not begun_before(stopped)


def test_stack_for_another_horizon_has_not_begun(stopped):
    stopped.market.horizon = 4

    assert not begun_before(stopped)


def test_symbol_without_candles_needs_its_history(stopped, database):
    with database.transaction() as cursor:
        cursor.execute("DELETE FROM ohlcv_table WHERE symbol_id = (SELECT id FROM symbols WHERE symbol = 'ETH/USDT')")

    assert not begun_before(stopped)


@pytest.mark.parametrize(("n_candles", "goes_on"), [(CATCHES_UP_CANDLES - 2, True), (CATCHES_UP_CANDLES + 2, False)])
@pytest.mark.usefixtures("stopped")
def test_stack_that_stood_still_goes_on_only_while_ingestion_can_catch_up(postgres, tmp_path, n_candles, goes_on):
    with later(n_candles=n_candles, postgres=postgres, tmp_path=tmp_path) as settings:
        assert begun_before(settings) is goes_on


def test_recording_is_long_enough_for_these_tests():
    assert RECORDING.end - timedelta(hours=1) > STOPPED + (CATCHES_UP_CANDLES + 2) * HOUR
