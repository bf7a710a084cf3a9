"""How the made-up service is, what it keeps for pages, and what it tells as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, StreamingResponse

from candlecast.schemas import Check, Readiness, Session, SessionData
from tests.fakes.market import NOW

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

LOOK_EVERY_S = 0.05
BEAT_EVERY_S = 1.0


def make_readiness(**overrides) -> Readiness:
    """Return a ready service on recorded data."""
    values = {
        "ready": True,
        "source": "recorded",
        "banner": "Recorded market data, replayed at 60 times its speed.",
        "market_time": NOW + timedelta(seconds=130),
        "checks": [Check(name="database", ok=True, detail="answers")],
        "data_age_s": {},
    }
    return Readiness(**(values | overrides))


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """Answer readiness, keep sessions, stream events."""

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        return JSONResponse(fake.readiness.model_dump(mode="json"), status_code=200 if fake.readiness.ready else 503)

    @app.get("/v1/sessions/{id_}")
    def read_session(id_: str) -> Session:
        if id_ not in fake.sessions:
            raise HTTPException(404, "no session is kept under this id")
        return Session(id=id_, data=fake.sessions[id_])

    @app.put("/v1/sessions/{id_}")
    def write_session(id_: str, wanted: SessionData) -> Session:
        fake.sessions[id_] = wanted.data
        return Session(id=id_, data=wanted.data)

    @app.get("/v1/stream")
    async def stream(symbols: str = "") -> StreamingResponse:
        names = {name for name in symbols.split(",") if name}
        return StreamingResponse(_events(fake, names), media_type="text/event-stream")


async def _events(fake: "FakeApi", names: set[str]) -> AsyncIterator[str]:
    told, silent_s = len(fake.events), BEAT_EVERY_S
    while True:
        for number, (kind, data) in enumerate(fake.events[told:], start=told):
            if not names or data.get("symbol", "") in names or "symbol" not in data:
                yield f"id: {number}-0\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
        told = len(fake.events)
        silent_s += LOOK_EVERY_S
        if silent_s >= BEAT_EVERY_S:
            beat = {"market_time": fake.readiness.market_time.isoformat(), "live": True}
            yield f"event: heartbeat\ndata: {json.dumps(beat)}\n\n"
            silent_s = 0.0
        await asyncio.sleep(LOOK_EVERY_S)
