import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from candlecast.clock import ReplayClock
from candlecast.errors import SourceUnavailableError
from candlecast.replay.remote import fetch_clock
from candlecast.replay.synthetic import write_recording
from tests.builders import make_small_recording
from tests.loopback import free_port

SPEED = 3_600.0


@contextlib.contextmanager
def running_replay(folder: Path, state: Path) -> Iterator[tuple["subprocess.Popen[bytes]", ReplayClock]]:
    port = free_port()
    arguments = ["--data", str(folder), "--speed", str(SPEED), "--port", str(port), "--state", str(state)]
    child = subprocess.Popen([sys.executable, "-m", "candlecast.replay", *arguments])
    try:
        yield child, wait_for_clock(child, f"http://127.0.0.1:{port}")
    finally:
        child.terminate()
        child.wait(20)


def wait_for_clock(child: "subprocess.Popen[bytes]", url: str) -> ReplayClock:
    deadline = time.monotonic() + 60
    while True:
        assert child.poll() is None, "the replay ended while starting"
        try:
            return fetch_clock(url, timeout_s=1)
        except SourceUnavailableError:
            assert time.monotonic() < deadline, "the replay did not answer within 60 s"
            time.sleep(0.05)


def wait_for_state(state: Path) -> None:
    deadline = time.monotonic() + 10
    while not state.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_replay_after_a_restart_never_goes_back_in_time(tmp_path):
    write_recording(make_small_recording(["BTC/USDT"], 3_000), tmp_path / "data")
    state = tmp_path / "run" / "state.json"

    with running_replay(tmp_path / "data", state) as (child, clock):
        wait_for_state(state)
        child.send_signal(signal.SIGKILL)
        child.wait(20)
        reached = clock.now()
    saved = datetime.fromisoformat(json.loads(state.read_text())["market_time"])
    with running_replay(tmp_path / "data", state) as (_, resumed):
        again = resumed.market_anchor

    assert reached <= again
    assert (again - saved).total_seconds() == pytest.approx(SPEED)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--symbols", "APLE"], "did you mean AAPL"),
        (["--data", "/absent"], "/absent is not a folder"),
        (["--start", "soon"], "start must be a time"),
    ],
)
def test_replay_of_what_cannot_be_played_exits_2_with_one_line(arguments, message):
    ended = subprocess.run(
        [sys.executable, "-m", "candlecast.replay", *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 2
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
