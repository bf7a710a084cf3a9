"""The replay server as a process of its own, for the length of a test."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from candlecast.clock import ReplayClock
from candlecast.errors import SourceUnavailableError
from candlecast.replay.remote import fetch_clock
from tests.loopback import free_port

START_LIMIT_S = 60


@contextmanager
def replay_process(arguments: Sequence[str]) -> Iterator[tuple[str, ReplayClock]]:
    """Yield the address and the clock of a replay started with `arguments`."""
    port = free_port()
    child = subprocess.Popen([sys.executable, "-m", "candlecast.replay", "--port", str(port), *arguments])
    url = f"http://127.0.0.1:{port}"
    try:
        yield url, _clock_of(child, url)
    finally:
        child.terminate()
        child.wait(20)


def _clock_of(child: "subprocess.Popen[bytes]", url: str) -> ReplayClock:
    deadline_s = time.monotonic() + START_LIMIT_S
    while True:
        assert child.poll() is None, "the replay ended while starting"
        try:
            return fetch_clock(url, timeout_s=1)
        except SourceUnavailableError:
            assert time.monotonic() < deadline_s, f"the replay did not answer within {START_LIMIT_S} s"
            time.sleep(0.05)
