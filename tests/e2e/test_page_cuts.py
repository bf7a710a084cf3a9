"""Does an open page say within 10 s what was cut, keep what it has, and recover by itself?"""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import expect_drawn
from tests.e2e.conftest import SYMBOLS, Stack
from tests.e2e.page_reading import HOME, row_of

pytestmark = pytest.mark.timeout(300)

SAID_WITHIN_MS = 10_000
MENDED_WITHIN_MS = 45_000
# a page looks every few seconds for an API that is gone
API_MENDED_WITHIN_MS = 20_000


@pytest.fixture
def page(way_tab) -> Page:
    opened = way_tab.open(HOME)
    expect_drawn(opened)
    expect(opened.locator("#cc-forecast .cc-row").first).to_be_visible()
    expect(opened.locator("html")).to_have_attribute("data-link", "up")
    return opened


@contextmanager
def suspended(process: psutil.Process) -> Iterator[None]:
    """Let a server hold all its connections and say nothing."""
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def valkey_of(stack: Stack) -> psutil.Process:
    port = stack.ports.of("redis")
    found = [c.pid for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == psutil.CONN_LISTEN]
    return psutil.Process(found[0])


def n_candles(page: Page) -> int:
    return page.evaluate("() => document.querySelector('.cc-plot').data[0].x.length")


def banner(page: Page) -> Locator:
    return page.locator("#cc-banner")


def test_cut_api_is_said_what_is_shown_stays_and_it_comes_back(page, way):
    shown = n_candles(page)

    way.cut()

    expect(page.locator("#cc-source")).to_have_text("No answer", timeout=SAID_WITHIN_MS)
    expect(banner(page)).to_contain_text("no Candlecast API answers", timeout=SAID_WITHIN_MS)
    assert row_of(page, "#cc-forecast", "P(up)").endswith("%")
    assert n_candles(page) >= shown
    assert "Traceback" not in page.inner_text("body")

    way.mend()

    expect(page.locator("#cc-source")).to_contain_text("Recorded", timeout=API_MENDED_WITHIN_MS)
    expect(banner(page)).not_to_contain_text("no Candlecast API answers")
    expect(page.locator(".cc-stale")).to_have_count(0, timeout=API_MENDED_WITHIN_MS)
    expect(page.locator("html")).to_have_attribute("data-link", "up", timeout=API_MENDED_WITHIN_MS)


def test_cut_stream_is_said_while_refreshes_go_on_and_it_comes_back(page, way):
    way.cut(only=b"GET /v1/stream")

    expect(page.locator("html")).to_have_attribute("data-link", "down", timeout=SAID_WITHIN_MS)
    expect(page.locator("#cc-link")).to_be_visible(timeout=SAID_WITHIN_MS)
    page.keyboard.press("r")
    expect(page.locator("#cc-source")).to_contain_text("Recorded")

    way.mend()

    expect(page.locator("html")).to_have_attribute("data-link", "up", timeout=MENDED_WITHIN_MS)
    expect(page.locator("#cc-link")).to_be_hidden()


def test_silent_redis_is_said_forecasts_go_on_and_it_comes_back(page, stack):
    with suspended(valkey_of(stack)):
        expect(banner(page)).to_contain_text("redis: down", timeout=SAID_WITHIN_MS)
        page.keyboard.press("r")
        expect(page.locator("#cc-forecast .cc-row").first).to_be_visible()
        expect_drawn(page)

    expect(banner(page)).not_to_contain_text("redis: down", timeout=MENDED_WITHIN_MS)


def test_cut_news_feeds_are_named_and_candles_go_on(page, stack):
    faults = stack.ports.url("replay") + "/faults"
    httpx2.post(faults, json=[{"kind": "error", "venue": "rss", "length_s": 60}]).raise_for_status()
    try:
        until_ready_says(stack, re.compile("failing: .*rss:"))
        expect(banner(page)).to_contain_text(re.compile("news: .*failing: .*rss:"), timeout=SAID_WITHIN_MS)
        expect(page.locator("#cc-source")).to_contain_text("Recorded")
    finally:
        httpx2.delete(faults).raise_for_status()

    expect(banner(page)).not_to_contain_text("failing:", timeout=MENDED_WITHIN_MS)


def test_home_venue_that_fails_is_left_and_the_detour_is_said(page, stack):
    faults = stack.ports.url("replay") + "/faults"
    httpx2.post(faults, json=[{"kind": kind, "venue": "binance", "length_s": 60} for kind in ("drop", "error")])
    try:
        until_status(stack, quality="failover")
        expect(page.locator("#cc-source")).to_contain_text("failover", timeout=SAID_WITHIN_MS)
        expect(page.locator("#cc-watchlist .cc-detour").first).to_be_visible(timeout=SAID_WITHIN_MS)
    finally:
        httpx2.delete(faults).raise_for_status()


def until_ready_says(stack: Stack, wanted: re.Pattern, *, patience_s: float = 30) -> None:
    until(lambda: wanted.search(httpx2.get(stack.ports.url("serve") + "/readyz", timeout=30).text), patience_s)


def until_status(stack: Stack, *, quality: str, patience_s: float = 70) -> None:
    def holds() -> bool:
        found = httpx2.get(stack.ports.url("serve") + "/v1/symbols", timeout=30).json()
        return any(one["symbol"] == SYMBOLS[0] and one["quality"] == quality for one in found)

    until(holds, patience_s)


def until(holds, patience_s: float) -> None:
    deadline_s = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {patience_s} s"
        time.sleep(0.2)
