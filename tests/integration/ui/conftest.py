"""One page server per module, one browser per module, one tab per test."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.fakes import FakeApi
from tests.loopback import free_port, serve_app

START_LIMIT_S = 60
PATIENCE_MS = 90_000


@dataclass
class ApiServer:
    """The fake API on a port of its own, which a test may stop and start again."""

    port: int
    fake: FakeApi = field(default_factory=FakeApi)
    running: AbstractContextManager[str] | None = None

    def start(self) -> None:
        if self.running is None:
            self.running = serve_app(self.fake.build(), port=self.port)
            self.running.__enter__()

    def stop(self) -> None:
        if self.running is not None:
            self.running.__exit__(None, None, None)
            self.running = None

    def reset(self) -> None:
        vars(self.fake).update(vars(FakeApi()))
        self.start()


@dataclass
class Tab:
    """A browser tab on the page, and every host that it asked."""

    page: Page
    url: str
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> Page:
        self.page.goto(self.url + query)
        return self.page


def _wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    with httpx2.Client(trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                client.get(url).raise_for_status()
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                return
    pytest.fail(f"the UI did not answer at {url}; exit code {process.poll()}")


@pytest.fixture(scope="session")
def api_server() -> Iterator[ApiServer]:
    server = ApiServer(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ui_url(api_server: ApiServer) -> Iterator[str]:
    port = free_port()
    wanted = {"CANDLECAST_API__URL": f"http://127.0.0.1:{api_server.port}", "CANDLECAST_UI__PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "ui"], env=os.environ | wanted)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on this machine: install one to run the tests of the page")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running.new_context(viewport={"width": 1280, "height": 900})
        running.close()


@pytest.fixture
def fake(api_server: ApiServer) -> FakeApi:
    api_server.reset()
    return api_server.fake


@pytest.fixture
def tab(context: BrowserContext, ui_url: str, fake: FakeApi) -> Iterator[Tab]:
    found = Tab(context.new_page(), ui_url)
    found.page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    found.page.on("request", lambda request: found.hosts.add(request.url.split("/")[2]))
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    yield found
    found.page.close()
