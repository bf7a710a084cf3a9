"""How do events look on the wire? Server-sent events, ids that clients can resume from, and nothing about queues."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from candlecast.errors import StorageError
from candlecast.schemas import EventKind
from candlecast.storage.event_log import Entry

KINDS: Mapping[str, EventKind] = {
    "prices": "price",
    "candles": "candle",
    "forecasts": "forecast",
    "news": "news",
    "alerts": "alert",
    "drift": "drift",
}
MEDIA_TYPE = "text/event-stream"
# how long a client waits before it comes back, in wall milliseconds
GREETING = b"retry: 1000\n\n"

_ID = re.compile(r"(\d{1,16}-\d{1,16})(?:\.(\d{1,6}))?")
# a client that takes nothing for so long is gone; in wall seconds
_SEND_S = 30.0
# how long after its key is revoked a client may go on listening, in wall seconds
_CHECK_S = 5.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log a client is.

    Parameters
    ----------
    entry : str
        Id of an entry of the log.
    n_had : int or None
        Events of that entry which the client has; None: all.
    """

    entry: str
    n_had: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One event as bytes, and the symbols it is about: None where it is about none in particular."""

    symbols: frozenset[str] | None
    body: bytes


def parse_id(text: str) -> Place | None:
    """Return the place that an event's id tells, None where it is no such id."""
    found = _ID.fullmatch(text)
    if found is None:
        return None
    entry, number = found.groups()
    return Place(entry, None if number is None else int(number) + 1)


def lines_of(entry: Entry) -> list[Line]:
    """Return the events of an entry, none of a channel that is not told to clients."""
    kind = KINDS.get(entry.channel)
    if kind is None:
        return []
    return [
        Line(_symbols(payload), event_bytes(kind, payload, id_=f"{entry.id}.{number}" if entry.id else None))
        for number, payload in enumerate(entry.payloads)
    ]


def event_bytes(kind: EventKind, payload: Mapping[str, Any], *, id_: str | None = None) -> bytes:
    """Return one server-sent event; one without an id leaves the client's place where it was."""
    head = b"" if id_ is None else b"id: " + id_.encode() + b"\n"
    return head + b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(payload) + b"\n\n"


def _symbols(payload: Mapping[str, Any]) -> frozenset[str] | None:
    if "symbols" in payload:
        return frozenset(payload["symbols"])
    return frozenset((payload["symbol"],)) if payload.get("symbol") else None


class EventStreamResponse(Response):
    """Sends chunks as they come, until they end, the client leaves, takes nothing or may not listen any more.

    Parameters
    ----------
    chunks : async generator of bytes
        What is sent; closed in the end.
    may_listen : callable
        Tells, asked again and again, whether the client still may; raises `StorageError` where nobody knows.
    """

    media_type = MEDIA_TYPE

    def __init__(self, chunks: AsyncGenerator[bytes], *, may_listen: Callable[[], Awaitable[bool]]) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._chunks = chunks
        self._may_listen = may_listen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        sending = asyncio.ensure_future(self._send(send))
        others = asyncio.ensure_future(_left(receive)), asyncio.ensure_future(self._locked_out())
        try:
            await asyncio.wait((sending, *others), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, *others):
                task.cancel()
            # a client that left or hangs is no failure of ours
            with suppress(asyncio.CancelledError, TimeoutError, OSError):
                await sending
            # where sending never began
            await self._chunks.aclose()

    async def _locked_out(self) -> None:
        may_listen = True
        while may_listen:
            await asyncio.sleep(_CHECK_S)
            with suppress(StorageError):
                may_listen = await self._may_listen()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                async with asyncio.timeout(_SEND_S):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
