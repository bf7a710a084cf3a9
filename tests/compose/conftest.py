"""The whole of docker-compose.yml, built and started once, on ports and under a project name of its own."""

import os
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
from tests.compose.provision import describe
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
    *("config", "images", "start", "answers", "doctor", "doors", "containers"),
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
    write_recording(recording, folder / "candles")
    variables = {
        "CANDLECAST_TAG": "test",
        "CANDLECAST_REPLAY__SPEED": REPLAY_SPEED,
        # one trial at a time on a node that trains, so that a second node shows
        "RAY_TRAIN_NUM_CPUS": 1,
        # what is due is submitted by the tests, and one thing by the scheduler: each eight hours of market time
        **{f"CANDLECAST_SCHEDULER__{name}": "" for name in ("TRAIN", "TUNE", "VERIFY", "NEWS", "BACKFILL")},
        "CANDLECAST_SCHEDULER__SCORE": "0 */8 * * *",
        "RAY_DRAIN_S": 0,
    }
    stack = describe(folder, folder / "candles", project=f"candlecast-test-{os.getpid()}", variables=variables)
    for name, canary in CANARIES.items():
        (folder / "secrets" / name).write_text(canary)
    return stack


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
        bare_stack.remove()


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
