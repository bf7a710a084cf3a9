"""What all requests and answers share: an id in, out and in the logs, a limit of size, one kind of body."""

import re
import secrets
import time
from functools import lru_cache
from typing import TypedDict

import structlog
from ray import serve
from ray.serve.exceptions import RayServeException
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from candlecast.errors import StorageError
from serve.access_log import AccessLog
from serve.api.gate import no_key
from serve.api.problems import refuse
from serve.api.services import current, services_of
from serve.api.told import TOLD

# 512 texts of 4,000 characters, each escaped to 6 bytes, fit
MAX_BODY_BYTES = 16 * 2**20

# the client went before it was answered
_GONE = 499
_ID = re.compile(rb"[\w.-]{1,128}")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Refusal(TypedDict):
    """What a request is refused with."""

    status: int
    title: str
    detail: str


class Envelope:
    """Wraps an ASGI application; costs some microseconds a request.

    Parameters
    ----------
    app : ASGI application
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is no HTTP."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        told = scope.setdefault(TOLD, [])
        if not _by_serve():
            told.append((b"x-request-id", request_id))

        began_s, status = time.perf_counter(), _GONE

        async def send_told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if told:
                    names = {name for name, _ in told}
                    kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in names]
                    message = {**message, "headers": [*kept, *told]}
            await send(message)

        tokens = structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        try:
            await self._answer(scope, receive, send_told)
        except Exception:
            # whatever it is, Serve answers 500 for it: so says the log
            status = 500
            raise
        finally:
            if (access_log := _access_log(scope)) is not None:
                access_log.note(scope, status=status, began_s=began_s, request_id=request_id)
        # not after a failure: whoever logs it names the request too, and its task ends with it
        structlog.contextvars.reset_contextvars(**tokens)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
        elif refusal := _refusal(Headers(scope=scope)) or await _stranger(scope):
            await refuse(scope, receive, send, **refusal)
        else:
            await self._app(scope, _counted(receive), send)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return bytes(value)
    return secrets.token_hex(8).encode()


@lru_cache(maxsize=1)
def _by_serve() -> bool:
    # there it gives every request an id before we see it, and every answer the header
    try:
        serve.get_replica_context()
    except RayServeException:
        return False
    return True


def _access_log(scope: Scope) -> AccessLog | None:
    overridden = current in scope["app"].dependency_overrides
    return services_of(scope).access_log if overridden or _by_serve() else None


def _refusal(headers: Headers) -> Refusal | None:
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        return Refusal(status=413, title="Content too large", detail=_too_large(length))
    has_body = length not in ("", "0") or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and kind != "application/json":
        detail = f"body must be application/json, was {kind[:60]!r}"
        return Refusal(status=415, title="Unsupported media type", detail=detail)
    return None


async def _stranger(scope: Scope) -> Refusal | None:
    # routes look at keys after they read the body: what a stranger sends is not read at all
    if not scope["path"].startswith("/v1/"):
        return None
    services = services_of(scope)
    request = Request(scope)
    try:
        error = None if await services.access.knows(request) else no_key(request)
    except StorageError as failure:
        return Refusal(status=failure.status, title=failure.title, detail=str(failure))
    return None if error is None else Refusal(status=error.status, title=error.title, detail=str(error))


def _counted(receive: Receive) -> Receive:
    n_bytes = 0

    async def receive_counted() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > MAX_BODY_BYTES:
            raise HTTPException(413, _too_large(f"over {MAX_BODY_BYTES}"))
        return message

    return receive_counted


def _too_large(length: str) -> str:
    return f"body must be at most {MAX_BODY_BYTES} bytes, was {length[:20]}; send it in parts"
