"""What does the dashboard show before Gradio has started, and what stays when it has?"""

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility_faults, expect_drawn

DOUBLED = """() => {
  const names = [...document.querySelectorAll('[id]')].map((element) => element.id);
  return names.filter((name, place) => names.indexOf(name) !== place);
}"""
PLACES = """() => [...document.querySelectorAll('#cc-page [id^="cc-"], .cc-plot .main-svg')].map((element) => {
  const box = element.getBoundingClientRect();
  return [element.id, Math.round(box.x), Math.round(box.y), Math.round(box.width), Math.round(box.height)];
})"""
GRADIO = "**/assets/Index-*.js"


@pytest.fixture
def held_back(tab):
    """The dashboard as it is while Gradio's own scripts are still on their way, and what lets them come."""
    waiting, free = [], []
    tab.page.route(GRADIO, lambda route: route.continue_() if free else waiting.append(route))

    def come() -> None:
        free.append(True)
        for route in waiting:
            route.continue_()

    page = tab.open(taken_over=False)
    expect_drawn(page)
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")
    return page, come


def test_first_view_is_filled_alive_and_accessible_before_gradio_has_started(held_back, tab, fake):
    page, _ = held_back

    expect(page.locator("#cc-watchlist button")).to_have_count(3)
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate(DOUBLED) == []
    assert accessibility_faults(page) == []
    page.locator("#cc-watchlist button", has_text="ETH").click()
    expect_drawn(page, "ETH/USDT 1h")
    expect(page.locator("h1")).to_have_text("ETH/USDT")
    expect(page.locator("#cc-first")).to_have_count(1)
    assert tab.errors == []


def test_gradio_takes_over_what_is_shown_in_place(held_back, tab):
    page, come = held_back
    page.evaluate("() => { document.querySelector('.cc-plot').ccSame = true; }")
    before = page.evaluate(PLACES)
    page.locator("#cc-search").fill("et")

    come()

    expect(page.locator("#cc-first")).to_have_count(0)
    assert page.evaluate(PLACES) == before
    assert page.evaluate(DOUBLED) == []
    assert page.evaluate("() => document.querySelector('#cc-chart .cc-plot').ccSame")
    expect(page.locator("#cc-search")).to_have_value("et")
    page.locator("#cc-watchlist button", has_text="ETH").click()
    expect_drawn(page, "ETH/USDT 1h")
    assert tab.errors == []


def test_first_view_that_gets_no_answer_leaves_the_page_to_gradio(tab):
    tab.page.route("**/first/dashboard*", lambda route: route.fulfill(status=500))

    page = tab.open(taken_over=False)

    expect_drawn(page)
    expect(page.locator("#cc-first")).to_have_count(0)
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")
