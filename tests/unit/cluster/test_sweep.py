"""Is exactly what an earlier run left behind ended?"""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from cluster.sweep import MARKER, has_ended, marked_processes, sweep

SLEEP = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]

# the number of `exit`, which ends one thread
EXIT = 60 if platform.machine() == "x86_64" else 93
# its first thread ends alone, as a process that is being killed can; the other one holds its sockets
HALF_ENDED = [
    *(sys.executable, "-c"),
    "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); "
    f"print(flush=True); ctypes.CDLL(None).syscall({EXIT}, 0)",
]


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


def test_process_that_lost_its_environment_but_holds_its_files_has_not_ended():
    process = subprocess.Popen(HALF_ENDED, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        while not first_thread_ended(process.pid):
            time.sleep(0.01)

        assert not has_ended(process.pid)
    finally:
        process.kill()
        # its status is not collected: a process that is dead so far holds nothing
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(process.pid)
        process.communicate()
    assert has_ended(process.pid)


def first_thread_ended(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
