"""A real Ray head of its own ports, without a dashboard; ended by its pid."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray

from candlecast.settings import ClusterSettings
from candlecast.storage.process import Child, port_is_free, spawn
from cluster.connect import connect
from cluster.ports import Ports
from cluster.ray_head import ray_environment, ray_start_command
from cluster.sweep import MARKER, sweep

PORTS = Ports(500)
N_CPUS = 4
START_LIMIT_S = 60


@pytest.fixture(scope="session")
def ray_head() -> Iterator[ClusterSettings]:
    """A head with `N_CPUS` to book, this process connected to it as a driver."""
    # a socket's path must be short
    folder = Path("/tmp") / f"cc-test-{os.getpid()}"
    folder.mkdir(mode=0o700)
    environment = {**ray_environment(folder=folder, ports=PORTS, token_file=folder), "RAY_AUTH_MODE": "disabled"}
    settings = ClusterSettings(address=f"127.0.0.1:{PORTS.of('gcs')}")
    command = ray_start_command(ports=PORTS, num_cpus=N_CPUS, temp_folder=folder / "ray")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        environment = {**os.environ, MARKER: str(folder)}
        child = spawn([*command, "--include-dashboard=false"], env=environment, log_file=folder / "ray.log")
        try:
            _wait_for_port(child)
            connect(settings)
            yield settings
        finally:
            ray.shutdown()
            child.stop()
            sweep(folder)
            shutil.rmtree(folder)


def _wait_for_port(child: Child) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while port_is_free(PORTS.of("node_manager")):
        assert child.alive(), child.last_line()
        assert time.monotonic() < deadline_s, child.last_line()
        time.sleep(0.1)
