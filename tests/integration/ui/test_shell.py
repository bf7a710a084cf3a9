"""The frame of every page in a real browser: menu, live link, cuts, keys, and a proxy in front."""

import re

import pytest
from playwright.sync_api import expect

from candlecast.schemas import Check, Problem, SourceState
from tests.browser import expect_drawn
from tests.fakes import make_readiness

CUT = "() => { const line = document.querySelector('.cc-readout'); return line.scrollHeight - line.clientHeight; }"
PATHS = ("track-record", "settings")


def link(page, state):
    expect(page.locator("html")).to_have_attribute("data-link", state)


@pytest.mark.parametrize("path", PATHS)
def test_page_has_its_menu_one_heading_and_no_complaint(tab, path):
    page = tab.open(path)

    link(page, "up")
    expect(page.locator(".cc-menu a")).to_have_count(6)
    expect(page.locator(".cc-menu a[aria-current='page']")).to_have_count(1)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator(".nav-holder")).to_be_hidden()
    expect(page.locator(".cc-foot")).to_contain_text("Not financial advice")
    assert tab.errors == []
    assert tab.hosts == {tab.url.split("/")[2]}


def test_live_price_is_written_where_it_stands(tab, fake):
    page = tab.open()
    link(page, "up")
    shown = page.locator("[data-price-symbol='ETH/USDT']").first
    expect(shown).to_be_visible()

    fake.say("price", symbol="ETH/USDT", price=1_234.5)

    expect(shown).to_have_text("1,234.50")


def test_cut_and_return_of_the_api_are_said_without_a_hand(tab, api_server):
    page = tab.open()
    expect(page.locator("#cc-source")).to_contain_text("Recorded")
    link(page, "up")

    api_server.stop()
    expect(page.locator("#cc-link")).to_be_visible()
    expect(page.locator("#cc-source")).to_have_text("No answer")
    expect(page.locator("#cc-banner")).to_contain_text("asks again by itself")

    api_server.start()
    link(page, "up")
    expect(page.locator("#cc-source")).to_contain_text("Recorded")
    expect(page.locator("#cc-link")).to_be_hidden()


def test_panel_without_an_answer_is_filled_soon_after_there_is_one(tab, fake):
    fake.failing["/v1/forecasts/latest"] = Problem(
        title="Storage unavailable", status=503, detail="the database is down"
    )
    page = tab.open()
    link(page, "up")
    expect(page.locator("#cc-forecast")).to_contain_text("the database is down")

    fake.failing.clear()

    # refreshing is due in five minutes
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")


@pytest.mark.parametrize("width_px", [1_280, 1_440])
def test_header_stays_in_one_row_and_no_figure_is_cut(tab, fake, width_px):
    sources = {"BTC/USDT": SourceState(source="binance", quality="stream")}
    fake.readiness = make_readiness(sources=sources, data_age_s={"BTC/USDT": 3_540.0})
    tab.page.set_viewport_size({"width": width_px, "height": 900})

    page = tab.open("charts?ind=vol,bb,rsi,macd")

    expect_drawn(page)
    expect(page.locator("#cc-age")).to_be_visible()
    assert page.evaluate("() => document.querySelector('.cc-bar').clientHeight") < 60
    assert page.evaluate(CUT) <= 0
    tab.page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(CUT) <= 0


def test_check_that_begins_to_fail_is_said_without_a_hand(tab, fake):
    page = tab.open()
    link(page, "up")

    fake.readiness = make_readiness(checks=[Check(name="redis", ok=False, detail="down: slower, nothing is lost")])

    expect(page.locator("#cc-banner")).to_contain_text("redis: down: slower, nothing is lost")


def test_api_that_is_slow_to_say_how_it_is_is_called_slow_until_it_is_quick_again(tab, fake):
    page = tab.open()
    link(page, "up")
    source = page.locator("#cc-source")
    expect(source).to_contain_text("Recorded")

    fake.slow_s["/readyz"] = 4.0
    # what was said within the last second is shared: an early press meets it
    page.wait_for_timeout(1_000)
    page.keyboard.press("r")
    expect(source).to_contain_text("Recorded · slow")
    fake.slow_s.clear()

    # refreshing is due in five minutes
    expect(source).to_have_text("Recorded")


def test_keys_search_pause_help_and_go(tab):
    page = tab.open()
    link(page, "up")
    expect(page.locator("#cc-symbols option")).to_have_count(3)

    page.keyboard.press("/")
    page.keyboard.type("eth")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"symbol=ETH%2FUSDT"))
    page.keyboard.press("p")
    expect(page.locator("[data-countdown]")).to_have_text("paused")
    page.keyboard.press("p")
    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"\d+:\d\d"))
    page.keyboard.press("?")
    expect(page.locator("#cc-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#cc-help")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("n")

    # the series on show goes along
    expect(page).to_have_url(re.compile(r"/news\?symbol=ETH%2FUSDT"))


def test_look_kept_in_the_browser_holds_before_gradio_has_started(tab, fake):
    page = tab.open()
    page.evaluate("candlecast.keepLook({theme: 'light', timeZone: 'Asia/Tokyo', refreshS: 60, revision: 1})")

    page.reload(wait_until="domcontentloaded")

    assert page.evaluate("[document.documentElement.className, document.body.dataset.timeZone]") == ["", "Asia/Tokyo"]
    page.evaluate("localStorage.clear()")
