"""Alert rules and what was sent, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from candlecast.schemas.base import WireModel
from candlecast.schemas.tables import Tabular

AlertMetric = Literal["price", "move_pct", "p_up", "sentiment", "coverage", "data_age_s"]
AlertSide = Literal["above", "below"]
DeliveryState = Literal["pending", "sent", "failed", "limited", "expired", "shown"]

ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class NewAlert(WireModel):
    """What shall be told: a figure of a symbol beyond a threshold, once until it has come back."""

    symbol: Annotated[str, Field(max_length=40, examples=["BTC/USDT"])]
    metric: AlertMetric = Field(
        description="price; move_pct: percent against the close a window before; p_up: of the newest forecast; "
        "sentiment: score of a window; coverage: of the 80 % interval lately; data_age_s: market seconds since the "
        "newest candle closed, 0 while the next one is not late"
    )
    side: AlertSide
    threshold: float = Field(allow_inf_nan=False, examples=[20_000.0])
    horizon: int = Field(1, ge=1, le=96, description="candles ahead, for p_up and coverage")
    window: Annotated[str, Field(pattern=r"^[0-9]{1,3}[hd]$")] = Field(
        "24h", description="1h to 30d, for move_pct and sentiment"
    )
    hysteresis: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="how far it must come back before it is told again; null: by metric",
    )
    channels: Annotated[list[ChannelName], Field(max_length=8)] = Field(
        default_factory=list, description="names of the server's channels; none: it is shown and streamed only"
    )
    name: Annotated[str, Field(max_length=80, pattern=r"^[\w .,:;%()/+-]*$")] = Field(
        "", description="what the message begins with"
    )


class Alert(NewAlert):
    """A rule as it is kept."""

    id: int
    timeframe: str
    hysteresis: float
    created_at: datetime = Field(description="market time")
    armed: bool = Field(description="false: it was told, and the figure has not come back yet")
    last_value: float | None = Field(description="the figure when it was told last")
    last_fired_at: datetime | None = Field(description="market time")


class AlertList(Tabular):
    """All rules, in the order in which they were made, and the channels that one may name."""

    items: list[Alert]
    channels: list[str]


class AlertDelivery(WireModel):
    """What became of one message to one channel."""

    id: int
    alert_id: int
    symbol: str
    fired_at: datetime = Field(description="market time")
    value: float
    message: str
    channel: str | None = Field(description="null: the rule names none")
    state: DeliveryState = Field(
        description="limited: the channel had its share of this hour; expired: it waited too long; shown: no channel"
    )
    attempts: int
    reason: str | None = Field(description="why it was not sent")


class AlertDeliveryPage(Tabular):
    """Messages, newest first; `next_cursor` continues after the last one."""

    items: list[AlertDelivery]
    next_cursor: str | None = None
