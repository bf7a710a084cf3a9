"""What `/v1/stream` tells, event by event."""

from typing import Any, Literal

from pydantic import Field

from candlecast.schemas.base import WireModel

EventKind = Literal["price", "candle", "forecast", "news", "alert", "drift", "heartbeat", "gap", "overflow"]


class StreamEvent(WireModel):
    """One server-sent event.

    ``heartbeat`` comes every 15 s: ``market_time``, and ``live``, false while events cannot be read. ``gap`` says
    that events were missed which are no longer kept; ``overflow`` is the last one to a client that was too slow.
    """

    id: str | None = Field(description="send as Last-Event-ID to go on behind this event; null: as before")
    event: str = Field(description="price, candle, forecast, news, alert, drift, heartbeat, gap or overflow")
    data: dict[str, Any]
