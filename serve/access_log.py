"""One line a request: noted on the event loop in a microsecond, written by a thread a moment later."""

import os
import random
import socket
import threading
import time
from collections import deque
from collections.abc import MutableMapping, Sequence
from datetime import datetime, timedelta
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

log = structlog.get_logger(__name__)


# a plain tuple is the cheapest to make: end and length in seconds, method, path, query, status, id, name of the key
_Noted = tuple[float, float, str, str, bytes, int, bytes, str]


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
        self._noted: deque[_Noted] = deque()
        self._n_dropped = 0
        self._facts = b'"program":"api","pid":%d,"host":%s}\n' % (os.getpid(), orjson.dumps(socket.gethostname()))
        # the same few addresses are asked for again and again
        self._asked = lru_cache(maxsize=4_096)(lambda method, path, query: _asked(method, path, query, redact))

    def start(self) -> None:
        """Have a thread write what is noted, until the process ends."""
        threading.Thread(target=self._run, daemon=True, name="access-log").start()

    def note(self, scope: MutableMapping[str, Any], *, status: int, began_s: float, request_id: bytes) -> None:
        """Take note of a request that ended now; `began_s` is of `time.perf_counter`."""
        if status < 400 and scope["path"] in _PROBES:
            return
        if status < 500 and self._share < 1 and random.random() >= self._share:
            return
        if len(self._noted) >= _MOST_NOTED:
            self._n_dropped += 1
            return
        now_s = time.perf_counter()
        asked = (scope["method"], scope["path"], scope["query_string"])
        self._noted.append((now_s, now_s - began_s, *asked, status, request_id, scope.get(CALLER, "")))

    def write(self) -> None:
        """Write what was noted."""
        now, now_s = self._clock.now(), time.perf_counter()
        lines = []
        while self._noted:
            one = self._noted.popleft()
            lines.append(self._line(one, now - timedelta(seconds=now_s - one[0])))
        n_dropped, self._n_dropped = self._n_dropped, 0
        try:
            for place in self._places if lines else ():
                place.write(b"".join(lines))
        except OSError as error:
            n_dropped += len(lines)
            log.warning("requests are not written down", reason=str(error))
        if n_dropped:
            log.warning("lines of requests were dropped", n=n_dropped)

    def _line(self, one: _Noted, ended: datetime) -> bytes:
        _, took_s, method, path, query, status, request_id, caller = one
        return b'{"event":"request","timestamp":"%s",%s,"status":%d,"ms":%.2f,"request_id":"%s","key":%s,%s' % (
            ended.isoformat(timespec="milliseconds").encode(),
            self._asked(method, path, query),
            status,
            took_s * 1_000,
            request_id,
            orjson.dumps(caller),
            self._facts,
        )

    def _run(self) -> None:
        while True:
            time.sleep(_EVERY_S)
            if self._noted or self._n_dropped:
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


def _asked(method: str, path: str, query: bytes, redact: Redactor) -> bytes:
    # by its mark the query is known as one
    asked = redact(f"?{query[:_LONGEST].decode('latin-1')}")[1:]
    return orjson.dumps({"method": method, "path": redact(path[:_LONGEST]), "query": asked})[1:-1]
