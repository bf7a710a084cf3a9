"""Is every page calm, offline, readable for all, and deaf to what a headline says?"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab, accessibility_faults
from tests.e2e.conftest import SYMBOLS

pytestmark = pytest.mark.timeout(300)

PAGES = ("", "charts", "news", "track-record", "models", "settings")


def expect_settled(page: Page) -> None:
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator(".cc-skeleton")).to_have_count(0)
    if page.locator(".cc-plot").count():
        page.wait_for_function("() => [...document.querySelectorAll('.cc-plot')].every((plot) => plot.dataset.drawn)")


def leave(tab: Tab) -> list[str]:
    """Return what the page complained of; Gradio complains of requests that end because the reader leaves."""
    found = list(tab.errors)
    tab.page.goto("about:blank")
    tab.errors.clear()
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_page_is_quiet_and_accessible_and_asks_no_other_host(tab, theme):
    tab.page.emulate_media(color_scheme=theme)
    faults = {}
    for path in PAGES:
        page = tab.open(path)
        expect_settled(page)
        expect(page.get_by_text("Not financial advice").last).to_be_visible()
        faults[path] = [*accessibility_faults(page), *leave(tab)]

    assert {path: found for path, found in faults.items() if found} == {}
    assert tab.hosts == {tab.url.split("/")[2]}


def test_every_page_fits_a_phone(tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    widths = {}
    for path in PAGES:
        page = tab.open(path)
        expect_settled(page)
        widths[path] = page.evaluate("() => document.documentElement.scrollWidth")

    assert set(widths.values()) == {390}


def test_hostile_headlines_run_nothing_and_lead_nowhere(tab):
    asked: list[str] = []
    tab.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    for path in (
        f"?symbol={SYMBOLS[0]}",
        f"news?symbol={SYMBOLS[0]}&text=bitcoin",
        f"charts?symbol={SYMBOLS[0]}&ind=news",
    ):
        page = tab.open(path.format(SYMBOLS[0]))
        expect_settled(page)
        if path.startswith("news"):
            expect(page.locator("#cc-news-list")).to_contain_text("rallies Bitcoin (0)")
        links = page.locator("a").evaluate_all("(all) => all.map((a) => [a.protocol, a.target, a.rel])")

        assert page.title() != "owned"
        assert page.locator("img[src='x'], svg[onload]").count() == 0
        assert {protocol for protocol, _, _ in links} <= {"http:", "https:"}
        assert all("noopener" in rel for _, target, rel in links if target == "_blank")
        assert leave(tab) == []

    assert asked == []
