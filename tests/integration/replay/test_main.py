import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from candlecast.clock import ReplayClock
from candlecast.errors import SourceUnavailableError
from candlecast.replay.remote import fetch_clock, fetch_recording
from candlecast.replay.synthetic import write_recording
from tests.builders import make_small_recording
from tests.loopback import free_port

SPEED = 3_600.0


@contextlib.contextmanager
def running_replay(*arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", str, ReplayClock]]:
    port = free_port()
    command = [sys.executable, "-m", "candlecast.replay", "--speed", str(SPEED), "--port", str(port), *arguments]
    child = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        yield child, url, wait_for_clock(child, url)
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
    arguments = ("--data", str(tmp_path / "data"), "--state", str(state))

    with running_replay(*arguments) as (child, _, clock):
        wait_for_state(state)
        child.send_signal(signal.SIGKILL)
        child.wait(20)
        reached = clock.now()
    saved = datetime.fromisoformat(json.loads(state.read_text())["market_time"])
    with running_replay(*arguments) as (_, _, resumed):
        again = resumed.market_anchor

    assert reached <= again
    assert (again - saved).total_seconds() == pytest.approx(SPEED)


def test_replay_of_generated_candles_plays_them_with_its_faults(tmp_path):
    script = tmp_path / "faults.json"
    script.write_text('[{"kind": "blocked", "venue": "kraken", "length_s": 1000}]')

    with running_replay("--synthetic", "3", "--candles", "700", "--faults", str(script)) as (_, url, _):
        recording = fetch_recording(url)
        statuses = [httpx2.get(url + path, trust_env=False).status_code for path in ("/api/v3/ping", "/0/public/Time")]

    assert recording.symbols == ("SYN001/USDT", "SYN002/USDT", "SYN003/USDT")
    assert (recording.timeframe, recording.news) == ("1m", True)
    assert statuses == [200, 451]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--symbols", "APLE"], "did you mean AAPL"),
        (["--data", "/absent"], "/absent is not a folder"),
        (["--start", "soon"], "start must be a time"),
        (["--faults", "/absent.json"], "/absent.json cannot be read as a script"),
        (["--news", "/absent.csv"], "news file /absent.csv does not exist"),
        (["--synthetic", "0"], "must be between 1 and 999, was 0"),
        (["--synthetic", "2", "--timeframe", "7m"], "timeframe must be one of"),
        (["--synthetic", "2", "--symbols", "BTC/USDT"], "leave out --data and --symbols"),
    ],
)
def test_replay_of_what_cannot_be_played_exits_2_with_one_line(arguments, message):
    ended = subprocess.run(
        [sys.executable, "-m", "candlecast.replay", *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 2
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
