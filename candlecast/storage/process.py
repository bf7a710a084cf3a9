"""How are child processes started so that nothing outlives its owner? The one way, for all of the stack."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from candlecast.errors import StackError
from candlecast.storage import leash


@dataclass(frozen=True, slots=True)
class Child:
    """A running child, leader of its own session and process group.

    Parameters
    ----------
    process : subprocess.Popen
        The started process.
    log_file : Path
        Where its output goes.
    stop_signal : signal.Signals
        What asks it to end by itself.
    """

    process: "subprocess.Popen[bytes]"
    log_file: Path
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal, None while it runs."""
        return self.process.poll()

    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None

    def wait(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` for the end of the process; tell whether it ended."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, timeout_s: float = 10.0) -> int:
        """Ask the process to end, then kill whatever is left of its group.

        Parameters
        ----------
        timeout_s : float
            Seconds that the process has to end by itself.

        Returns
        -------
        int
            The exit status, negative for a signal.
        """
        if self.alive():
            self.process.send_signal(self.stop_signal)
            self.wait(timeout_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self.process.wait()

    def last_line(self) -> str:
        """Return the last line that the process logged, "" when it logged nothing."""
        return last_line(self.log_file)


def spawn(
    args: Sequence[str | Path],
    *,
    log_file: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    on_parent_death: signal.Signals = signal.SIGTERM,
) -> Child:
    """Start `args` in a session of its own; the kernel signals it when this process dies.

    The signal is tied to the thread that starts the child, so only the main thread may call.

    Parameters
    ----------
    args : sequence of str or Path
        Program and arguments; `in_user_namespace` of them for a program that refuses root.
    log_file : Path
        Receives stdout and stderr, appended; its folder is made when absent.
    env : mapping of str to str, optional
        The whole environment of the child; None: that of this process.
    cwd : Path, optional
        Working folder; None: that of this process.
    stop_signal : signal.Signals
        What `Child.stop` sends first.
    on_parent_death : signal.Signals
        What the kernel sends when this process ends in whatever way, kill -9 included.

    Returns
    -------
    Child
        The running process.

    Raises
    ------
    StackError
        When the program cannot be started, or the caller is not the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise StackError(f"{args[0]} was started from a side thread, whose end would kill it; use the main thread")
    program = args[1] if args[0] == leash.USER_NAMESPACE else args[0]
    if shutil.which(program) is None:
        raise StackError(f"{program} could not be started: no such program; reinstall Candlecast")
    prefix = [sys.executable, "-I", "-S", leash.__file__, int(on_parent_death), os.getpid()]
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in (*prefix, *args)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    return Child(process, log_file, stop_signal)


def in_user_namespace(args: Sequence[str | Path]) -> list[str | Path]:
    """Return the command that runs `args` in a new user namespace, where root is an ordinary user.

    Where the kernel forbids it, the child exits with `leash.NAMESPACE_REFUSED_CODE`.
    """
    return [leash.USER_NAMESPACE, *args]


def last_line(log_file: Path) -> str:
    """Return the last non-empty line of `log_file`, "" when there is none."""
    if not log_file.exists():
        return ""
    with log_file.open("rb") as log:
        log.seek(max(0, log_file.stat().st_size - 4_096))
        lines = log.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on `port` of loopback; sockets in TIME_WAIT do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
