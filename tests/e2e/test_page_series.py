"""Can a reader choose a series, read it, keep it, and take it away?"""

import csv
import io
import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import expect_drawn
from tests.e2e.conftest import SYMBOLS
from tests.e2e.page_reading import HOME, RANGE, TRACE, api, drag_zoom, forecast_known, same_round, visible

pytestmark = pytest.mark.timeout(300)

CHARTS = f"charts?symbol={SYMBOLS[0]}&tf=1h&ind=vol,bb,rsi,macd"
BANDS = (
    "() => document.querySelector('.cc-plot').data.filter((trace) => / interval$/.test(trace.name))"
    ".map((trace) => [parseInt(trace.name), Math.min(...trace.y), Math.max(...trace.y)])"
)
READOUT = "#cc-chart .cc-readout"


def test_symbol_searched_by_key_agrees_in_title_address_chart_and_api(tab, stack):
    page = tab.open(HOME)
    expect_drawn(page)

    page.keyboard.press("/")
    page.keyboard.type("eth")
    page.keyboard.press("Enter")

    expect_drawn(page, f"{SYMBOLS[1]} 1h")
    expect(page.locator("h1")).to_have_text(SYMBOLS[1])
    expect(page).to_have_url(re.compile(r"symbol=ETH(%2F|/)USDT"))
    drawn = page.evaluate(TRACE, "candlestick")
    told = {
        one["open_time"][:19].replace("T", " "): one["close"]
        for one in api(stack, "/v1/candles", symbol=SYMBOLS[1], timeframe="1h", limit=600)["candles"]
    }
    known = {when: close for when, close in zip(drawn["x"], drawn["close"], strict=True) if when in told}
    assert len(known) >= len(drawn["x"]) - 2 > 100
    assert known == {when: told[when] for when in known}


def test_crosshair_tells_prices_and_indicators_of_the_candle_as_the_api_does(tab, stack):
    page = tab.open(CHARTS)
    expect_drawn(page)
    box = page.locator(".cc-plot .nsewdrag").first.bounding_box()

    resting = page.locator(f"{READOUT} time").inner_text()

    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4, steps=4)

    page.wait_for_function(
        "([strip, before]) => document.querySelector(strip + ' time').textContent !== before", arg=[READOUT, resting]
    )
    when, fields = page.locator(READOUT).evaluate(
        "(strip) => [strip.querySelector('time').textContent, [...strip.querySelectorAll('span')].map("
        "(one) => [one.firstChild.textContent.trim(), one.querySelector('b').textContent])]"
    )
    asked = {"symbol": SYMBOLS[0], "timeframe": "1h"}
    candles = api(stack, "/v1/candles", **asked, limit=600)["candles"]
    candle = next(one for one in candles if one["open_time"].startswith(when.replace(" ", "T")))
    indicators = api(stack, "/v1/indicators", **asked, names="rsi", limit=600)
    place = indicators["open_times"].index(candle["open_time"])
    told = dict(fields)
    for label, name in (("O", "open"), ("H", "high"), ("L", "low"), ("C", "close")):
        assert visible(told[label]) == pytest.approx(candle[name], rel=1e-3)
    rsi = next(value for label, value in fields if label.startswith("RSI"))
    assert visible(rsi) == pytest.approx(indicators["series"]["momentum_rsi"][place], abs=0.01)


def test_panes_switch_on_and_off_and_stand_in_the_address(tab):
    page = tab.open(CHARTS)
    expect_drawn(page)
    n_axes = "() => Object.keys(document.querySelector('.cc-plot').layout).filter((n) => n.startsWith('yaxis')).length"
    with_all = page.evaluate(n_axes)

    page.get_by_role("button", name="RSI", exact=True).click()

    page.wait_for_function(f"before => ({n_axes})() === before - 1", arg=with_all)
    expect(page.get_by_role("button", name="RSI", exact=True)).to_have_attribute("aria-pressed", "false")
    assert "rsi" not in page.url


def test_zoom_survives_a_forced_refresh(tab):
    page = tab.open(HOME)
    expect_drawn(page)
    zoomed = drag_zoom(page)

    with page.expect_request(lambda asked: "queue/join" in asked.url):
        page.keyboard.press("r")
    page.wait_for_timeout(1_500)

    assert page.evaluate(RANGE) == zoomed


