"""Is a port of the stack's own told from one that a stranger took?"""

import os
import socket
import subprocess
import sys

import pytest

from cluster.port_check import listened_on, look_at_ports
from cluster.ports import Ports
from cluster.sweep import MARKER

LISTEN = (
    "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print('up', flush=True); "
    "sys.stdin.read()"
)
# where no other test looks
PORTS = Ports(1_700)


@pytest.fixture
def listener(tmp_path):
    """Start a process that listens on the stack's port of Serve, as one of a stack or not."""
    started = []

    def start(stack: str) -> int:
        environment = {**os.environ, MARKER: stack}
        command = [sys.executable, "-S", "-c", LISTEN, str(PORTS.of("serve"))]
        child = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(child)
        assert child.stdout.readline() == b"up\n"
        return child.pid

    yield start
    for child in started:
        child.communicate()


def test_ports_that_nobody_took_are_well(tmp_path):
    found = look_at_ports(PORTS, folder=tmp_path)

    assert found.verdict == "ok"
    assert "no stack runs" in found.detail


def test_port_that_a_stranger_took_is_named_with_its_part_and_the_mend(tmp_path, listener):
    listener("/some/other/stack")

    found = look_at_ports(PORTS, folder=tmp_path)

    assert found.verdict == "broken"
    assert found.detail.startswith(f"{PORTS.of('serve')} (serve) on 127.0.0.1 taken by another program")
    assert "--port-offset" in found.mend


def test_port_of_the_running_stack_is_well(tmp_path, listener):
    listener(str(tmp_path))

    found = look_at_ports(PORTS, folder=tmp_path)

    assert found.verdict == "ok"
    assert "1 are those of the running stack" in found.detail


PARENT = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-S', '-c', *sys.argv[2:]]))"


def test_port_of_a_process_below_the_first_one_of_the_stack_is_well(tmp_path):
    # as those that write their title over their environment: it carries no mark
    command = [sys.executable, "-S", "-c", PARENT, "candlecast", LISTEN, str(PORTS.of("serve"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == b"up\n"
        (tmp_path / "lock").write_text(str(first.pid))

        found = look_at_ports(PORTS, folder=tmp_path)
        first.communicate()
        after = look_at_ports(PORTS, folder=tmp_path)

    assert "1 are those of the running stack" in found.detail
    assert "no stack runs" in after.detail


def test_ports_of_this_process_are_found():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] in listened_on([os.getpid()])
    assert listened_on([2**22 + 1]) == set()
