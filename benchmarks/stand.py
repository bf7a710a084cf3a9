"""The servers that benchmarks measure against: on loopback, in a folder that is thrown away."""

import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# files beside this one are called as packages of the product are (serve, ui): the packages come first
sys.path.insert(0, str(Path(__file__).parent.parent))
# Ray reads both when it is imported: this process joins a head that listens on loopback only and asks for no token
os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "disabled"}

from candlecast.clock import ReplayClock
from candlecast.errors import SourceUnavailableError, StackError
from candlecast.replay.remote import fetch_clock
from candlecast.settings import ClusterSettings
from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from candlecast.storage.postgres.migrate import upgrade
from candlecast.storage.process import port_is_free, spawn
from cluster.connect import connect
from cluster.ports import Ports, require_free_ports
from cluster.ray_head import ray_environment, ray_start_command, write_haproxy_wrapper
from cluster.sweep import MARKER, sweep

START_LIMIT_S = 90
_APPLICATION = "candlecast_app"


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a new folder with a short path, removed at the end."""
    made = Path(tempfile.mkdtemp(prefix="cc-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def postgres(root: Path) -> Iterator[str]:
    """Yield the application's address of a migrated, empty database."""
    password = secrets.token_hex(8)
    server = EmbeddedPostgres(root / "postgres", port=free_port(), password=password)
    server.start()
    try:
        upgrade(server.url, app_user=_APPLICATION, app_password=password)
        yield server.url.replace("//candlecast:", f"//{_APPLICATION}:")
    finally:
        server.stop()


@contextmanager
def valkey(root: Path) -> Iterator[str]:
    """Yield the address of an empty Valkey."""
    password = secrets.token_hex(8)
    server = EmbeddedValkey(root / "valkey", port=free_port(), password=password)
    server.start()
    try:
        yield f"redis://:{password}@127.0.0.1:{server.port}/0"
    finally:
        server.stop()


@contextmanager
def replay(root: Path, arguments: Sequence[str]) -> Iterator[tuple[str, ReplayClock]]:
    """Yield the address and the clock of a replay server in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "candlecast.replay", "--port", str(port), *arguments]
    child = spawn(command, env={**os.environ, MARKER: str(root)}, log_file=root / "replay.log")
    url = f"http://127.0.0.1:{port}"
    try:
        yield url, _clock_of(url, root / "replay.log")
    finally:
        child.stop()


@contextmanager
def ray_head(
    root: Path, *, num_cpus: int, dashboard: bool = False, changes: Mapping[str, str] | None = None
) -> Iterator[ClusterSettings]:
    """Yield a Ray head, with a dashboard where asked for, this process connected to it as a driver.

    `changes` are laid over the environment of the product's heads.
    """
    import ray

    ports = _free_ports()
    # looks for the binary where this process would, so before the variable that names the wrapper, or an earlier one
    os.environ.pop("RAY_SERVE_HAPROXY_BINARY_PATH", None)
    write_haproxy_wrapper(root)
    environment = {**ray_environment(folder=root, ports=ports, token_file=root), "RAY_AUTH_MODE": "disabled"}
    os.environ |= environment | dict(changes or {})
    command = ray_start_command(ports=ports, num_cpus=num_cpus, temp_folder=root / "ray")
    environment = {**os.environ, MARKER: str(root)}
    command.append(f"--include-dashboard={str(dashboard).lower()}")
    child = spawn(command, env=environment, log_file=root / "ray.log")
    settings = ClusterSettings(
        address=f"127.0.0.1:{ports.of('gcs')}", jobs_url=f"http://127.0.0.1:{ports.of('dashboard')}"
    )
    try:
        deadline_s = time.monotonic() + START_LIMIT_S
        while port_is_free(ports.of("node_manager")):
            if not child.alive() or time.monotonic() > deadline_s:
                raise SystemExit(f"Ray did not start: {child.last_line()}")
            time.sleep(0.1)
        connect(settings)
        yield settings
    finally:
        ray.shutdown()
        child.stop()
        sweep(root)


def _free_ports() -> Ports:
    for ports in map(Ports, range(1_000, 2_000, 100)):
        with suppress(StackError):
            require_free_ports(ports)
            return ports
    raise SystemExit("all ports with offsets from 1000 to 1900 are taken")


def _clock_of(url: str, log_file: Path) -> ReplayClock:
    deadline_s = time.monotonic() + START_LIMIT_S
    while True:
        try:
            return fetch_clock(url, timeout_s=1)
        except SourceUnavailableError as error:
            if time.monotonic() > deadline_s:
                raise SystemExit(f"the replay did not start: {log_file.read_text()[-500:]}") from error
            time.sleep(0.05)
