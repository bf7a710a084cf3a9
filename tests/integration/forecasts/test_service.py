"""Is each forecast made once, recorded before its outcome, and refused when it would be a guess?"""

from dataclasses import replace

import pytest

from candlecast.bootstrap import open_forecasts, open_market
from candlecast.errors import (
    InsufficientHistoryError,
    InvalidRequestError,
    ModelIntegrityError,
    ModelNotReadyError,
    StaleDataError,
    UnknownSymbolError,
)
from candlecast.forecasts.missed import CAME_LATE, OVERTAKEN
from candlecast.ingest.loader import Loader
from candlecast.replay.synthetic import FIRST_OPEN
from candlecast.schemas import Forecast
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelStore
from jobs.training.in_process import train_model
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at
from tests.trained import SMALL_PARAMS

PAIR, LATE = "BTC/USDT", "NEW/USDT"
N_CANDLES = 1_600


@pytest.fixture(scope="module")
def recording():
    full = make_small_recording([PAIR], N_CANDLES)
    late = make_small_recording([LATE], 100, start=FIRST_OPEN + (N_CANDLES - 100) * HOUR)
    return type(full)(full.name, full.timeframe, full.series | late.series)


@pytest.fixture
def settings(database, postgres, recording, tmp_path):
    """The market a third into the newest candle's successor, all history stored."""
    now = recording.end - 10 * HOUR + HOUR / 3
    with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        Loader(settings).load(open_market(settings).symbols)
        yield settings


@pytest.fixture
def trained(settings):
    result = train_model(settings, if_missing=True, params=SMALL_PARAMS)
    return settings, result


def count(database, table: str) -> int:
    with database.transaction() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_latest_asked_twice_makes_one_row_and_one_answer(trained, database):
    settings, _ = trained

    first = open_forecasts(settings).latest(PAIR, "1h", 1)
    second = open_forecasts(settings).latest(PAIR, "1h", 1)

    assert first == second
    assert first.as_of < first.made_at < first.target_time
    assert first.made_at == first.as_of + HOUR / 3
    assert count(database, "predictions_table") == 1


def test_latest_names_model_data_age_and_nested_intervals(trained):
    settings, result = trained

    forecast = open_forecasts(settings).latest(PAIR, "1h", 1)

    assert forecast.model.id == result["model_id"]
    assert forecast.data.age_s == pytest.approx(1_200)
    assert not forecast.data.stale
    widths = [band.high - band.low for band in forecast.intervals]
    assert widths == sorted(widths)


def test_forecast_read_from_the_ledger_names_the_base_of_its_model_as_the_one_just_made(trained):
    settings, _ = trained

    found = [open_forecasts(settings).forecasts([(PAIR, "1h", 1)])[0] for _ in range(2)]

    assert found[0] == found[1]
    assert abs(found[0].model.base_log_odds) < 1.0


def test_latest_without_a_model_says_how_to_train_one(settings):
    with pytest.raises(ModelNotReadyError, match="candlecast train"):
        open_forecasts(settings).latest(PAIR, "1h", 1)


def test_latest_of_a_symbol_listed_late_says_how_many_candles_it_has(trained):
    settings, _ = trained

    with pytest.raises(InsufficientHistoryError, match=r"NEW/USDT has 90 candles.*needs 512"):
        open_forecasts(settings).latest(LATE, "1h", 1)


@pytest.mark.parametrize(
    ("request_", "error", "says"),
    [
        (("BTC/USD", "1h", 1), UnknownSymbolError, "did you mean BTC/USDT"),
        ((PAIR, "90m", 1), InvalidRequestError, "1m, 5m, 15m, 1h, 4h, 1d"),
        ((PAIR, "1h", 97), InvalidRequestError, "between 1 and 96"),
    ],
)
def test_latest_with_a_bad_request_names_what_is_allowed(trained, request_, error, says):
    settings, _ = trained

    with pytest.raises(error, match=says):
        open_forecasts(settings).latest(*request_)


def test_latest_from_an_outdated_candle_is_refused_until_new_ones_come(trained, recording, postgres, tmp_path):
    later = recording.end - 6 * HOUR
    with (
        market_at(later, recording=recording, url=postgres.app_url, folder=tmp_path) as settings,
        pytest.raises(StaleDataError, match="wait for the next candle"),
    ):
        open_forecasts(settings).latest(PAIR, "1h", 1)


