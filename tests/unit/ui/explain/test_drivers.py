"""Do the lines of an explanation add up to the forecast?"""

import math

import pytest

from candlecast.schemas import Driver
from tests.fakes import make_forecast
from ui.explain.drivers import explain

DRIVERS = [
    Driver(feature="rsi_14", value=38.2, contribution=0.0649),
    Driver(feature="gap_return_1", value=-0.4, contribution=-0.0449),
    Driver(feature="hour_sin", value=0.5, contribution=0.02),
    Driver(feature="hour_cos", value=0.5, contribution=0.031),
]


def forecast_of(drivers=DRIVERS, *, base=0.0149, **overrides):
    forecast = make_forecast(drivers=drivers, **overrides)
    return forecast.model_copy(update={"model": forecast.model.model_copy(update={"base_log_odds": base})})


@pytest.mark.parametrize("p_up", [0.0, 0.3, 0.541, 1.0])
def test_base_drivers_and_rest_sum_to_the_log_odds_as_they_are_rounded(p_up):
    found = explain(forecast_of(p_up=p_up))

    shown = [found.base.log_odds, *(push.log_odds for push in found.drivers), found.rest.log_odds]
    assert sum(shown) == pytest.approx(found.total, abs=1e-9)
    assert all(round(value, 2) == value for value in shown)


def test_total_is_the_log_odds_of_the_probability_shown():
    assert explain(forecast_of(p_up=0.541)).total == round(math.log(0.541 / 0.459), 2)


def test_unknown_base_is_part_of_the_rest_and_says_so():
    found = explain(forecast_of(base=None))

    assert found.base is None
    assert found.rest.text == "Starting point and everything else"
    assert sum(push.log_odds for push in (*found.drivers, found.rest)) == pytest.approx(found.total)


def test_features_with_the_same_words_are_one_line_with_both_in_its_detail():
    found = explain(forecast_of())

    assert [push.text for push in found.drivers] == [
        "RSI 38, low",
        "Time of day (12:00 UTC)",
        "Did worse than the market in the last hour",
    ]
    assert found.drivers[1].log_odds == 0.05
    assert found.drivers[1].detail == "hour_sin 0.5, hour_cos 0.5"


def test_missing_value_is_said_to_be_missing():
    found = explain(forecast_of([Driver(feature="news_score", value=None, contribution=0.1)]))

    assert (found.drivers[0].text, found.drivers[0].detail) == ("News: not known", "news_score missing")


def test_feature_of_another_version_goes_by_its_name():
    found = explain(forecast_of([Driver(feature="moon_phase_3", value=1.0, contribution=0.1)]))

    assert found.drivers[0].text == "moon phase 3"
