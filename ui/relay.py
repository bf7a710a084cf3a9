"""How do live events reach the browser? Through the page's own server, which has the key and watches the API."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import CandlecastError, SourceRateLimitedError
from candlecast.schemas import StreamEvent
from ui.site import Site

# a browser that hears nothing for some of these has lost its server; in wall seconds
LINK_S = 2.5
FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
# the API sends a heartbeat every 15
_SILENCE_S = 20.0
_MOST_WAITING = 2_000
_OLD_AFTER = frozenset({"candle", "forecast", "news", "alert", "drift", "gap"})
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one browser wants to hear."""

    listener: AsyncCandlecastClient
    symbols: list[str]
    last_id: str


@dataclass(slots=True)
class _Link:
    """What one browser is told about the way to the API."""

    listening: bool = False
    heard_s: float = 0.0
    api: bool = False
    failing: tuple[str, ...] = ()

    def heard(self, event: StreamEvent) -> None:
        """Take an event of the API; its heartbeat says whether it can read events itself."""
        self.listening = event.event != "heartbeat" or event.data.get("live", True)
        self.heard_s = asyncio.get_running_loop().time()

    def told(self) -> bytes:
        """Return the event ``link``."""
        silent_s = asyncio.get_running_loop().time() - self.heard_s
        streaming = self.api and self.listening and silent_s < _SILENCE_S
        told = {"api": self.api, "stream": streaming, "failing": self.failing}
        return b"event: link\ndata: " + orjson.dumps(told) + b"\n\n"


def relay_routes(site: Site, listener: AsyncCandlecastClient) -> APIRouter:
    """Return the route ``live/stream``: the API's events, and every `LINK_S` an event ``link`` about the API itself.

    Parameters
    ----------
    site : Site
        What all pages share.
    listener : AsyncCandlecastClient
        Holds the streams, so that open tabs leave the connections of `site` to questions.
    """
    router = APIRouter()

    @router.get("/live/stream", include_in_schema=False)
    async def stream(
        symbols: Annotated[str, Query(max_length=4_000)] = "",
        after: Annotated[str, Query(max_length=200)] = "",
        last_event_id: Annotated[str, Header(max_length=200)] = "",
    ) -> StreamingResponse:
        wanted = [name for name in symbols.split(",") if name]
        # a source that the page opens anew cannot send the header
        body = _events(site, _Asked(listener, wanted, last_event_id or after))
        return StreamingResponse(body, media_type="text/event-stream", headers=_HEADERS)

    return router


async def _events(site: Site, asked: _Asked) -> AsyncGenerator[bytes, None]:
    link, waiting = _Link(), asyncio.Queue[bytes](_MOST_WAITING)
    tasks = [
        asyncio.create_task(_listen(site, asked, link, waiting)),
        asyncio.create_task(_watch(site, link, waiting)),
    ]
    try:
        yield b"retry: 1000\n\n"
        while True:
            yield await waiting.get()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(site: Site, asked: _Asked, link: _Link, waiting: asyncio.Queue[bytes]) -> None:
    last_id, pause_s = asked.last_id, FIRST_PAUSE_S
    while True:
        try:
            async with aclosing(asked.listener.stream(asked.symbols, last_id=last_id, once=True)) as events:
                async for event in events:
                    last_id, pause_s = event.id or last_id, FIRST_PAUSE_S
                    link.heard(event)
                    if event.event in _OLD_AFTER:
                        site.answers.renew(cause=event.id or "")
                    await waiting.put(encode(event))
        except CandlecastError as error:
            asked_s = error.retry_after_s if isinstance(error, SourceRateLimitedError) else 0.0
            pause_s = max(asked_s, min(_LONGEST_PAUSE_S, 2 * pause_s))
        link.listening = False
        await asyncio.sleep(pause_s)


async def _watch(site: Site, link: _Link, waiting: asyncio.Queue[bytes]) -> None:
    while True:
        try:
            readiness = await site.readiness()
        except CandlecastError:
            link.api, link.failing = False, ()
        else:
            link.api = True
            link.failing = tuple(sorted(check.name for check in readiness.checks if not check.ok))
        await waiting.put(link.told())
        await asyncio.sleep(LINK_S)


def encode(event: StreamEvent) -> bytes:
    """Return an event as it travels."""
    identity = f"id: {event.id}\n".encode() if event.id else b""
    return identity + f"event: {event.event}\ndata: ".encode() + orjson.dumps(event.data) + b"\n\n"
