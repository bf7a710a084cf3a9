"""Every error as application/problem+json, on every path; a traceback never leaves the process."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from ray.serve.exceptions import BackPressureError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from candlecast.errors import CandlecastError
from candlecast.schemas import problem

MEDIA_TYPE = "application/problem+json"

_RETRY_AFTER_S = {429: 1, 503: 5}

log = structlog.get_logger(__name__)


class ProblemError(Exception):
    """A problem that another deployment found; carries what the client shall read.

    Parameters
    ----------
    status : int
        HTTP status.
    title, detail : str
        As in RFC 9457.
    """

    def __init__(self, *, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title


def install_problem_handlers(api: FastAPI) -> None:
    """Answer all errors of `api` as RFC 9457 problems."""

    def candlecast_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, CandlecastError | ProblemError)
        return _answer(request, status=error.status, title=error.title, detail=str(error))

    def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        detail = "; ".join(_describe(item) for item in error.errors()[:5])
        return _answer(request, status=422, title="Invalid request", detail=detail)

    def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        title = {404: "Not found", 405: "Method not allowed"}.get(error.status_code, "HTTP error")
        detail = f"{request.method} {request.url.path[:200]}: {error.detail}; see /docs for the routes"
        return _answer(request, status=error.status_code, title=title, detail=detail, headers=error.headers)

    def overloaded(request: Request, _error: Exception) -> JSONResponse:
        detail = "too many requests are waiting; try again in 1 s"
        return _answer(request, status=429, title="Too many requests", detail=detail)

    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", path=request.url.path, exc_info=error)
        detail = "an error that should not happen; the server's log has the cause"
        return _answer(request, status=500, title="Internal error", detail=detail)

    api.add_exception_handler(CandlecastError, candlecast_error)
    api.add_exception_handler(ProblemError, candlecast_error)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(HTTPException, http_error)
    api.add_exception_handler(BackPressureError, overloaded)
    api.add_exception_handler(Exception, unexpected)


async def refuse(scope: Scope, receive: Receive, send: Send, *, status: int, title: str, detail: str) -> None:
    """Answer a request by a problem, for what stands before the routes; 429 and 503 say when to come back."""
    await _answer(Request(scope), status=status, title=title, detail=detail)(scope, receive, send)


def _answer(
    request: Request, *, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    waits = {"Retry-After": str(_RETRY_AFTER_S[status])} if status in _RETRY_AFTER_S else {}
    return JSONResponse(
        problem(status=status, title=title, detail=detail, instance=request.url.path[:200]),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**waits, **(headers or {})},
    )


def _describe(item: dict[str, object]) -> str:
    location = item["loc"]
    assert isinstance(location, tuple)
    where = ".".join(str(part) for part in location if part != "query")
    return f"{where}: {item['msg']}, was {str(item.get('input'))[:60]!r}"
