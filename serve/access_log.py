"""One line a request: put into words at once, in a microsecond, written by a thread a moment later."""

import os
import random
import socket
import threading
import time
from collections import deque
from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import orjson
import structlog

from candlecast.clock import Clock, SystemClock
from candlecast.log_files import Outlet
from candlecast.logs import outlets, redactor_of
from candlecast.redaction import Redactor
from candlecast.settings import Settings

# where a request keeps the name of the key that it came with
CALLER: Final = "candlecast.caller"
# asked every few seconds by whoever watches
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_EVERY_S = 0.25
_MOST_NOTED = 50_000
_LONGEST = 500
_LINE = b'{"event":"request","timestamp":"%s.%03d+00:00",%s,"status":%d,"ms":%.2f,"request_id":"%s","key":%s,%s'

log = structlog.get_logger(__name__)


class AccessLog:
    """Takes note of requests and writes them as JSON, one object a line.

    Parameters
    ----------
    places : sequence of Outlet
        Where lines go.
    redact : Redactor
        Takes secrets out of addresses.
    share : float
        How many of all requests get a line, above 0 and at most 1; those that failed always do.
    clock : Clock
        Wall time.
    """

    def __init__(self, places: Sequence[Outlet], *, redact: Redactor, share: float, clock: Clock) -> None:
        self._places = places
        self._share = share
        self._clock = clock
        # bytes, which the garbage collector has not to look at
        self._lines: deque[bytes] = deque()
        self._n_dropped = 0
        self._set_time()
        self._facts = b'"program":"api","pid":%d,"host":%s}\n' % (os.getpid(), orjson.dumps(socket.gethostname()))
        # the same few addresses are asked for again and again
        self._asked = lru_cache(maxsize=4_096)(lambda method, path, query: _asked(method, path, query, redact))
        self._second = lru_cache(maxsize=4)(_second)

    def start(self) -> None:
        """Have a thread write what is noted, until the process ends."""
        threading.Thread(target=self._run, daemon=True, name="access-log").start()

    def note(self, scope: MutableMapping[str, Any], *, status: int, began_s: float, request_id: bytes) -> None:
        """Take note of a request that ended now; `began_s` is of `time.perf_counter`."""
        if status < 400 and scope["path"] in _PROBES:
            return
        if status < 500 and self._share < 1 and random.random() >= self._share:
            return
        if len(self._lines) >= _MOST_NOTED:
            self._n_dropped += 1
            return
        now_s = time.perf_counter()
        second, millisecond = divmod(int((now_s + self._ahead_s) * 1_000), 1_000)
        parts = (
            self._second(second),
            millisecond,
            self._asked(scope["method"], scope["path"], scope["query_string"]),
            status,
            (now_s - began_s) * 1_000,
            request_id,
            orjson.dumps(scope.get(CALLER, "")),
            self._facts,
        )
        self._lines.append(_LINE % parts)

    def write(self) -> None:
        """Write what was noted."""
        self._set_time()
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        n_dropped, self._n_dropped = self._n_dropped, 0
        try:
            for place in self._places if lines else ():
                place.write(b"".join(lines))
        except OSError as error:
            n_dropped += len(lines)
            log.warning("requests are not written down", reason=str(error))
        if n_dropped:
            log.warning("lines of requests were dropped", n=n_dropped)

    def _set_time(self) -> None:
        # what the clock of all machines is ahead of the one that never jumps
        self._ahead_s = self._clock.now().timestamp() - time.perf_counter()

    def _run(self) -> None:
        while True:
            time.sleep(_EVERY_S)
            if self._lines or self._n_dropped:
                self.write()


def open_access_log(settings: Settings) -> AccessLog | None:
    """Return the access log that `settings` ask for, at work; None: none, or no place for it."""
    share = settings.logs.access
    places = outlets(settings.logs, "access", of_ray=True) if share else []
    if not places:
        return None
    opened = AccessLog(places, redact=redactor_of(settings), share=share, clock=SystemClock())
    opened.start()
    return opened


def _second(second: int) -> bytes:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def _asked(method: str, path: str, query: bytes, redact: Redactor) -> bytes:
    # by its mark the query is known as one
    asked = redact(f"?{query[:_LONGEST].decode('latin-1')}")[1:]
    return orjson.dumps({"method": method, "path": redact(path[:_LONGEST]), "query": asked})[1:-1]
