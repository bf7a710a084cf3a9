import pytest

from candlecast.errors import InvalidRequestError
from candlecast.schemas import AlertDeliveryPage, AlertList, NewAlert
from tests.fakes.alerts import make_alert, make_delivery
from ui.settings_page.alert_words import deliveries_panel, read_rule, rule_words, rules_panel


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "BTC/USDT: Price above 20,000.00"),
        ({"metric": "p_up", "threshold": 0.6, "horizon": 4}, "BTC/USDT: P(up) 4 × 1h ahead above 0.6"),
        ({"metric": "move_pct", "threshold": -3.0, "side": "below"}, "BTC/USDT: Move in 24h below −3.00 %"),
        ({"metric": "data_age_s", "threshold": 7200.0}, "BTC/USDT: Age of the data above 2 h 00 min"),
    ],
)
def test_rule_words_say_what_a_rule_waits_for(changes, said):
    assert rule_words(make_alert(**changes)) == said


def test_rules_panel_asks_before_it_deletes():
    alerts = AlertList(items=[make_alert(1), make_alert(2)], channels=[])

    text = rules_panel(alerts, asked_id=2)

    assert 'data-ask="delete:1"' in text
    assert 'data-ask="delete!:2"' in text
    assert 'data-ask="delete!:1"' not in text


def test_rules_panel_shows_a_symbol_as_text():
    text = rules_panel(AlertList(items=[make_alert(symbol="<img src=x>")], channels=[]), asked_id=None)

    assert "<img" not in text
    assert "&lt;img" in text


def test_deliveries_panel_says_what_became_of_a_message():
    failed = make_delivery(state="failed", reason="the channel answered 500", message="<b>BTC</b>")

    text = deliveries_panel(AlertDeliveryPage(items=[failed]))

    assert "the channel answered 500" in text
    assert "&lt;b&gt;BTC&lt;/b&gt;" in text


def test_read_rule_makes_a_rule_of_the_form():
    form = {"symbol": "BTC/USDT", "metric": "price", "side": "above", "threshold": 2e4, "horizon": 1, "window": "24h"}

    rule = read_rule(**form, channels=["team"], name="")

    assert rule == NewAlert(symbol="BTC/USDT", metric="price", side="above", threshold=2e4, channels=["team"])


@pytest.mark.parametrize(("changes", "named"), [({"symbol": None}, "symbol"), ({"name": "<b>"}, "name")])
def test_read_rule_of_an_unfinished_form_names_the_field(changes, named):
    form = {"symbol": "BTC/USDT", "metric": "price", "side": "above", "threshold": 1.0} | changes

    result = read_rule(**form)

    assert isinstance(result, InvalidRequestError)
    assert str(result).startswith(named)