def test_fan_is_nested_and_equals_the_forecast(tab, stack):
    def read(page: Page) -> list[list]:
        expect_drawn(page)
        page.wait_for_function("() => document.querySelector('.cc-plot').layout.xaxis2 !== undefined")
        return page.evaluate(BANDS)

    made, bands = same_round(tab, lambda: forecast_known(stack), read, path=HOME)

    assert [level for level, _, _ in bands] == [95, 90, 80, 50]
    assert all(outer[1] < inner[1] < inner[2] < outer[2] for outer, inner in pairwise(bands))
    told = {round(100 * one["level"]): (one["low"], one["high"]) for one in made["intervals"]}
    for level, *ends in bands:
        assert ends == pytest.approx(told[level], rel=1e-6)
    words = tab.page.evaluate("() => document.querySelector('.cc-plot').layout.annotations.map((a) => a.text)")
    assert {"now", "+1h"} <= set(words)


def test_fan_is_hidden_and_its_absence_explained_where_there_is_no_forecast(tab):
    page = tab.open(HOME)
    expect_drawn(page)

    page.locator(f'#cc-watchlist [data-symbol="{SYMBOLS[2]}"]').click()

    expect_drawn(page, f"{SYMBOLS[2]} 1h")
    assert page.evaluate("() => document.querySelector('.cc-plot').layout.xaxis2") is None
    assert page.evaluate(BANDS) == []
    expect(page.locator("#cc-forecast")).to_contain_text("backfill")


def test_table_of_the_chart_holds_the_visible_candles_as_the_api_tells_them(tab, stack):
    page = tab.open(CHARTS)
    expect_drawn(page)
    drag_zoom(page)
    start, end = (text[:19] for text in page.evaluate(RANGE))

    with page.expect_download() as given:
        page.locator("[data-chart-csv]").first.click()

    rows = [row for row in csv.DictReader(io.StringIO(Path(given.value.path()).read_text())) if row["closed"] == "true"]
    told = api(stack, "/v1/candles", symbol=SYMBOLS[0], timeframe="1h", limit=600)["candles"]
    shown = [one for one in told if start <= one["open_time"][:19].replace("T", " ") < end]
    assert len(rows) == len(shown) > 10
    for row, candle in zip(rows, shown, strict=True):
        assert row["time"][:19] == candle["open_time"][:19]
        assert [float(row[name]) for name in ("open", "high", "low", "close")] == [
            candle[name] for name in ("open", "high", "low", "close")
        ]


def test_picture_of_the_chart_is_a_png(tab):
    page = tab.open(CHARTS)
    expect_drawn(page)

    with page.expect_download() as given:
        page.locator("[data-chart-png]").first.click()

    assert given.value.suggested_filename.endswith(".png")
    assert Path(given.value.path()).read_bytes().startswith(b"\x89PNG")


def test_address_of_a_chart_opens_the_same_chart_for_somebody_else(tab, browser):
    page = tab.open(f"charts?symbol={SYMBOLS[1]}&tf=4h&ind=rsi&log=1")
    expect_drawn(page, f"{SYMBOLS[1]} 4h")
    drag_zoom(page)
    page.wait_for_function("() => new URL(location).searchParams.has('range')")
    zoomed = page.evaluate(RANGE)

    other = browser.new_context().new_page()
    other.goto(page.url)

    expect_drawn(other, f"{SYMBOLS[1]} 4h")
    expect(other.get_by_role("button", name="RSI", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(other.get_by_role("button", name="MACD", exact=True)).to_have_attribute("aria-pressed", "false")
    assert other.evaluate("() => document.querySelector('.cc-plot').layout.yaxis.type") == "log"
    # whole candles are shown
    for end, wanted in zip(other.evaluate(RANGE), zoomed, strict=True):
        assert abs(datetime.fromisoformat(end) - datetime.fromisoformat(wanted)) <= timedelta(hours=4)
    other.context.close()


def test_keys_change_the_timeframe_pause_help_and_go_to_pages(tab):
    page = tab.open(HOME)
    expect_drawn(page)

    page.keyboard.press("4")
    expect_drawn(page, f"{SYMBOLS[0]} 4h")
    page.keyboard.press("1")
    expect_drawn(page)
    page.keyboard.press("p")
    expect(page.locator("[data-pause]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.locator("#cc-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("n")

    expect(page).to_have_url(re.compile("/news"))


def test_preferences_outlive_the_page_and_hold_on_every_page(tab):
    page = tab.open("settings")
    page.locator("html").wait_for()
    page.get_by_role("button", name="Light", exact=True).or_(page.get_by_label("Light", exact=True)).first.click()

    page.wait_for_function("() => !document.documentElement.classList.contains('dark')")
    page = tab.open("news")

    page.wait_for_function("() => !document.documentElement.classList.contains('dark')")
    assert page.evaluate("() => document.body.classList.contains('dark')") is False
