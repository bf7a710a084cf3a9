"""What does a failure inside ccxt mean for us? One error type per reaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ccxt

from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.venues.broken import BROKEN_ANSWER

BLOCKED_STATUSES = (403, 418, 451)
DEFAULT_RETRY_AFTER_S = 60.0
LONGEST_TEXT = 200
RATE_LIMITS = (ccxt.RateLimitExceeded, ccxt.DDoSProtection)


def raise_for_status(title: str, status: int, headers: Mapping[str, str]) -> None:
    """Raise what a venue's HTTP status asks for, if it is one that ccxt would mistake for an outage.

    Parameters
    ----------
    title : str
        What the venue is called in messages.
    status : int
        Of the answer.
    headers : mapping of str to str
        Of the answer.

    Raises
    ------
    SourceRateLimitedError
        On 429.
    SourceBlockedError
        On 403, 418 and 451.
    """
    if status == 429:
        wait_s = _retry_after_s(headers)
        raise SourceRateLimitedError(f"{title} asks to wait {wait_s:g} s (HTTP 429)", wait_s)
    if status in BLOCKED_STATUSES:
        raise SourceBlockedError(f"{title} refuses this address (HTTP {status}); another venue is needed")


@contextmanager
def translated(title: str, *, symbol: str = "", trouble: str = "does not answer") -> Iterator[None]:
    """Turn what ccxt raises into our errors; ours pass through.

    Parameters
    ----------
    title : str
        What the venue is called in messages.
    symbol : str
        The symbol that is asked for, "" when there is none.
    trouble : str
        What a failure of the network is called.
    """
    try:
        yield
    except ccxt.BadSymbol as error:
        raise UnknownSymbolError(symbol or shorten(error), []) from error
    except (ccxt.BadRequest, ccxt.NotSupported, ccxt.ArgumentsRequired) as error:
        raise InvalidRequestError(f"{title} refuses the request: {shorten(error)}") from error
    except RATE_LIMITS as error:
        message = f"{title} asks to wait {DEFAULT_RETRY_AFTER_S:g} s: {shorten(error)}"
        raise SourceRateLimitedError(message, DEFAULT_RETRY_AFTER_S) from error
    except (ccxt.RestrictedLocation, ccxt.PermissionDenied) as error:
        raise SourceBlockedError(f"{title} refuses this address: {shorten(error)}") from error
    except ccxt.AuthenticationError as error:
        raise SourceNotConfiguredError(f"{title} wants a key: {shorten(error)}") from error
    except (ccxt.BaseError, OSError, TimeoutError) as error:
        _raise_for_handshake(title, error)
        # ccxt names the address that was asked, its cause what happened there.
        raise SourceUnavailableError(f"{title} {trouble}: {shorten(error.__cause__ or error)}") from error
    except BROKEN_ANSWER as error:
        raise SourceUnavailableError(f"{title} answered something broken ({shorten(error)}); try again") from error


def shorten(error: BaseException) -> str:
    """Return the text of `error` on one line, cut at `LONGEST_TEXT` characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _raise_for_handshake(title: str, error: Exception) -> None:
    # ccxt wraps what aiohttp raises over a refused WebSocket.
    refused: Any = error.args[0] if error.args else None
    status = getattr(refused, "status", None)
    if isinstance(status, int):
        raise_for_status(title, status, getattr(refused, "headers", None) or {})


def _retry_after_s(headers: Mapping[str, str]) -> float:
    text = next((str(value) for name, value in headers.items() if str(name).lower() == "retry-after"), "")
    return float(text) if text.replace(".", "", 1).isdecimal() else DEFAULT_RETRY_AFTER_S