def test_latest_after_its_target_time_is_the_recorded_one_marked_stale(trained, recording, postgres, tmp_path):
    settings, _ = trained
    made = open_forecasts(settings).latest(PAIR, "1h", 1)

    with market_at(made.target_time + HOUR, recording=recording, url=postgres.app_url, folder=tmp_path) as later:
        answer = open_forecasts(later).latest(PAIR, "1h", 1)

    assert answer.made_at == made.made_at
    assert answer.data.stale
    assert answer.data.age_s == pytest.approx(7_200)


def test_latest_with_a_tampered_artefact_refuses_to_load_it(trained, tmp_path):
    settings, _ = trained
    trees = next(tmp_path.glob("*/model.ubj"))
    trees.write_bytes(trees.read_bytes()[:-1] + b"\0")

    with pytest.raises(ModelIntegrityError):
        open_forecasts(settings).latest(PAIR, "1h", 1)


def test_train_model_if_missing_with_a_champion_does_nothing(trained, database):
    settings, result = trained

    again = train_model(settings, if_missing=True)

    assert again["model_id"] == result["model_id"]
    assert count(database, "model_metadata") == 1


def renewed(settings):
    service = open_forecasts(settings)
    now = open_market(settings).clock.now()
    return service, service.renew("1h", {PAIR: now, LATE: now, "NOT/FOLLOWED": now})


def test_renew_makes_what_users_see_and_what_challengers_say_unseen(trained, database):
    settings, champion = trained
    store = ModelStore(Database(settings.database.url.get_secret_value()))
    promoted = store.champion("1h", 1)
    store.insert(replace(promoted, id="newer", status="candidate", trained_at=promoted.trained_at + HOUR))

    service, made = renewed(settings)

    assert [(one.symbol, one.model.id) for one in made] == [(PAIR, champion["model_id"])]
    with database.transaction() as cursor:
        cursor.execute("SELECT model_id, jsonb_array_length(drivers) FROM predictions_table")
        assert set(cursor.fetchall()) == {(champion["model_id"], 6), ("newer", 0)}
    assert service.renew("1h", {PAIR: made[0].made_at}) == []
    assert service.latest(PAIR, "1h", 1).made_at == made[0].made_at


def test_forecasts_of_many_items_are_in_order_each_with_its_own_error(trained):
    settings, _ = trained

    found = open_forecasts(settings).forecasts([(LATE, "1h", 1), (PAIR, "1h", 1), ("NO/PE", "1h", 1), (PAIR, "1h", 1)])

    assert [type(one) for one in found] == [InsufficientHistoryError, Forecast, UnknownSymbolError, Forecast]
    assert found[1] == found[3]


def test_renew_after_candles_that_nobody_forecast_counts_them_as_missed(
    trained, database, recording, postgres, tmp_path
):
    settings, result = trained
    _, [first] = renewed(settings)

    with market_at(first.made_at + 3 * HOUR, recording=recording, url=postgres.app_url, folder=tmp_path) as later:
        Loader(later).load(open_market(later).symbols)
        _, [second] = renewed(later)
        renewed(later)

    assert second.as_of == first.as_of + 3 * HOUR
    with database.transaction() as cursor:
        cursor.execute("SELECT as_of, target_time, model_id, cause FROM forecast_misses ORDER BY as_of")
        missed = cursor.fetchall()
    assert [row[:3] for row in missed] == [
        (first.as_of + n * HOUR, first.as_of + (n + 1) * HOUR, result["model_id"]) for n in (1, 2)
    ]
    assert {row[3] for row in missed} <= {CAME_LATE, OVERTAKEN}


def test_misses_that_another_replica_made_are_none(trained, database, recording, postgres, tmp_path):
    settings, _ = trained
    _, [first] = renewed(settings)
    with market_at(first.made_at + HOUR, recording=recording, url=postgres.app_url, folder=tmp_path) as later:
        idle, _ = renewed(later)
        Loader(later).load(open_market(later).symbols)
        _, [_second] = renewed(later)

        idle.renew("1h", {PAIR: first.as_of + HOUR})

    assert count(database, "forecast_misses") == 0
