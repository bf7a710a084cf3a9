"""A real browser for tests of the page: tabs that remember what went wrong, and probes of what a tab holds."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from tests.loopback import free_port
from tests.needs import cannot_test

# no test gets what the page was told in the one before
SHARED_S = 0.1
UI_START_LIMIT_S = 60
# the levels that shut somebody out; colours over glass are checked apart, axe cannot see what lies behind
GRAVE = ("serious", "critical")
_AXE_RUN = "() => axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"


@dataclass
class Tab:
    """A browser tab on the page, the hosts that it asked, and what its console and scripts complained of."""

    page: Page
    url: str
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note_host)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note_complaint)

    def open(self, path: str = "", *, taken_over: bool = True) -> Page:
        """Load a path of the page, as ``charts?symbol=ETH/USDT``, and wait until Gradio has taken it over."""
        self.page.goto(self.url + path)
        if taken_over:
            # meanwhile both may show the same
            expect(self.page.locator("#cc-first")).to_have_count(0)
        return self.page

    def _note_host(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            self.hosts.add(parts.netloc)

    def _note_complaint(self, message) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")


@dataclass(frozen=True, slots=True)
class Held:
    """What a tab holds after its garbage was collected."""

    heap_bytes: int
    nodes: int
    listeners: int


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Yield a headless Chromium of this machine, or skip the test where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        cannot_test("no chromium on this machine: install one to run the tests of the page")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@contextmanager
def run_page(api_url: str, **settings: str) -> Iterator[str]:
    """Yield the address of a page server of its own, with ``CANDLECAST_`` settings, ending in ``/``."""
    port = free_port()
    wanted = {
        "CANDLECAST_API__URL": api_url,
        "CANDLECAST_UI__PORT": str(port),
        "CANDLECAST_UI__SHARED_S": str(SHARED_S),
    }
    wanted |= {f"CANDLECAST_{name}": value for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, "-m", "ui"], env=os.environ | wanted)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def expect_drawn(page: Page, key: str = "BTC/USDT 1h") -> None:
    """Wait until the one tall chart of a page shows a series."""
    expect(page.locator("#cc-chart .cc-plot")).to_have_attribute("data-drawn", key)


def held(page: Page) -> Held:
    """Return what the tab holds, after two collections of garbage."""
    session = page.context.new_cdp_session(page)
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    counters = _counters(session)
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return Held(int(usage["usedSize"]), counters["nodes"], counters["jsEventListeners"])


def accessibility_faults(page: Page) -> list[str]:
    """Return each serious or critical violation that axe-core finds, with the elements it names."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate(AXE_SCRIPT)
    return [
        f"{found['id']} ({found['impact']}): {[node['target'] for node in found['nodes']][:5]}"
        for found in page.evaluate(_AXE_RUN)
        if found["impact"] in GRAVE
    ]


def _counters(session: CDPSession) -> dict[str, int]:
    return session.send("Memory.getDOMCounters")


def _wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + UI_START_LIMIT_S
    with httpx2.Client(trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                client.get(url).raise_for_status()
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                return
    pytest.fail(f"the page server did not answer at {url}; exit code {process.poll()}")
