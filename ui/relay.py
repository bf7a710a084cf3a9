"""How do live events reach the browser? Through the page's own server, which has the key and watches the API."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import CandlecastError, SourceRateLimitedError
from candlecast.schemas import StreamEvent
from ui.api_link import Link, now_s
from ui.site import Site

# a browser that hears nothing for some of these has lost its server; in wall seconds
LINK_S = 2.5
FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 4.0
_MOST_WAITING = 2_000
_OLD_AFTER = frozenset({"candle", "forecast", "news", "alert", "drift", "gap"})
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one browser wants to hear."""

    listener: AsyncCandlecastClient
    symbols: list[str]
    last_id: str


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
    link, waiting = Link(now_s()), asyncio.Queue[bytes](_MOST_WAITING)
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


async def _listen(site: Site, asked: _Asked, link: Link, waiting: asyncio.Queue[bytes]) -> None:
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
                    if link.has_news:
                        await waiting.put(link.told())
        except CandlecastError as error:
            asked_s = error.retry_after_s if isinstance(error, SourceRateLimitedError) else 0.0
            pause_s = max(asked_s, min(_LONGEST_PAUSE_S, 2 * pause_s))
        link.lost()
        await _paused(link, pause_s)


async def _paused(link: Link, pause_s: float) -> None:
    """Wait, but no longer than until an API that was gone answers again."""
    if link.api:
        await asyncio.sleep(pause_s)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await link.back.wait()


async def _watch(site: Site, link: Link, waiting: asyncio.Queue[bytes]) -> None:
    while True:
        was_gone = link.api is False
        found = (await site.standing()).now
        if isinstance(found, CandlecastError):
            link.unanswered()
        else:
            link.answered(tuple(sorted(check.name for check in found.checks if not check.ok)))
            if was_gone:
                # a question from before may wait for ever, and nobody should wait with it
                site.answers.renew(cause=f"back at {found.market_time:%FT%T}")
        await waiting.put(link.told())
        await asyncio.sleep(LINK_S)


def encode(event: StreamEvent) -> bytes:
    """Return an event as it travels."""
    identity = f"id: {event.id}\n".encode() if event.id else b""
    return identity + f"event: {event.event}\ndata: ".encode() + orjson.dumps(event.data) + b"\n\n"
