"""What did a killed earlier run leave behind? Finds and ends it by its environment marker."""

import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARKER = "CC_STACK"

_PR_SET_CHILD_SUBREAPER = 36


def marked_processes(folder: Path) -> list[int]:
    """Return the pids of all live processes whose environment names the stack in `folder`."""
    wanted = f"{MARKER}={folder}".encode()
    others = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and entry.name != str(os.getpid())]
    return sorted(int(entry.name) for entry in others if _carries(entry, wanted))


def sweep(folder: Path, *, timeout_s: float = 5.0) -> list[int]:
    """Kill every process of the stack in `folder` and wait until all have ended, and their ports are free.

    Returns
    -------
    list of int
        The pids that were killed; empty when nothing was left.
    """
    killed = marked_processes(folder)
    ending = set(killed)
    deadline_s = time.monotonic() + timeout_s
    while ending and time.monotonic() < deadline_s:
        alive = marked_processes(folder)
        for pid in alive:
            _kill(pid)
        # one that was killed loses its mark before its ports
        ending = {pid for pid in ending.union(alive) if not has_ended(pid)}
        if ending:
            time.sleep(0.05)
    return killed


def has_ended(pid: int) -> bool:
    """Tell whether a process holds nothing any more: it is gone, or all that is left of it is a status to collect."""
    try:
        # behind the name, which may hold anything: the state is the third of the line, the number of threads the 20th
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return True
    return fields[0] in "ZX" and int(fields[17]) <= 1


def _carries(entry: Path, wanted: bytes) -> bool:
    try:
        return wanted in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def reap_orphans() -> None:
    """Collect every ended child of this process, so that none stays a zombie where init reaps nobody.

    For the very end: a `subprocess.Popen` whose child is collected here reports 0.
    """
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def become_subreaper() -> None:
    """Make this process the parent of orphaned descendants, so that none hides under init."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
