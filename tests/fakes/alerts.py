"""Made-up alert rules and what they sent, and the routes that keep them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException

from candlecast.schemas import Alert, AlertDelivery, AlertDeliveryPage, AlertList, NewAlert
from tests.fakes.market import NOW

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi


def make_alert(id_: int = 1, **overrides) -> Alert:
    """Return a rule that waits for BTC above 20,000."""
    values = {
        "id": id_,
        "symbol": "BTC/USDT",
        "metric": "price",
        "side": "above",
        "threshold": 20_000.0,
        "timeframe": "1h",
        "hysteresis": 100.0,
        "created_at": NOW,
        "armed": True,
        "last_value": None,
        "last_fired_at": None,
    }
    return Alert(**(values | overrides))


def make_delivery(id_: int = 1, **overrides) -> AlertDelivery:
    """Return a message that was sent an hour before `NOW`."""
    values = {
        "id": id_,
        "alert_id": 1,
        "symbol": "BTC/USDT",
        "fired_at": NOW - timedelta(hours=1),
        "value": 20_010.0,
        "message": "BTC/USDT price 20,010 is above 20,000",
        "channel": "team",
        "state": "sent",
        "attempts": 1,
        "reason": None,
    }
    return AlertDelivery(**(values | overrides))


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """List, make and delete rules; list what was sent."""

    @app.get("/v1/alerts")
    def alerts() -> AlertList:
        return AlertList(items=fake.alerts, channels=["team"])

    @app.post("/v1/alerts", status_code=201)
    def create(rule: NewAlert) -> Alert:
        made = make_alert(1 + max((alert.id for alert in fake.alerts), default=0), **_given(rule))
        fake.alerts = [*fake.alerts, made]
        return made

    @app.delete("/v1/alerts/{id_}", status_code=204)
    def delete(id_: int) -> None:
        if all(alert.id != id_ for alert in fake.alerts):
            raise HTTPException(404, f"alert {id_} is not known")
        fake.alerts = [alert for alert in fake.alerts if alert.id != id_]

    @app.get("/v1/alerts/deliveries")
    def deliveries() -> AlertDeliveryPage:
        return AlertDeliveryPage(items=fake.deliveries)


def _given(rule: NewAlert) -> dict:
    given = rule.model_dump(exclude={"hysteresis"})
    return given if rule.hysteresis is None else given | {"hysteresis": rule.hysteresis}
