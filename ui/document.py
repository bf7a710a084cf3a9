"""How does a page look before Gradio has started? Its styles and scripts stand in the document itself."""

import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio asks for it at the root of the host, whatever the prefix; the site is no installed app
_MANIFEST = re.compile(rb'<link[^>]*rel="manifest"[^>]*>')


class DocumentHead:
    """Puts our own head into every page, and takes the path prefix off requests.

    Gradio adds the head that it is given only after its own bundle ran: too late for a theme without a flash.

    Parameters
    ----------
    app : ASGIApp
        Answers the requests.
    heads : mapping of str to str
        HTML for the end of the document's head, by the path of the page.
    prefix : str
        Path under which a proxy publishes the site; taken off where the proxy left it on. "" means none.
    """

    def __init__(self, app: ASGIApp, *, heads: Mapping[str, str], prefix: str) -> None:
        self._app = app
        self._heads = {path: head.encode() for path, head in heads.items()}
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope = self._without_prefix(scope)
            head = self._heads.get(scope["path"])
            if head is not None and scope["method"] == "GET":
                scope, send = _uncompressed(scope), _with_head(send, head)
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


def _with_head(send: Send, head: bytes) -> Send:
    start: Message = {}
    parts: list[bytes] = []

    async def collect(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts)
        if start["status"] == 200:
            body = _MANIFEST.sub(b"", body).replace(b"</head>", head + b"</head>", 1)
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return collect
