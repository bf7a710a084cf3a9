"""Every error Candlecast raises on purpose: one type per reaction.

::

    CandlecastError
    ├── InvalidRequestError            the caller must change the request         -> 422
    │   └── UnknownSymbolError         names the near ones                        -> 404
    ├── AccessError                    send a key that is in force and may do it  -> 401, 403
    ├── InsufficientHistoryError       wait or backfill                           -> 409
    ├── StaleDataError                 newest candle too old: refuse, never guess -> 503
    ├── SourceError                    a venue or a feed failed                   -> 503
    │   ├── SourceRateLimitedError     sleep ``retry_after_s``
    │   ├── SourceBlockedError         geo-block or ban: use the next venue
    │   ├── SourceUnavailableError     retry with back-off, then fail over
    │   └── SourceNotConfiguredError   skip and say so once
    ├── ModelNotReadyError             no promoted model yet: train               -> 503
    ├── ModelIntegrityError            digest differs: refuse to load             -> 503
    ├── StorageError                   database down                              -> 503
    └── StackError                     the stack cannot start: fix what it names  -> exit 1

A message names the thing, the value received, the limit and the next step.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

LONGEST_LINE = 1_000


class CandlecastError(Exception):
    """Base of all errors that a user may read; ``status`` is the HTTP answer."""

    status = 500
    title = "Internal error"

    def __str__(self) -> str:
        """Return what was said on one line, whatever it quotes; its beginning where that is endless."""
        line = " ".join(super().__str__().split())
        return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as what was said, whatever the constructor takes."""
        return _said_again, (type(self), self.args, self.__dict__)


class InvalidRequestError(CandlecastError):
    """The caller must change the request."""

    status = 422
    title = "Invalid request"


class UnknownSymbolError(InvalidRequestError):
    """The symbol is not followed here, or not traded by the venue; the message names the near ones.

    Parameters
    ----------
    symbol : str
        What the caller asked for.
    known : iterable of str
        Symbols that would have been accepted.
    """

    status = 404
    title = "Unknown symbol"

    def __init__(self, symbol: str, known: Iterable[str]) -> None:
        names = sorted(known)
        shown = symbol if len(symbol) <= 40 else f"{symbol[:40]}…"
        near = get_close_matches(symbol.upper(), names, n=3, cutoff=0.4) or names[:5]
        hint = f"did you mean {' or '.join(near)}? All are at /v1/symbols" if near else "no other name is near it"
        super().__init__(f"symbol {shown!r} is not known; {hint}")


class AccessError(CandlecastError):
    """The caller must send a key that is in force (401), or one that may do what was asked (403).

    Parameters
    ----------
    message : str
        What is missing.
    status : int
        401 or 403.
    """

    status = 401
    title = "Access denied"

    def __init__(self, message: str, *, status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class InsufficientHistoryError(CandlecastError):
    """Too few candles to compute what was asked for: wait or backfill."""

    status = 409
    title = "Insufficient history"


class StaleDataError(CandlecastError):
    """The newest candle is too old to forecast from: refuse, never guess."""

    status = 503
    title = "Stale data"


class SourceError(CandlecastError):
    """A venue or a feed failed."""

    status = 503
    title = "Source failed"


class SourceRateLimitedError(SourceError):
    """The source asks us to wait.

    Parameters
    ----------
    message : str
        What was refused, by whom.
    retry_after_s : float
        Wall seconds to sleep before the next call.
    """

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SourceBlockedError(SourceError):
    """Geo-block or ban (HTTP 451, 403, 418): use the next venue."""


class SourceUnavailableError(SourceError):
    """Timeout, dropped connection, 5xx or a broken answer: retry, then fail over."""


class SourceNotConfiguredError(SourceError):
    """A key is missing: skip the source and say so once."""


class ModelNotReadyError(CandlecastError):
    """No promoted model for what was asked: train one."""

    status = 503
    title = "Model not ready"


class ModelIntegrityError(CandlecastError):
    """An artefact differs from its recorded digest: refuse to load it."""

    status = 503
    title = "Model integrity"


class StorageError(CandlecastError):
    """The database does not answer."""

    status = 503
    title = "Storage unavailable"


class StackError(CandlecastError):
    """The stack on this machine cannot start or stop as asked."""

    title = "Stack error"


def _said_again(kind: type[CandlecastError], args: tuple[Any, ...], attributes: dict[str, Any]) -> CandlecastError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error
