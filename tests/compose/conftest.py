"""The whole of docker-compose.yml, built and started once, on ports and under a project name of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from candlecast.client import CandlecastClient
from candlecast.replay.recordings import Recording
from candlecast.replay.synthetic import make_recording, write_recording
from tests.compose.cluster import RayApi
from tests.compose.engine import require_command, require_engine, require_images
from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack
from tests.compose.truth import Truth

SYMBOLS = ["BTC/USDT", "ETH/USDT"]
N_CANDLES = 4_000
# 15 wall seconds an hourly candle: new ones come while the tests run, and the recording does not end
REPLAY_SPEED = 240
TEST_LIMIT_S, BUILD_LIMIT_S, START_LIMIT_S, GREEN_LIMIT_S = 1_500, 900, 420, 60
# what must not be found anywhere else
CANARIES = {"newsapi_key": "canary-of-newsapi-7d1f", "cryptopanic_token": "canary-of-cryptopanic-93ab"}
# the stack is started once: what only looks comes before what changes, and that before what kills
ORDER = (
    *("config", "images", "start", "answers", "doors", "containers"),
    *("jobs", "scale", "backup", "restart", "faults", "logs"),
)

_figures = Figures()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {f"test_{name}": place for place, name in enumerate(ORDER)}
    here = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[place] for place in here), key=lambda item: places[item.path.stem])
    for place, item in zip(here, ordered, strict=True):
        items[place] = item
        # a cold build of the images alone takes minutes
        item.add_marker(pytest.mark.timeout(TEST_LIMIT_S))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _figures.lines:
        terminalreporter.section("Compose, measured")
        terminalreporter.write_line("\n".join(_figures.lines))


@pytest.fixture(scope="session")
def figures() -> Figures:
    return _figures


@pytest.fixture(scope="session")
def recording() -> Recording:
    return make_recording(SYMBOLS, timeframe="1h", n_candles=N_CANDLES, seed=7)


@pytest.fixture(scope="session")
def bare_stack(tmp_path_factory: pytest.TempPathFactory, recording: Recording) -> ComposeStack:
    """Return a stack that is described but neither built nor started; needs no engine."""
    require_command()
    folder = tmp_path_factory.mktemp("compose")
    command = [Path(sys.executable).with_name("candlecast"), "keys", "init", "--folder", folder / "secrets"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    for name, canary in CANARIES.items():
        (folder / "secrets" / name).write_text(canary)
    candles = folder / "candles"
    write_recording(recording, candles)
    candles.chmod(0o755)
    ports = dict(zip(("api", "dashboard", "ui"), free_ports(3), strict=True))
    settings = {
        "ENV_FILE": folder / ".env",
        "CANDLECAST_TAG": "test",
        "CANDLECAST_DATA": candles,
        "CANDLECAST_REPLAY__SPEED": REPLAY_SPEED,
        "SECRETS_FOLDER": folder / "secrets",
        # one trial at a time on a node that trains, so that a second node shows
        "RAY_TRAIN_NUM_CPUS": 1,
        # what is due is submitted by the tests, and one thing by the scheduler: each eight hours of market time
        **{f"CANDLECAST_SCHEDULER__{name}": "" for name in ("TRAIN", "TUNE", "VERIFY", "NEWS", "BACKFILL")},
        "CANDLECAST_SCHEDULER__SCORE": "0 */8 * * *",
        "RAY_DRAIN_S": 0,
        **{f"{name.upper()}_PORT": port for name, port in ports.items()},
    }
    write_settings(folder / ".env", settings)
    return ComposeStack(folder, f"candlecast-test-{os.getpid()}", ports)


@pytest.fixture(scope="session")
def images(bare_stack: ComposeStack, figures: Figures) -> None:
    """Build both images."""
    require_engine()
    require_images(bare_stack)
    begun_s = time.monotonic()
    built = bare_stack.compose("build", "--quiet", limit_s=BUILD_LIMIT_S)
    assert built.returncode == 0, built.stderr[-3_000:]
    figures.note("images built", f"{time.monotonic() - begun_s:8.1f} s")


@pytest.fixture(scope="session")
def stack(bare_stack: ComposeStack, images: None, figures: Figures) -> Iterator[ComposeStack]:
    """Start everything as the head of docker-compose.yml says, and remove it with its data at the end."""
    begun_s = time.monotonic()
    try:
        bare_stack.up(limit_s=START_LIMIT_S)
        bare_stack.wait_until_green(limit_s=GREEN_LIMIT_S)
        figures.first_start_s = time.monotonic() - begun_s
        yield bare_stack
    finally:
        bare_stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "10", limit_s=180)


@pytest.fixture
def client(stack: ComposeStack) -> Iterator[CandlecastClient]:
    with stack.client() as client:
        yield client


@pytest.fixture(scope="session")
def ray_api(stack: ComposeStack) -> RayApi:
    return RayApi(stack)


@pytest.fixture(scope="session")
def truth(stack: ComposeStack, recording: Recording) -> Truth:
    return Truth(stack, recording)


def write_settings(path: Path, settings: dict[str, object]) -> None:
    """Set variables of a .env file that says something about some of them already."""
    kept = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in settings]
    path.write_text("".join(f"{line}\n" for line in [*kept, *(f"{name}={value}" for name, value in settings.items())]))


def free_ports(n: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports
