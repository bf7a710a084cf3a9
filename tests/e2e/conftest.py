"""One whole stack, started as a user starts it, on ports of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pandas as pd
import psutil
import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from candlecast.replay.headlines import make_headlines
from candlecast.replay.synthetic import FIRST_OPEN, make_recording, write_recording
from cluster.ports import Ports
from cluster.stack_files import running_environment
from cluster.sweep import marked_processes
from tests.browser import SHARED_S, Tab, open_browser, run_page
from tests.cutting_proxy import CuttingProxy, cutting_proxy
from tests.fakes.news import HOSTILE

SYMBOLS = ("BTC/USDT", "ETH/USDT", "NEW/USDT")
N_CANDLES = 2_600
# before the end of a recording its clock begins
BACK_CANDLES = 500
# a candle closes every 30 wall seconds
SPEED = 120
START_LIMIT_S = 240
STOP_LIMIT_S = 40
PATIENCE_MS = 60_000
CANDLECAST = str(Path(sys.executable).with_name("candlecast"))


@dataclass
class Stack:
    """`candlecast run` of a recording as a child process, its output in a file."""

    folder: Path
    ports: Ports
    output: Path
    flags: list[str]
    data: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [CANDLECAST, "run", "--source", "recorded", *self.flags]
        command += ["--folder", str(self.folder), "--port-offset", str(self.ports.offset)]
        environment = {
            **_clean_environment(),
            "CANDLECAST_MODELS__FOLDER": str(self.folder / "models"),
            # at this speed a day passes in minutes, and a training would begin beside the browsers
            "CANDLECAST_SCHEDULER__ENABLED": "false",
            # what a page shows is compared with what the API says at that moment
            "CANDLECAST_UI__SHARED_S": str(SHARED_S),
            **self.variables,
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        self.wait_for("page http://")

    def wait_for(self, text: str) -> str:
        deadline_s = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline_s:
            said = self.output.read_text()
            if text in said:
                return said
            assert self.process.poll() is None, f"the stack ended:\n{said}\n{self.logs()}"
            time.sleep(0.2)
        raise AssertionError(f"the stack did not say {text!r}:\n{self.output.read_text()}\n{self.logs()}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_LIMIT_S)

    def environment(self) -> dict[str, str]:
        return {**_clean_environment(), **running_environment(self.folder)}

    def logs(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text()[-1_500:]}" for log in (self.folder / "logs").glob("*.log"))

    def pids(self) -> list[int]:
        return marked_processes(self.folder)

    def query(self, sql: str) -> list[tuple]:
        connection = psycopg2.connect(self.environment()["CANDLECAST_DATABASE__URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def listening(self) -> set[str]:
        """Return every address on which a process of this stack listens."""
        ours = {*self.pids(), self.process.pid}
        return {c.laddr.ip for c in psutil.net_connections("tcp") if c.pid in ours and c.status == psutil.CONN_LISTEN}


def _clean_environment() -> dict[str, str]:
    """Return what a user's shell has: nothing of the Ray head that other tests run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}


def _write_news(path: Path) -> None:
    """Write headlines of the last part of the recording: some are history when it begins, some come while it plays."""
    end = FIRST_OPEN + timedelta(hours=N_CANDLES)
    headlines = make_headlines(list(SYMBOLS[:2]), end - timedelta(hours=600), end, seed=13, story_every_s=3_600)
    rows = [(item.published_at, item.title, item.source, item.url) for item in headlines.items]
    # as the clock begins, so that they are the newest ones for a while
    begins = end - timedelta(hours=BACK_CANDLES)
    rows += [
        (begins + timedelta(minutes=10 + place), f"{title} Bitcoin ({place})", "CoinDesk", url)
        for place, (title, url) in enumerate(HOSTILE)
    ]
    pd.DataFrame(rows, columns=["published_at", "title", "source", "url"]).to_csv(path, index=False)


@contextmanager
def run_stack(stack: Stack) -> Iterator[Stack]:
    """Start a stack, and stop it in the end if a test did not."""
    stack.start()
    yield stack
    if stack.process.poll() is None:
        stack.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack over two full symbols and one with too little history."""
    root = tmp_path_factory.mktemp("stack")
    write_recording(
        make_recording(list(SYMBOLS[:2]), timeframe="1h", n_candles=N_CANDLES, seed=11, gap_share=0.01), root / "data"
    )
    listed_late = FIRST_OPEN + timedelta(hours=N_CANDLES - 600)
    write_recording(
        make_recording([SYMBOLS[2]], timeframe="1h", n_candles=600, seed=12, start=listed_late), root / "data"
    )
    _write_news(root / "news.csv")
    flags = ["--data", str(root / "data"), "--news", str(root / "news.csv"), "--timeframe", "1h", "--speed", str(SPEED)]
    with run_stack(Stack(root / "stack", Ports(300), root / "output.txt", flags, data=root / "data")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    with open_browser() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, stack: Stack) -> Iterator[Tab]:
    """A tab of a reader who never was here before, on the page of the stack."""
    with _new_tab(browser, stack.ports.url("ui") + "/") as found:
        yield found


@pytest.fixture(scope="session")
def way(stack: Stack) -> Iterator[CuttingProxy]:
    """The way from a page to the API, which a test may cut."""
    with cutting_proxy(stack.ports.of("serve")) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def way_url(way: CuttingProxy) -> Iterator[str]:
    """A page server that asks the API of the stack over `way`."""
    with run_page(f"http://127.0.0.1:{way.port}") as url:
        yield url


@pytest.fixture
def way_tab(browser: Browser, way: CuttingProxy, way_url: str) -> Iterator[Tab]:
    """A tab on the page whose way to the API may be cut; whole as the test begins."""
    way.mend()
    with _new_tab(browser, way_url) as found:
        yield found


@contextmanager
def _new_tab(browser: Browser, url: str) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1440, "height": 980})
    expect.set_options(timeout=PATIENCE_MS)
    found = Tab(context.new_page(), url)
    found.page.set_default_timeout(PATIENCE_MS)
    yield found
    context.close()
