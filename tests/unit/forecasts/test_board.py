"""Is what is answered from memory the forecast that was put up, and its age the truth?"""

import json
from datetime import timedelta

import pytest

from candlecast.forecasts.board import ForecastBoard
from candlecast.market.symbols import Symbol
from candlecast.schemas import Forecast, ModelRef
from tests.builders import make_frozen_clock
from tests.fakes import NOW, make_forecast

SERIES = ("BTC/USDT", "1h", 1)
SYMBOLS = {"BTC/USDT": Symbol.parse("BTC/USDT")}
MODEL = make_forecast().model


class MovableClock:
    """Market time that a test sets."""

    def __init__(self, now) -> None:
        self.at = now

    def now(self):
        return self.at

    def wall_s_until(self, moment):
        return max(0.0, (moment - self.at).total_seconds())


def board_of(
    forecast: Forecast | None = None, *, now=NOW + timedelta(seconds=90)
) -> tuple[ForecastBoard, MovableClock]:
    clock = MovableClock(now)
    board = ForecastBoard(clock=clock, symbols=SYMBOLS)
    if forecast is not None:
        assert board.put(SERIES, encoded(forecast))
    return board, clock


def encoded(forecast: Forecast) -> bytes:
    return forecast.model_dump_json().encode()


def by(model_id: str) -> ModelRef:
    return MODEL.model_copy(update={"id": model_id})


def test_forecast_on_the_board_is_what_was_put_up_with_its_present_age():
    forecast = make_forecast()
    board, _ = board_of(forecast)

    found = Forecast.model_validate_json(board.find(SERIES).body)

    assert found.data.age_s == 90
    assert found.model_copy(update={"data": forecast.data}) == forecast
    assert board.find(SERIES).max_age_s == 3_510


def test_forecast_with_its_keys_like_markers_in_texts_is_cut_in_the_right_place():
    forecast = make_forecast(abstain_reason='"data":{"age_s":1,"stale":true')
    board, _ = board_of(forecast)

    assert Forecast.model_validate_json(board.find(SERIES).body).abstain_reason == forecast.abstain_reason


def test_forecast_beyond_the_next_close_stays_up_says_it_is_stale_and_is_outdated():
    board, clock = board_of(make_forecast())
    tag = board.find(SERIES).etag

    clock.at = NOW + timedelta(hours=1, seconds=2)

    known = board.find(SERIES)
    assert json.loads(known.body)["data"] == {"age_s": 3_602.0, "stale": True, "source": "fake"}
    assert (known.max_age_s, known.etag) == (0, tag)
    assert board.outdated() == [SERIES]


def test_older_forecast_does_not_take_the_place_of_a_newer_one():
    board, _ = board_of(make_forecast())
    older = make_forecast(as_of=NOW - timedelta(hours=1), target_time=NOW, p_up=0.9)

    assert board.put(SERIES, encoded(older))
    assert json.loads(board.find(SERIES).body)["p_up"] == 0.541


def test_forecast_of_a_replaced_model_stays_up_until_the_new_models_comes():
    board, _ = board_of(make_forecast())
    board.promote({("1h", 1): "new"})

    assert board.replaced() == board.outdated() == [SERIES]
    assert json.loads(board.find(SERIES).body)["model"]["id"] == MODEL.id

    assert board.put(SERIES, encoded(make_forecast(model=by("new"))))
    assert not board.put(SERIES, b"{}")
    board.put(SERIES, encoded(make_forecast()))

    assert json.loads(board.find(SERIES).body)["model"]["id"] == "new"
    assert board.outdated() == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"symbol":"BTC/USDT"}', b"no json"])
def test_body_of_another_version_is_not_put_up(body):
    board, _ = board_of()

    assert not board.put(SERIES, body)
    assert board.find(SERIES) is None


@pytest.mark.parametrize(
    ("series", "may"),
    [(SERIES, True), (("X" * 10_000, "1h", 1), False), (("BTC/USDT", "7h", 1), False), (("BTC/USDT", "1h", 97), False)],
)
def test_board_may_hold_followed_symbols_known_timeframes_and_horizons_only(series, may):
    board = ForecastBoard(clock=make_frozen_clock(NOW, NOW), symbols=SYMBOLS)

    assert board.may_hold(series) == may


def test_wanted_are_all_symbols_of_each_promoted_horizon():
    board, _ = board_of()
    board.promote({("1h", 1): "a", ("1h", 4): "b"})

    assert board.wanted() == [SERIES, ("BTC/USDT", "1h", 4)]
