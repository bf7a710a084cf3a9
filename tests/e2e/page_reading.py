"""What does a tab show, read back as figures, and what does the API say?"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import httpx2
from playwright.sync_api import Page

from tests.browser import Tab
from tests.e2e.conftest import SYMBOLS, Stack

HOME = f"?symbol={SYMBOLS[0]}&tf=1h"
# to the second, as an address holds it
RANGE = "() => document.querySelector('.cc-plot').layout.xaxis.range.map((end) => String(end).slice(0, 19))"
TRACE = "(name) => document.querySelector('.cc-plot').data.find((trace) => trace.type === name)"


def api(stack: Stack, path: str, **params: Any) -> Any:
    """Return what the API answers."""
    answer = httpx2.get(stack.ports.url("serve") + path, params=params, timeout=30)
    answer.raise_for_status()
    return answer.json()


def forecast_known(stack: Stack, *, patience_s: float = 60.0) -> dict[str, Any]:
    """Return the newest forecast of the first symbol, waiting for one where there is none yet."""
    deadline_s = time.monotonic() + patience_s
    while True:
        asked = {"symbol": SYMBOLS[0], "timeframe": "1h"}
        answer = httpx2.get(stack.ports.url("serve") + "/v1/forecasts/latest", params=asked, timeout=30)
        if answer.status_code == 200:
            # its age is another one each time it is asked
            return {name: value for name, value in answer.json().items() if name != "data"}
        assert time.monotonic() < deadline_s, answer.text
        time.sleep(0.5)


def same_round(tab: Tab, ask: Callable[[], Any], read: Callable[[Page], Any], *, path: str = "") -> tuple[Any, Any]:
    """Return what the API says and what the page shows, of one moment between two candles."""
    for _ in range(4):
        before = ask()
        shown = read(tab.open(path))
        if ask() == before:
            return before, shown
    raise AssertionError("the answer changed during each of four looks")


@contextmanager
def answers_during(ask: Callable[[], Any], *, every_s: float = 0.1) -> Iterator[list[Any]]:
    """Yield the list that grows by each new answer of the API, for what changes while a page is read."""
    answers, ended = [ask()], Event()

    def note() -> None:
        if (answer := ask()) != answers[-1]:
            answers.append(answer)

    def note_on() -> None:
        while not ended.wait(every_s):
            note()

    thread = Thread(target=note_on)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()
        note()


def row_of(page: Page, panel: str, label: str) -> str:
    """Return the value of one line of a panel."""
    lines = page.locator(f"{panel} .cc-row").filter(has=page.locator("span:first-child", has_text=label))
    return lines.first.locator("> span").last.inner_text()


def visible(number: str) -> float:
    """Return a number as it is written for readers."""
    return float(number.replace(",", "").replace("−", "-"))


def drag_zoom(page: Page) -> list[str]:
    """Zoom into the chart by the wheel, and return the range that it then shows."""
    before = page.evaluate(RANGE)
    box = page.locator(".cc-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"before => JSON.stringify(({RANGE})()) !== JSON.stringify(before)", arg=before)
    page.wait_for_timeout(300)
    return page.evaluate(RANGE)
