"""Does the prediction panel say every term, and only what it knows?"""

import pytest

from tests.fakes import NOW, make_forecast
from ui.dashboard.edge import expected_edge
from ui.dashboard.forecast_card import forecast_card

EVIL = "<img src=x onerror=alert(1)>"


def with_model(**changes):
    forecast = make_forecast()
    return forecast.model_copy(update={"model": forecast.model.model_copy(update=changes)})


def test_forecast_card_says_every_term():
    text = forecast_card(make_forecast(last_close=100.0), cost_bps=10.0)

    for term in (
        "Next hour",
        "Up 54.1 %",
        "calibrated",
        "+0.06 %",
        "99.60 – 100.40",
        "99.20 – 100.80",
        "98.60 – 101.40",
        "−14.0 bp · not tradeable",
        "2022-10-11T13:00:00",
        "2022-10-11T12:00:00",
        "xgboost · 0a1b2c3d",
        "2022-10-11T06:00:00",
        "80.4 %",
        "data-until-ms",
        "Not financial advice",
    ):
        assert term in text


def test_forecast_card_down_gives_the_probability_of_down():
    assert "Down 60.0 %" in forecast_card(make_forecast(direction="down", p_up=0.4), cost_bps=10.0)


def test_forecast_card_abstaining_gives_the_reason_and_no_edge():
    forecast = make_forecast(direction="abstain", abstain_reason="too close to a coin")

    text = forecast_card(forecast, cost_bps=10.0)

    assert "No call" in text
    assert "too close to a coin" in text
    assert "no call, no trade" in text


@pytest.mark.parametrize(
    ("direction", "log_return", "cost_bps", "net_bps", "tradeable"),
    [("up", 0.004, 10.0, 20.1, True), ("down", -0.004, 10.0, 19.9, True), ("up", 0.001, 10.0, -10.0, False)],
)
def test_edge_is_the_expected_move_of_the_call_less_a_round_trip(direction, log_return, cost_bps, net_bps, tradeable):
    edge = expected_edge(make_forecast(direction=direction, expected_log_return=log_return), cost_bps=cost_bps)

    assert edge.net_bps == pytest.approx(net_bps, abs=0.03)
    assert edge.tradeable is tradeable


def test_forecast_card_says_tradeable_where_more_is_expected_than_it_costs():
    text = forecast_card(make_forecast(expected_log_return=0.004), cost_bps=10.0)

    assert "· tradeable" in text


def test_forecast_card_without_known_costs_tells_the_edge_before_them():
    text = forecast_card(make_forecast(), cost_bps=None)

    assert "Edge before costs" in text
    assert "+6.0 bp · costs not known" in text
    assert "tradeable" not in text


def test_forecast_card_with_unknown_coverage_and_level_says_so():
    forecast = with_model(coverage_recent=None).model_copy(update={"intervals": []})

    text = forecast_card(forecast, cost_bps=None)

    assert text.count("not given") == 3
    assert "not known yet" in text


def test_forecast_card_past_its_horizon_says_so():
    forecast = make_forecast()
    late = forecast.model_copy(update={"data": forecast.data.model_copy(update={"stale": True, "age_s": 4_000.0})})

    assert "Its horizon has ended" in forecast_card(late, cost_bps=10.0)
    assert "Its horizon has ended" not in forecast_card(forecast, cost_bps=10.0)


def test_model_age_counts_in_market_time_to_now():
    text = forecast_card(with_model(trained_at=NOW), cost_bps=10.0)

    assert text.count("2 min</span>") == 2


def test_markup_in_a_forecast_is_inert():
    forecast = with_model(id=EVIL, algorithm=EVIL)
    text = forecast_card(forecast.model_copy(update={"direction": "abstain", "abstain_reason": EVIL}), cost_bps=10.0)

    assert "<img" not in text
    assert text.count("&lt;img") >= 3
