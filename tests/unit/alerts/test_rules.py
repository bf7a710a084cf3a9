"""Does a rule fire once, wait until the figure came back, and say what happened?"""

import pytest

from candlecast.alerts.rules import check, decide, firing, hysteresis_of
from candlecast.errors import InvalidRequestError
from candlecast.schemas import NewAlert
from tests.alert_builders import make_alert
from tests.storage_builders import START


def told(values, **rule):
    """Return the values at which a rule fires when it sees `values` one after another."""
    alert, fired = make_alert(**rule), []
    for value in values:
        decision = decide(alert, value)
        if decision != "stay":
            alert = alert.model_copy(update={"armed": decision == "rearm"})
        if decision == "fire":
            fired.append(value)
    return fired


def test_rule_fires_once_until_the_figure_came_back():
    prices = [19_900, 20_001, 20_050, 19_990, 20_010, 19_980, 20_002]

    # 19,990 is within the hysteresis of 20
    assert told(prices) == [20_001, 20_002]


def test_rule_below_fires_below_and_arms_above():
    assert told([0.52, 0.48, 0.505, 0.47, 0.52, 0.49], side="below", threshold=0.5, hysteresis=0.01) == [0.48, 0.49]


def test_figure_at_the_threshold_is_not_beyond_it():
    assert told([20_000.0]) == []


def test_rule_without_hysteresis_arms_at_its_threshold():
    assert told([7_300, 0, 7_300], metric="data_age_s", threshold=7_200, hysteresis=0) == [7_300, 7_300]


@pytest.mark.parametrize(
    ("metric", "threshold", "given", "expected"),
    [("price", 20_000, None, 20.0), ("p_up", 0.6, None, 0.01), ("sentiment", 0.5, 0.2, 0.2), ("price", 9, 0, 0)],
)
def test_hysteresis_is_as_asked_for_or_by_metric(metric, threshold, given, expected):
    rule = NewAlert(symbol="A", metric=metric, side="above", threshold=threshold, hysteresis=given)

    assert hysteresis_of(rule) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metric", "threshold"), [("p_up", 1.0), ("price", 0.0), ("sentiment", -1.5), ("coverage", 80)]
)
def test_threshold_that_is_never_crossed_is_refused(metric, threshold):
    with pytest.raises(InvalidRequestError, match=f"threshold of {metric} must lie between"):
        check(NewAlert(symbol="A", metric=metric, side="above", threshold=threshold))


@pytest.mark.parametrize(
    ("rule", "value", "says"),
    [
        ({}, 20_013.25, "BTC/USDT price is 20,013.25, above 20,000, at 2022-01-01 00:00:00 UTC"),
        (
            {"metric": "move_pct", "side": "below", "threshold": -5.0, "name": "crash"},
            -6.125,
            "crash: BTC/USDT move in 24h is -6.12 %, below -5.00 %, at",
        ),
        ({"metric": "p_up", "threshold": 0.6, "horizon": 4}, 0.61, "P(up) 1h, 4 ahead, is 0.610, above 0.600"),
        ({"metric": "data_age_s", "threshold": 7_200}, 9_000, "data age is 9,000 s, above 7,200 s"),
    ],
)
def test_message_says_figure_limit_and_time(rule, value, says):
    assert says in firing(make_alert(**rule), value, at=START).message


def test_message_says_that_the_data_is_recorded():
    told = firing(make_alert(), 21_000.0, at=START, note="recorded data")

    assert told.title == "BTC/USDT: price above 20,000"
    assert told.message.endswith("UTC (recorded data)")


@pytest.mark.parametrize(
    ("rule", "room"),
    [
        ({"metric": "price", "side": "above", "threshold": 10.0}, 10.0),
        ({"metric": "p_up", "side": "below", "threshold": 0.75}, 0.25),
        ({"metric": "sentiment", "side": "above", "threshold": -0.5}, 0.5),
    ],
)
def test_hysteresis_that_the_figure_can_never_come_back_by_is_refused(rule, room):
    check(NewAlert(symbol="A", hysteresis=0.99 * room, **rule))
    with pytest.raises(InvalidRequestError, match=f"must be below {room:g}, was"):
        check(NewAlert(symbol="A", hysteresis=room, **rule))


def test_rule_near_the_limit_of_its_figure_can_fire_again():
    rule = NewAlert(symbol="A", metric="p_up", side="above", threshold=0.004)

    values = [0.5, 0.001, 0.5]
    assert told(values, metric="p_up", threshold=0.004, hysteresis=hysteresis_of(rule)) == [0.5, 0.5]
