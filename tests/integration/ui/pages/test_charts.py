import csv
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import SHARED_S, expect_drawn
from tests.fakes import NOW, make_status, make_wire_candles

PLOT = "document.querySelector('#cc-chart .cc-plot')"
RANGE = f"() => {PLOT}.layout.xaxis.range.map(String)"
WIRE = "() => JSON.stringify(candlecastCharts.view('cc-chart').wire)"
PANES = "ind=vol,bb,rsi,macd"


def refreshed(page):
    # answers are shared for that long
    page.wait_for_timeout(2_000 * SHARED_S)
    before = page.evaluate(f"() => {PLOT}.dataset.digest")
    page.evaluate("() => document.dispatchEvent(new CustomEvent('cc:refresh', {detail: {reason: 'test'}}))")
    page.wait_for_function(f"before => {PLOT}.dataset.digest !== before", arg=before)


def test_panes_are_drawn_and_read_off_under_the_crosshair(tab):
    page = tab.open(f"charts?{PANES},news")
    expect_drawn(page)

    readout = page.locator("#cc-chart .cc-readout")
    for label in ("O", "H", "L", "C", "Vol", "BB high", "RSI", "MACD", "Signal"):
        expect(readout).to_contain_text(f"{label} ")
    newest = readout.inner_text()
    box = page.locator("#cc-chart .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)

    expect(readout).not_to_have_text(newest, use_inner_text=True)
    assert tab.errors == []
    assert tab.hosts == {tab.url.split("/")[2]}


def test_new_candle_comes_as_changes_and_leaves_the_zoom_alone(tab, fake):
    page = tab.open(f"charts?{PANES}")
    expect_drawn(page)
    page.evaluate(f"() => Plotly.relayout({PLOT}, {{'xaxis.range': ['2022-10-08 00:00:00', '2022-10-09 00:00:00']}})")
    expect(page).to_have_url(re.compile("range=2022-10-08T00%3A00%3A00Z"))
    zoomed = page.evaluate(RANGE)

    fake.partials["BTC/USDT"] = make_wire_candles(1, level=19_000)[0].model_copy(
        update={"open_time": NOW, "close_time": NOW + timedelta(hours=1), "quality": "partial"}
    )
    refreshed(page)

    assert page.evaluate(RANGE) == zoomed
    assert page.evaluate(f"() => {PLOT}.data[0].x.at(-1)") == "2022-10-11 12:00:00"
    stepped = page.evaluate(WIRE)
    page.reload()
    expect_drawn(page)
    assert page.evaluate(WIRE) == stepped
    assert page.evaluate(RANGE) == zoomed


def test_live_price_moves_the_running_candle(tab, fake):
    fake.partials["BTC/USDT"] = make_wire_candles(1, level=19_000)[0].model_copy(
        update={"open_time": NOW, "close_time": NOW + timedelta(hours=1), "quality": "partial"}
    )
    page = tab.open("charts")
    expect_drawn(page)

    page.evaluate(
        "detail => document.dispatchEvent(new CustomEvent('cc:price', {detail}))",
        {"symbol": "BTC/USDT", "price": 30_000},
    )

    page.wait_for_function(f"() => {PLOT}.data[0].close.at(-1) === 30000 && {PLOT}.data[0].high.at(-1) === 30000")


def test_visible_candles_are_saved_as_csv_and_the_chart_as_png(tab, fake, tmp_path):
    page = tab.open("charts?ind=vol,rsi&range=2022-10-10T00:00:00Z~2022-10-11T00:00:00Z")
    expect_drawn(page)

    with page.expect_download() as told:
        page.locator("[data-chart-csv]").click()
    told.value.save_as(tmp_path / "candles.csv")
    rows = list(csv.DictReader((tmp_path / "candles.csv").read_text().splitlines()))
    shown = [one for one in fake.candles("BTC/USDT", "1h") if one.open_time.day == 10]
    assert [row["time"] for row in rows] == [f"{one.open_time:%Y-%m-%dT%H:%M:%S}Z" for one in shown]
    assert [float(row["close"]) for row in rows] == [one.close for one in shown]
    assert "momentum_rsi" in rows[0]

    with page.expect_download() as told:
        page.locator("[data-chart-png]").click()
    told.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_times_and_colours_follow_the_page(tab):
    page = tab.open("charts")
    expect_drawn(page)

    page.evaluate("() => document.body.style.setProperty('--cc-up', '#0000ff')")
    page.evaluate("() => { document.body.dataset.timeZone = 'Asia/Tokyo'; }")

    page.wait_for_function(f"() => {PLOT}.data[0].x.at(-1) === '2022-10-11 20:00:00'")
    assert page.evaluate(f"() => {PLOT}.data[0].increasing.fillcolor") == "rgba(0,0,255,1)"


def test_coarser_timeframe_has_no_fan_and_says_so(tab, fake):
    fake.statuses = [make_status("BTC/USDT", chart_timeframes=["1h", "4h", "1d"])]
    page = tab.open("charts")
    expect_drawn(page)

    page.get_by_role("button", name="4h").click()

    expect_drawn(page, "BTC/USDT 4h")
    expect(page.locator("#cc-remarks")).to_contain_text("Forecasts are made for 1h alone")
    assert page.evaluate(f"() => {PLOT}.layout.xaxis2 === undefined")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_way_to_a_time_zone_and_back_is_no_way(tab, zone):
    page = tab.open("charts")
    expect_drawn(page)

    script = "([text, zone]) => candlecastCharts.times.utc(candlecastCharts.times.local(text, zone), zone)"
    assert page.evaluate(script, ["2022-03-13 05:30:00", zone]) == "2022-03-13 05:30:00"
