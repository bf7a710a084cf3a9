"""Alert rules: what shall be told, and what was."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from candlecast.schemas import Alert, AlertDeliveryPage, AlertList, NewAlert
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

_LARGEST = 2**63 - 1

AlertId = Annotated[int, Path(ge=1, le=_LARGEST)]


@router.get("", summary="Alert rules, and the channels that one may name")
async def list_alerts(services: ServicesDep) -> AlertList:
    """Return every rule in the order in which they were made; addresses of channels are never shown."""
    return await services.reading.alerts.all()


@router.post(
    "",
    summary="Tell when a figure of a symbol crosses a threshold",
    status_code=201,
    responses={200: {"model": Alert, "description": "An equal rule is kept already"}},
)
async def add_alert(wanted: NewAlert, services: ServicesDep, response: Response) -> Alert:
    """Return the rule; it fires once when the figure is beyond its threshold, and again after it came back."""
    alert, new = await services.reading.alerts.add(wanted)
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"{router.prefix}/{alert.id}"
    return alert


@router.get("/deliveries", summary="What was told, and what became of each message")
async def list_deliveries(
    services: ServicesDep,
    alert_id: Annotated[int | None, Query(ge=1, le=_LARGEST, description="of this rule; it may be deleted")] = None,
    cursor: Annotated[str | None, Query(max_length=64, description="next_cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> AlertDeliveryPage:
    """Return a page of messages, newest first."""
    return await services.reading.alerts.deliveries(alert_id=alert_id, cursor=cursor, limit=limit)


@router.delete("/{alert_id}", summary="Delete a rule", status_code=204)
async def delete_alert(alert_id: AlertId, services: ServicesDep) -> None:
    """Delete a rule; what it told stays on record."""
    if not await services.reading.alerts.remove(alert_id):
        raise HTTPException(404, f"alert {alert_id} is not kept; all are at /v1/alerts")
