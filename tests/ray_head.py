"""A real Ray head of its own ports, without a dashboard; ended by its pid."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings
from candlecast.storage.process import Child, port_is_free, spawn
from cluster.ports import Ports, require_free_ports
from cluster.sweep import MARKER, sweep

OFFSETS = range(500, 900, 100)
N_CPUS = 4
START_LIMIT_S = 60


@pytest.fixture(scope="session")
def ray_head() -> Iterator[ClusterSettings]:
    """A head with `N_CPUS` to book, labelled as one that serves; this process is connected to it as a driver."""
    import ray

    from cluster.connect import connect
    from cluster.ray_head import ray_environment, ray_start_command

    # a socket's path must be short
    folder = Path("/tmp") / f"cc-test-{os.getpid()}"
    folder.mkdir(mode=0o700)
    with _lent_ports() as ports, pytest.MonkeyPatch.context() as patch:
        settings = ClusterSettings(address=f"127.0.0.1:{ports.of('gcs')}")
        command = ray_start_command(ports=ports, num_cpus=N_CPUS, temp_folder=folder / "ray")
        environment = {**ray_environment(folder=folder, ports=ports, token_file=folder), "RAY_AUTH_MODE": "disabled"}
        for name, value in environment.items():
            patch.setenv(name, value)
        environment = {**os.environ, MARKER: str(folder)}
        child = spawn([*command, "--include-dashboard=false"], env=environment, log_file=folder / "ray.log")
        try:
            _wait_for_port(ports.of("node_manager"), child)
            connect(settings)
            yield settings
        finally:
            ray.shutdown()
            child.stop()
            sweep(folder)
            shutil.rmtree(folder)


@contextlib.contextmanager
def _lent_ports() -> Iterator[Ports]:
    """Lend ports that no other run of the tests has, nor takes before the head is up."""
    for ports in map(Ports, OFFSETS):
        with (Path("/tmp") / f"cc-test-ports-{ports.offset}").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                require_free_ports(ports)
            except (BlockingIOError, StackError):
                continue
            yield ports
            return
    raise AssertionError(f"all ports from offset {OFFSETS[0]} to {OFFSETS[-1]} are taken")


def _wait_for_port(port: int, child: Child) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while port_is_free(port):
        assert child.alive(), child.last_line()
        assert time.monotonic() < deadline_s, child.last_line()
        time.sleep(0.1)
