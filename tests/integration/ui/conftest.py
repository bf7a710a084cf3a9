"""One page server for all, one browser per module, one tab per test."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import Tab, open_browser, run_page
from tests.fakes import FakeApi
from tests.loopback import free_port, serve_app

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


@pytest.fixture(scope="session")
def api_server() -> Iterator[ApiServer]:
    server = ApiServer(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ui_url(api_server: ApiServer) -> Iterator[str]:
    with run_page(f"http://127.0.0.1:{api_server.port}") as url:
        yield url


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with open_browser() as browser:
        yield browser.new_context(viewport={"width": 1280, "height": 900})


@pytest.fixture
def fake(api_server: ApiServer) -> FakeApi:
    api_server.reset()
    return api_server.fake


@pytest.fixture
def tab(context: BrowserContext, ui_url: str, fake: FakeApi) -> Iterator[Tab]:
    found = Tab(context.new_page(), ui_url)
    found.page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield found
    found.page.close()
