"""The whole of docker-compose.yml, built and started once, on ports and a project name of its own."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from candlecast.client import CandlecastClient
from candlecast.replay.synthetic import make_recording, write_recording

ROOT = Path(__file__).parent.parent.parent
SYMBOLS = ["BTC/USDT", "ETH/USDT"]
N_CANDLES = 4_000
# 15 wall seconds an hourly candle: new ones come while the tests run, and the recording does not end
REPLAY_SPEED = 240
PULL_LIMIT_S, BUILD_LIMIT_S, START_LIMIT_S = 300, 900, 300


@dataclass(frozen=True)
class ComposeStack:
    """One project of Compose; every call sees the variables of its .env file and no other."""

    folder: Path
    project: str
    ports: dict[str, int]

    @property
    def token_file(self) -> Path:
        return self.folder / "secrets" / "ray_token"

    def url(self, part: str) -> str:
        return f"http://127.0.0.1:{self.ports[part]}"

    def setting(self, name: str) -> str:
        """Return what the .env file says of `name`."""
        lines = (self.folder / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)[name]

    def compose(self, *arguments: str, limit_s: float = 120, **variables: str) -> subprocess.CompletedProcess[str]:
        command = ["docker", "compose", "-p", self.project, "--env-file", str(self.folder / ".env"), *arguments]
        environment = {**plain_environment(), **variables}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit_s)

    def containers(self) -> list[dict[str, Any]]:
        """Return what Docker knows of each running container, by `docker inspect`."""
        ids = self.compose("ps", "-q").stdout.split()
        return json.loads(subprocess.check_output(["docker", "inspect", *ids], text=True))

    def run_in(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        return self.compose("exec", "-T", service, *command)


def plain_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key in ("PATH", "HOME") or key.startswith("DOCKER_")}


@pytest.fixture(scope="session")
def bare_stack(tmp_path_factory: pytest.TempPathFactory) -> ComposeStack:
    """Return a stack that is described but neither built nor started; needs no engine."""
    if shutil.which("docker") is None:
        pytest.skip("Compose is not tested: no docker command here; install Docker Engine with its Compose plugin")
    folder = tmp_path_factory.mktemp("compose")
    subprocess.run([ROOT / "cluster" / "compose_secrets.sh", folder], check=True, capture_output=True)
    recording = folder / "candles"
    write_recording(make_recording(SYMBOLS, timeframe="1h", n_candles=N_CANDLES, seed=7), recording)
    recording.chmod(0o755)
    ports = dict(zip(("api", "dashboard", "ui"), free_ports(3), strict=True))
    settings = {
        "CANDLECAST_IMAGE": "candlecast:test",
        "CANDLECAST_UI_IMAGE": "candlecast-ui:test",
        "CANDLECAST_DATA": recording,
        "CANDLECAST_REPLAY__SPEED": REPLAY_SPEED,
        "RAY_DRAIN_S": 0,
        **{f"{name.upper()}_PORT": port for name, port in ports.items()},
    }
    with (folder / ".env").open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in settings.items())
    return ComposeStack(folder, f"candlecast-test-{os.getpid()}", ports)


@pytest.fixture(scope="session")
def images(bare_stack: ComposeStack) -> None:
    """Build both images."""
    require_engine()
    for image in base_images(bare_stack):
        require_image(image)
    built = bare_stack.compose("build", "--quiet", limit_s=BUILD_LIMIT_S)
    assert built.returncode == 0, built.stderr[-3_000:]


@pytest.fixture(scope="session")
def stack(bare_stack: ComposeStack, images: None) -> Iterator[ComposeStack]:
    """Start everything as the head of docker-compose.yml says, and remove it with its data at the end."""
    try:
        started = bare_stack.compose("up", "-d", "--wait", limit_s=START_LIMIT_S)
        assert started.returncode == 0, (
            started.stderr[-2_000:] + bare_stack.compose("logs", "--tail=30", "deploy", "ingest", "ray-worker").stdout
        )
        yield bare_stack
    finally:
        bare_stack.compose("down", "--volumes", "--remove-orphans", "--timeout", "20", limit_s=180)


@pytest.fixture
def client(stack: ComposeStack) -> Iterator[CandlecastClient]:
    with CandlecastClient(stack.url("api"), api_key=stack.setting("API_KEY"), timeout_s=30) as client:
        yield client


def require_engine() -> None:
    info = subprocess.run(["docker", "info"], capture_output=True, text=True)
    if info.returncode != 0:
        reason = " ".join(info.stderr.split())[-200:]
        pytest.skip(
            f"Compose is not tested: no Docker engine answers ({reason}); start one and run `make test-compose`"
        )


def base_images(stack: ComposeStack) -> list[str]:
    services = json.loads(stack.compose("config", "--format", "json").stdout)["services"]
    bases = {service["build"]["args"]["PYTHON_IMAGE"] for service in services.values() if "build" in service}
    return sorted(bases | {services[name]["image"] for name in ("postgres", "redis")})


def require_image(image: str) -> None:
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode == 0:
        return
    pulled = subprocess.run(["docker", "pull", image], capture_output=True, text=True, timeout=PULL_LIMIT_S)
    if pulled.returncode != 0:
        reason = " ".join(pulled.stderr.split())[-200:]
        pytest.skip(f"Compose is not tested: image {image} is not here and cannot be pulled ({reason})")


def free_ports(n: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports
