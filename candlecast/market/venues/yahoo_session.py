"""The HTTP session under yfinance: sends calls to the wanted server and reads each answer's status."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from curl_cffi import requests as curl

from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)

BROWSER = "chrome"
CHART_PATH = "/v8/finance/chart/"
NO_CANDLES = "Data doesn't exist"
DEFAULT_RETRY_AFTER_S = 60.0
BLOCKED_STATUSES = (401, 403, 418, 451)
LONGEST_TEXT = 200


class TooLongAgoError(InvalidRequestError):
    """Yahoo keeps short candles for a limited time only (HTTP 422)."""


class NoCandlesError(Exception):
    """Yahoo has no candle in the range asked for (HTTP 400 with a text of its own)."""


def open_session(base_url: str) -> curl.Session[curl.Response]:
    """Return a session for yfinance that raises our errors, which yfinance would hide as an empty frame.

    Parameters
    ----------
    base_url : str
        Server that is asked in place of every Yahoo host; empty for Yahoo itself. No other host is
        ever asked when it is given.
    """
    session: Any = curl.Session(impersonate=BROWSER)
    # yfinance takes sessions of curl_cffi only, so one of them is rerouted.
    session.request = partial(_send, session.request, base_url.rstrip("/"))
    opened: curl.Session[curl.Response] = session
    return opened


def _send(send: Callable[..., curl.Response], base_url: str, method: str, url: str, **options: object) -> curl.Response:
    parts = urlsplit(url)
    if base_url:
        if not (parts.hostname or "").endswith("yahoo.com"):
            raise SourceUnavailableError(f"Yahoo led to {parts.hostname}, which is not followed; try again")
        # A server without TLS is spoken to in plain HTTP/1.1, with no offer to upgrade.
        options = {"http_version": "v1"} | options
        url = f"{base_url}{parts.path}{'?' if parts.query else ''}{parts.query}"
    response = send(method, url, **options)
    if parts.path.startswith(CHART_PATH):
        _check(response, symbol=parts.path.removeprefix(CHART_PATH))
    return response


def _check(response: curl.Response, *, symbol: str) -> None:
    status = response.status_code
    text = " ".join(response.text[:LONGEST_TEXT].split())
    if status < 400:
        # yfinance would take another text for a chart without candles.
        if not text.startswith('{"chart"'):
            raise SourceUnavailableError(f"Yahoo answered no chart for {symbol} but {text!r}; try again")
        return
    if status == 404:
        raise UnknownSymbolError(symbol, [])
    if status == 429:
        wait = response.headers.get("Retry-After") or ""
        wait_s = float(wait) if wait.isdecimal() else DEFAULT_RETRY_AFTER_S
        raise SourceRateLimitedError(f"Yahoo asks to wait {wait_s:g} s (HTTP 429)", wait_s)
    if status in BLOCKED_STATUSES:
        raise SourceBlockedError(f"Yahoo refuses this address (HTTP {status}); another venue is needed")
    if status == 400 and NO_CANDLES in text:
        raise NoCandlesError(text)
    if status == 422:
        raise TooLongAgoError(f"Yahoo refuses the request for {symbol} (HTTP 422): {text}")
    raise SourceUnavailableError(f"Yahoo answered HTTP {status} for {symbol}: {text}")
