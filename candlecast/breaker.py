"""Is a venue or a feed asked now? After failures it is left alone for a time that fits the reason, then tried once."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from pybreaker import STATE_CLOSED, STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker

from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
)
from candlecast.telemetry.meters import SOURCE_CALLS, SOURCE_LEFT_ALONE

FAILURES_IN_A_ROW = 3
BLOCKED_S = 900.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
JITTER = 0.2

_OUTCOMES: tuple[tuple[type[SourceError], str], ...] = (
    (SourceBlockedError, "blocked"),
    (SourceRateLimitedError, "rate limited"),
    (SourceNotConfiguredError, "not configured"),
    (SourceUnavailableError, "unavailable"),
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BreakerState:
    """How a source stands.

    Parameters
    ----------
    state : str
        ``closed``: it is asked; ``open``: it is left alone; ``half-open``: it is tried once.
    reason : str
        The last failure, "" while closed.
    opens_again_in_s : float
        Wall seconds until it is tried, 0 unless open.
    """

    state: Literal["closed", "open", "half-open"]
    reason: str
    opens_again_in_s: float


class SourceBreaker:
    """Circuit breaker of one venue or feed; for tasks of one event loop.

    A refusal (block, missing key) opens it for `blocked_s`, a rate limit for as long as the source says,
    `FAILURES_IN_A_ROW` other failures for a time that doubles from `FIRST_WAIT_S` to `LONGEST_WAIT_S`.

    Parameters
    ----------
    source : str
        Its name, for messages.
    blocked_s : float
        Wall seconds for which a source is left alone that refuses us.
    """

    def __init__(self, source: str, *, blocked_s: float = BLOCKED_S) -> None:
        self._source = source
        self._blocked_s = blocked_s
        self._circuit = CircuitBreaker(fail_max=FAILURES_IN_A_ROW, name=source, throw_new_error_on_trip=False)
        self._opens_again_at_s = 0.0
        self._error: SourceError | None = None
        self._openings = 0
        self._on_trial = False

    @property
    def closed(self) -> bool:
        """Whether the source is asked as usual."""
        return self._circuit.current_state == STATE_CLOSED

    def state(self) -> BreakerState:
        """Return how the source stands now."""
        if self.closed:
            return BreakerState("closed", "", 0.0)
        wait_s = self._wait_s()
        return BreakerState("open" if wait_s > 0 else "half-open", str(self._error), wait_s)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Guard one call of the source: refuse it while open, learn from how it ends.

        Raises
        ------
        SourceError
            While the source is left alone, as the failure that was the reason; what the call raises.
        """
        is_trial = self._admit()
        try:
            yield
        except SourceError as error:
            self.report(error)
            raise
        except InvalidRequestError:
            self.report(None)
            raise
        else:
            self.report(None)
        finally:
            # A cancelled trial tells nothing: the next call is the trial then.
            self._on_trial = self._on_trial and not is_trial

    def report(self, error: SourceError | None) -> None:
        """Learn from a call that failed with `error`, or succeeded."""
        SOURCE_CALLS.labels(self._source, _outcome(error)).inc()
        before = self._circuit.current_state
        if error is not None:
            self._fail(error)
        elif before != STATE_OPEN:
            # A late answer to a call from before the breaker opened does not close it.
            self._circuit.call(lambda: None)
            self._openings, self._error = 0, None
        self._log_change(before)

    def _admit(self) -> bool:
        # Tells whether the call that is let through is the trial.
        if self.closed:
            return False
        wait_s = self._wait_s()
        if wait_s > 0 or self._on_trial:
            raise self._refusal(wait_s)
        self._circuit.half_open()
        self._on_trial = True
        return True

    def _fail(self, error: SourceError) -> None:
        self._error = error
        if isinstance(error, SourceBlockedError | SourceNotConfiguredError):
            self._open(self._blocked_s)
        elif isinstance(error, SourceRateLimitedError):
            self._open(max(error.retry_after_s, FIRST_WAIT_S))
        elif self._circuit.current_state != STATE_OPEN:
            with suppress(SourceError):
                self._circuit.call(_raise, error)
            if self._circuit.current_state == STATE_OPEN:
                grown_s = min(FIRST_WAIT_S * 2.0 ** min(self._openings, 10), LONGEST_WAIT_S)
                # Jitter spares a source that comes back a crowd at one moment.
                self._open(grown_s * random.uniform(1 - JITTER, 1.0))
                self._openings += 1

    def _open(self, wait_s: float) -> None:
        if wait_s > self._wait_s():
            self._opens_again_at_s = monotonic() + wait_s
            self._circuit.reset_timeout = wait_s
            self._circuit.open()

    def _wait_s(self) -> float:
        if self._circuit.current_state != STATE_OPEN:
            return 0.0
        return max(0.0, self._opens_again_at_s - monotonic())

    def _refusal(self, wait_s: float) -> SourceError:
        how_long = f"left alone for another {wait_s:.1f} s" if wait_s > 0 else "being tried by another call"
        text = f"{self._source} is {how_long}: {self._error}"
        if isinstance(self._error, SourceRateLimitedError):
            return SourceRateLimitedError(text, wait_s)
        return type(self._error or SourceUnavailableError(""))(text)

    def _log_change(self, before: str) -> None:
        after = self._circuit.current_state
        SOURCE_LEFT_ALONE.labels(self._source).set(after == STATE_OPEN)
        if before == STATE_CLOSED and after == STATE_OPEN:
            logger.warning("%s is left alone for %.1f s: %s", self._source, self._wait_s(), self._error)
        elif before == STATE_HALF_OPEN and after == STATE_CLOSED:
            logger.info("%s answers again", self._source)


def _outcome(error: SourceError | None) -> str:
    if error is None:
        return "ok"
    return next((name for kind, name in _OUTCOMES if isinstance(error, kind)), "failed")


def _raise(error: SourceError) -> None:
    raise error
