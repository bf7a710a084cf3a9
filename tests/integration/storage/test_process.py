import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from candlecast.errors import StackError
from candlecast.storage.process import in_user_namespace, last_line, port_is_free, spawn
from tests.loopback import free_port

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come true within 10 s"
        time.sleep(0.01)


def _gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_child_that_ends_keeps_its_status_and_output(tmp_path):
    log = tmp_path / "deep" / "child.log"
    child = spawn([sys.executable, "-c", "print('first'); print('last'); raise SystemExit(3)"], log_file=log)

    assert child.wait(10)
    assert not child.alive()
    assert child.returncode == 3
    assert child.last_line() == "last"


def test_child_has_a_session_of_its_own(tmp_path):
    child = spawn(SLEEP, log_file=tmp_path / "log")

    session = os.getsid(child.pid)
    child.stop()

    assert session == child.pid


def test_child_gets_environment_and_folder(tmp_path):
    code = "import os; print(os.environ['NAME'], os.getcwd())"

    child = spawn([sys.executable, "-c", code], log_file=tmp_path / "log", env={"NAME": "value"}, cwd=tmp_path)
    child.wait(10)

    assert child.last_line() == f"value {tmp_path}"


def test_stop_sends_the_stop_signal_first(tmp_path):
    code = (
        "import time\ntry:\n  print('up', flush=True); time.sleep(60)\nexcept KeyboardInterrupt:\n  raise SystemExit(7)"
    )
    child = spawn([sys.executable, "-c", code], log_file=tmp_path / "log", stop_signal=signal.SIGINT)
    _wait_for(lambda: child.last_line() == "up")

    assert child.stop() == 7


def test_stop_of_stubborn_child_kills_it(tmp_path):
    child = spawn(STUBBORN, log_file=tmp_path / "log")
    _wait_for(lambda: child.last_line() == "up")

    assert child.stop(timeout_s=0.1) == -signal.SIGKILL


def test_stop_takes_the_grandchildren_along(tmp_path):
    code = f"import subprocess; print(subprocess.Popen({SLEEP!r}, stdout=-3).pid, flush=True)"
    child = spawn([sys.executable, "-c", code], log_file=tmp_path / "log")
    child.wait(10)
    grandchild = int(child.last_line())

    child.stop()

    _wait_for(lambda: _gone(grandchild))


def test_kill_of_the_owner_ends_the_child(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from candlecast.storage.process import spawn\n"
        f"child = spawn({SLEEP!r}, log_file=Path(sys.argv[1])); print(child.pid, flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "log")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        _wait_for(lambda: last_line(tmp_path / "log") == "up")

        owner.kill()

    _wait_for(lambda: _gone(child))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a user namespace")
def test_child_in_user_namespace_is_nobody(tmp_path):
    child = spawn(in_user_namespace([sys.executable, "-c", "import os; print(os.getuid())"]), log_file=tmp_path / "log")
    child.wait(10)
    if child.returncode == 97:
        pytest.skip("this kernel forbids user namespaces")

    assert child.last_line() == "65534"


def test_child_does_not_inherit_the_signals_that_python_ignores(tmp_path):
    child = spawn(["grep", "SigIgn", "/proc/self/status"], log_file=tmp_path / "log")
    child.wait(10)

    # only these two: what the shell or make above us ignores is theirs to say
    ignored = int(child.last_line().split()[1], 16)
    assert [number for number in (signal.SIGPIPE, signal.SIGXFSZ) if ignored >> (number - 1) & 1] == []


def test_spawn_of_unknown_program_says_so(tmp_path):
    with pytest.raises(StackError, match="no such program"):
        spawn(["no-such-program"], log_file=tmp_path / "log")


def test_spawn_from_a_side_thread_is_refused(tmp_path):
    raised = []

    def start() -> None:
        try:
            spawn(SLEEP, log_file=tmp_path / "log")
        except StackError as error:
            raised.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert len(raised) == 1
    assert "main thread" in raised[0]


def test_last_line_of_missing_or_empty_log_is_empty(tmp_path):
    (tmp_path / "empty").write_text("\n\n")

    assert last_line(tmp_path / "missing") == ""
    assert last_line(tmp_path / "empty") == ""


def test_port_is_free_tells_a_listener(tmp_path):
    port = free_port()
    assert port_is_free(port)

    with socket.create_server(("127.0.0.1", port)):
        assert not port_is_free(port)
