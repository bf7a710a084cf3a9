"""How do faults reach a client? Requests refused, held up or cut off, answers garbled."""

import asyncio
import time
from collections.abc import Mapping
from math import ceil
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from candlecast.replay.faults.answers import refusal
from candlecast.replay.faults.board import FaultBoard, Strike
from candlecast.replay.faults.bodies import BODY_KINDS, HTML, ROW_KINDS, garble

# The first that fits tells whose address it is.
VENUE_PATHS = (
    ("/v2/everything", "newsapi"), ("/api/v1/posts", "cryptopanic"), ("/rss/", "rss"),
    ("/api/v3/brokerage", "coinbase"), ("/v2/", "coinbase"), ("/api/v3", "binance"), ("/stream", "binance"),
    ("/ws", "binance"), ("/0/public", "kraken"), ("/v8/", "yahoo"), ("/v1/test/", "yahoo"),
)  # fmt: skip
REFUSALS = {"blocked": "status", "rate_limit": None, "error": "status"}
HOLD_STEP_S = 0.2
LIMITED_STATUS, UNAVAILABLE_STATUS = 429, 503
JSON_HEADER = (b"content-type", b"application/json;charset=UTF-8")
HTML_HEADER = (b"content-type", b"text/html;charset=UTF-8")
GARBLED_TYPES = (b"json", b"xml")


class FaultMiddleware:
    """Stands before the routes of all venues and does to requests what the board says.

    Parameters
    ----------
    app : ASGI application
        What answers.
    board : FaultBoard
        The faults at work.
    symbols : mapping
        By venue, the recorded symbol of each wire name.
    """

    def __init__(self, app: ASGIApp, board: FaultBoard, symbols: Mapping[str, Mapping[str, str]]) -> None:
        self._app, self._board, self._symbols = app, board, symbols

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as a venue with faults does."""
        venue = venue_of(scope["path"]) if scope["type"] in ("http", "websocket") else None
        if venue is None or not self._board.script.faults:
            await self._app(scope, receive, send)
            return
        symbol = asked_symbol(scope, self._symbols.get(venue, {}))
        if self._board.strike("drop", venue, symbol) is not None:
            await _hang_up(scope, send)
            return
        if await self._leaves_waiting(venue, symbol, scope, receive):
            return
        if scope["type"] == "http" and self._board.strike("html", venue, symbol) is not None:
            await _answer(scope, send, 200, [HTML_HEADER], HTML)
            return
        for kind in REFUSALS:
            strike = self._board.strike(kind, venue, symbol)
            if strike is not None:
                await _refuse(scope, send, strike, venue)
                return
        found = self._garbling_strikes(venue, symbol) if scope["type"] == "http" else []
        await self._app(scope, receive, _garbling(send, found, venue) if found else send)

    async def _leaves_waiting(self, venue: str, symbol: str | None, scope: Scope, receive: Receive) -> bool:
        while (strike := self._board.strike("timeout", venue, symbol)) is not None:
            if await self._leaves(strike.left_s, scope, receive):
                return True
        strike = self._board.strike("slow", venue, symbol)
        return strike is not None and await self._leaves(strike.fault.numbers["delay_s"] or 0.0, scope, receive)

    async def _leaves(self, wait_s: float, scope: Scope, receive: Receive) -> bool:
        # Holds a request up for so long, or until the fault is forgotten, or the client has left.
        version, until_s = self._board.version, time.monotonic() + wait_s
        while self._board.version == version and (left_s := until_s - time.monotonic()) > 0:
            if await _leaves_within(min(left_s, HOLD_STEP_S), scope, receive):
                return True
        return False

    def _garbling_strikes(self, venue: str, symbol: str | None) -> list[Strike]:
        # Of rows that are moved or repeated the share is one of rows, not of answers.
        strikes = (self._board.strike(kind, venue, symbol, drawn=kind not in ROW_KINDS) for kind in BODY_KINDS)
        return [strike for strike in strikes if strike is not None]


def venue_of(path: str) -> str | None:
    """Return the venue that answers at `path`, None for the replay's own addresses."""
    return "yahoo" if path == "/" else next((venue for start, venue in VENUE_PATHS if path.startswith(start)), None)


def asked_symbol(scope: Scope, symbols: Mapping[str, str]) -> str | None:
    """Return the recorded symbol that a request is about, None when it is about no single one."""
    words = [value for _, value in parse_qsl(scope["query_string"].decode("latin-1"))] + scope["path"].split("/")
    return next((symbols[word] for word in words if word in symbols), None)


async def _refuse(scope: Scope, send: Send, strike: Strike, venue: str) -> None:
    kind, numbers = strike.fault.kind, strike.fault.numbers
    headers = [JSON_HEADER]
    if kind == "rate_limit":
        headers.append((b"retry-after", str(int(numbers["retry_after_s"] or max(1, ceil(strike.left_s)))).encode()))
    status = LIMITED_STATUS if kind == "rate_limit" else int(numbers["status"] or UNAVAILABLE_STATUS)
    await _answer(scope, send, status, headers, refusal(kind, venue))


async def _answer(scope: Scope, send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    # A handshake is refused with an ordinary answer, too.
    prefix = "websocket." if scope["type"] == "websocket" else ""
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": f"{prefix}http.response.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})


async def _hang_up(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await _answer(scope, send, UNAVAILABLE_STATUS, [], b"")
        return
    # More is announced than is sent, upon which the server closes the connection.
    headers = [JSON_HEADER, (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"[", "more_body": True})


async def _leaves_within(wait_s: float, scope: Scope, receive: Receive) -> bool:
    if scope["type"] == "websocket":
        await asyncio.sleep(wait_s)
        return False
    try:
        async with asyncio.timeout(wait_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


def _may_be_garbled(headers: list[tuple[bytes, bytes]]) -> bool:
    types = [value for name, value in headers if name == b"content-type"]
    return any(word in value for value in types for word in GARBLED_TYPES)


def _garbling(send: Send, strikes: list[Strike], venue: str) -> Send:
    # Collects the answer, does all faults to it, and sends it with its new length.
    start: Message = {}
    parts: list[bytes] = []

    async def send_garbled(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        body = b"".join(parts)
        if start["status"] == 200 and _may_be_garbled(start["headers"]):
            for strike in strikes:
                share = strike.fault.numbers["share"] or 0.0
                body = garble(body, kind=strike.fault.kind, share=share, venue=venue, chance=strike.chance)
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    return send_garbled
