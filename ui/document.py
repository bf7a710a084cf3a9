"""How does a page look before Gradio has started? Its styles and scripts stand in the document itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio asks for it at the root of the host, whatever the prefix; the site is no installed app
_MANIFEST = re.compile(rb'<link[^>]*rel="manifest"[^>]*>')
# what starts Gradio: a page with a first view starts it itself, once that is painted
_GRADIO = re.compile(rb'<script type="module"([^>]*?) src="([^"]+)"></script>')
_LATER = rb'<link rel="modulepreload"\1 href="\2" data-gradio>'
_BODY = re.compile(rb"<body[^>]*>")
# a page of another origin can neither frame ours, so that a reader clicks there unawares, nor learn its address
_GUARDS = {
    "content-security-policy": "frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class OwnParts:
    """HTML of ours in a document.

    Parameters
    ----------
    early, late : str
        For the begin and the end of the head.
    first : str
        What the body begins with until Gradio has started; "": nothing, and Gradio starts at once.
    """

    early: str
    late: str
    first: str = ""


class Documents:
    """Puts our own parts into every page, and takes the path prefix off requests.

    Gradio adds the head that it is given only after its own bundle ran: too late for a theme without a flash.

    Parameters
    ----------
    app : ASGIApp
        Answers the requests.
    parts : mapping of str to OwnParts
        By the path of the page.
    prefix : str
        Path under which a proxy publishes the site; taken off where the proxy left it on. "" means none.
    """

    def __init__(self, app: ASGIApp, *, parts: Mapping[str, OwnParts], prefix: str) -> None:
        self._app = app
        self._parts = parts
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope = self._without_prefix(scope)
            own = self._parts.get(scope["path"])
            if own is not None and scope["method"] == "GET":
                scope, send = _uncompressed(scope), _with_parts(send, own)
        await self._app(scope, receive, send)

    def _without_prefix(self, scope: Scope) -> Scope:
        path = scope["path"]
        if not self._prefix or not (path == self._prefix or path.startswith(f"{self._prefix}/")):
            return scope
        inner = path.removeprefix(self._prefix) or "/"
        return {**scope, "path": inner, "raw_path": inner.encode()}


def _uncompressed(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": headers}


def _with_parts(send: Send, own: OwnParts) -> Send:
    start: Message = {}
    parts: list[bytes] = []

    async def collect(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            MutableHeaders(raw=start["headers"]).update(_GUARDS)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts)
        if start["status"] == 200:
            body = _ours(body, own)
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return collect


def _ours(body: bytes, own: OwnParts) -> bytes:
    body = _MANIFEST.sub(b"", body).replace(b"<head>", b"<head>" + own.early.encode(), 1)
    body = body.replace(b"</head>", own.late.encode() + b"</head>", 1)
    if not own.first:
        return body
    body, n_starts = _GRADIO.subn(_LATER, body, count=1)
    if not n_starts:
        return body
    return _BODY.sub(lambda found: found[0] + own.first.encode(), body, count=1)
