"""Calls about alert rules."""

from pydantic import TypeAdapter

from candlecast.calls.call import Call, given, path_of
from candlecast.schemas import Alert, AlertDeliveryPage, AlertList, NewAlert

_ALERT = TypeAdapter(Alert)
_ALERTS = TypeAdapter(AlertList)
_DELIVERIES = TypeAdapter(AlertDeliveryPage)
_NOTHING: TypeAdapter[None] = TypeAdapter(None)


def alerts_call() -> Call[AlertList]:
    """Return the call for all rules."""
    return Call(path_of("alerts"), _ALERTS)


def create_alert_call(rule: NewAlert) -> Call[Alert]:
    """Return the call that adds a rule."""
    return Call(path_of("alerts"), _ALERT, body=rule, method="POST")


def delete_alert_call(id_: int) -> Call[None]:
    """Return the call that deletes a rule."""
    return Call(path_of("alerts", str(id_)), _NOTHING, method="DELETE")


def deliveries_call(*, alert_id: int | None, limit: int, cursor: str | None) -> Call[AlertDeliveryPage]:
    """Return the call for one page of what was sent."""
    return Call(path_of("alerts", "deliveries"), _DELIVERIES, given(alert_id=alert_id, limit=limit, cursor=cursor))
