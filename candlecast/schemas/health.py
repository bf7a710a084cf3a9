"""How the service is, on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from candlecast.schemas.base import WireModel


class FeedState(WireModel):
    """How one news feed is."""

    state: Literal["ok", "failing", "resting", "skipped"] = Field(description="resting: over its quota for now")
    reason: str = ""
    last_ok_at: datetime | None = Field(None, description="wall time of its last good answer")
    n_accepted: int = Field(0, description="articles taken since the collector started")
    n_rejected: int = Field(0, description="items refused since then")


class Check(WireModel):
    """One dependency of the service."""

    name: str
    ok: bool
    detail: str


class SourceState(WireModel):
    """Where the newest candle of a symbol came from."""

    source: str
    quality: str = Field(description="stream, rest, failover, late or repaired")


class Readiness(WireModel):
    """Whether forecasts can be served, and from what data."""

    ready: bool
    source: str = Field(description="live or recorded")
    banner: str | None = Field(description="what a user must know about the data, or null")
    market_time: datetime
    checks: list[Check]
    data_age_s: dict[str, float] = Field(description="per symbol: market seconds since the newest close")
    sources: dict[str, SourceState] = Field({}, description="per symbol: where the newest candle came from")
    feeds: dict[str, FeedState] = Field({}, description="per news feed: how it is")
