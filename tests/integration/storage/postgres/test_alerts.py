"""Are rules kept once, do they fire once, and is what they told kept? A real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from candlecast.alerts.rules import firing
from candlecast.errors import InvalidRequestError, StorageError
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.alert_deliveries import DeliveryStore
from candlecast.storage.postgres.alerts import AlertStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START

RULE = {
    **{"metric": "price", "side": "above", "threshold": 20_000.0, "horizon": 1, "window": "24h"},
    **{"hysteresis": 20.0, "channels": ["ops"], "name": ""},
}


@pytest.fixture
def symbol_id(database):
    return SymbolStore(database).ensure([Symbol.parse("BTC/USDT")])["BTC/USDT"]


@pytest.fixture
def store(database):
    return AlertStore(database)


@pytest.fixture
def deliveries(database):
    return DeliveryStore(database)


def added(store, symbol_id, **overrides):
    return store.add(symbol_id, "1h", RULE | overrides, created_at=START, limit=3)


def fired(store, alert, value=20_001.0, channels=("ops",)):
    return store.fire(firing(alert, value, at=START), channels=channels)


def test_rule_comes_back_as_it_was_kept(store, symbol_id):
    alert, new = added(store, symbol_id)

    assert new
    assert store.all() == [alert]
    assert (alert.symbol, alert.timeframe, alert.threshold, alert.armed) == ("BTC/USDT", "1h", 20_000.0, True)


def test_equal_rule_is_kept_once(store, symbol_id):
    first, _ = added(store, symbol_id)

    assert added(store, symbol_id) == (first, False)
    assert added(store, symbol_id, threshold=21_000.0)[1]


def test_rules_beyond_the_limit_are_refused(store, symbol_id):
    for threshold in (1.0, 2.0, 3.0):
        added(store, symbol_id, threshold=threshold)

    with pytest.raises(InvalidRequestError, match="there are 3 alert rules already"):
        added(store, symbol_id, threshold=4.0)
    assert not added(store, symbol_id, threshold=3.0)[1]


def test_rule_fires_once_until_armed_again(store, symbol_id, deliveries):
    alert, _ = added(store, symbol_id)

    assert fired(store, alert) is not None
    assert fired(store, alert) is None
    [kept] = store.all()
    assert (kept.armed, kept.last_value, kept.last_fired_at) == (False, 20_001.0, START)

    store.rearm([alert.id])
    assert fired(store, alert, 20_002.0) is not None
    assert [one.message.split(",")[1] for one in deliveries.waiting("ops")] == ["001", "002"]


def test_rule_watched_twice_fires_once(store, symbol_id, deliveries):
    alert, _ = added(store, symbol_id)

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: fired(store, alert), range(4)))

    assert sum(number is not None for number in numbers) == 1
    assert len(deliveries.waiting("ops")) == 1


def test_record_outlives_its_rule(store, symbol_id, deliveries):
    alert, _ = added(store, symbol_id)
    fired(store, alert)

    assert store.remove(alert.id)
    assert not store.remove(alert.id)
    [told], _ = deliveries.page(alert_id=alert.id, before=None, limit=10)
    assert (told.channel, told.state, told.value) == ("ops", "pending", 20_001.0)


def test_firings_are_not_changed_by_the_application(store, symbol_id, database):
    fired(store, added(store, symbol_id)[0])

    with pytest.raises(StorageError, match="permission denied"), database.transaction() as cursor:
        cursor.execute("UPDATE alert_firings SET value = 0")


def test_message_to_a_channel_that_is_not_configured_has_failed(store, symbol_id, deliveries):
    alert, _ = added(store, symbol_id, channels=["gone", "ops"])

    fired(store, alert)

    told, _ = deliveries.page(alert_id=None, before=None, limit=10)
    assert {one.channel: one.state for one in told} == {"ops": "pending", "gone": "failed"}
    deliveries.forget_channels([])
    assert deliveries.waiting("ops") == []


def test_settled_message_is_counted_and_stays_settled(store, symbol_id, deliveries):
    fired(store, added(store, symbol_id)[0])
    [waiting] = deliveries.waiting("ops")

    deliveries.settle(waiting.id, "sent", attempts=2, reason=None)
    deliveries.settle(waiting.id, "failed", attempts=3, reason="late")

    [told], _ = deliveries.page(alert_id=None, before=None, limit=10)
    assert (told.state, told.attempts, told.reason) == ("sent", 2, None)
    assert waiting.age_s < 10
    assert deliveries.n_sent("ops", within_s=60) == 1
    assert deliveries.n_sent("other", within_s=60) == 0


def test_pages_of_messages_go_on_where_they_ended(store, symbol_id, deliveries):
    alert, _ = added(store, symbol_id, channels=["a", "ops"])
    silent, _ = added(store, symbol_id, channels=[])
    for rule in (alert, silent):
        fired(store, rule, channels=("a", "ops"))

    first, places = deliveries.page(alert_id=None, before=None, limit=2)
    rest, _ = deliveries.page(alert_id=None, before=places[-1], limit=2)

    assert [(one.alert_id, one.channel, one.state) for one in first + rest] == [
        (silent.id, None, "shown"),
        (alert.id, "ops", "pending"),
        (alert.id, "a", "pending"),
    ]
