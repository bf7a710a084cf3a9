"""Is exactly what an earlier run left behind ended?"""

import os
import subprocess
import sys

from cluster.sweep import MARKER, marked_processes, sweep

SLEEP = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]


def test_sweep_with_two_stacks_kills_only_the_named_one(tmp_path):
    ours, others = tmp_path / "ours", tmp_path / "others"
    left = subprocess.Popen(SLEEP, env={**os.environ, MARKER: str(ours)})
    foreign = subprocess.Popen(SLEEP, env={**os.environ, MARKER: str(others)})
    try:
        killed = sweep(ours)

        assert killed == [left.pid]
        assert marked_processes(ours) == []
        assert marked_processes(others) == [foreign.pid]
    finally:
        foreign.kill()
        foreign.wait()
        left.wait()


def test_sweep_with_nothing_left_returns_empty(tmp_path):
    assert sweep(tmp_path / "nobody") == []
