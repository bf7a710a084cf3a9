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


PRICES = f"""() => {{
  const {{ data, layout }} = {PLOT};
  const [from, to] = layout.xaxis.range.map(String);
  const times = data[0].x;
  const places = times.map((_, place) => place).filter((place) => times[place] >= from && times[place] < to);
  const least = (values) => Math.min(...places.map((place) => values[place]));
  const most = (values) => Math.max(...places.map((place) => values[place]));
  const band = (label) => data.find((trace) => trace.meta?.label === label)?.y ?? [];
  const fan = data.filter((trace) => trace.xaxis === 'x2').flatMap((trace) => trace.y);
  return {{
    axis: layout.yaxis.range, low: least(data[0].low), high: most(data[0].high),
    bandLow: least(band('BB low')), bandHigh: most(band('BB high')),
    fanLow: Math.min(...fan), fanHigh: Math.max(...fan),
  }};
}}"""
FITTED = f"""() => JSON.stringify(candlecastCharts.view('cc-chart').fitted.yaxis)
  === JSON.stringify({PLOT}.layout.yaxis.range)"""


def running_candle(level=19_000):
    return make_wire_candles(1, level=level)[0].model_copy(
        update={"open_time": NOW, "close_time": NOW + timedelta(hours=1), "quality": "partial"}
    )


def say_price(page, price):
    page.evaluate(
        "detail => document.dispatchEvent(new CustomEvent('cc:price', {detail}))",
        {"symbol": "BTC/USDT", "price": price},
    )


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

    fake.partials["BTC/USDT"] = running_candle()
    refreshed(page)

    assert page.evaluate(RANGE) == zoomed
    assert page.evaluate(f"() => {PLOT}.data[0].x.at(-1)") == "2022-10-11 12:00:00"
    stepped = page.evaluate(WIRE)
    page.reload()
    expect_drawn(page)
    assert page.evaluate(WIRE) == stepped
    assert page.evaluate(RANGE) == zoomed


def test_live_price_moves_the_running_candle(tab, fake):
    fake.partials["BTC/USDT"] = running_candle()
    page = tab.open("charts")
    expect_drawn(page)

    say_price(page, 30_000)

    page.wait_for_function(f"() => {PLOT}.data[0].close.at(-1) === 30000 && {PLOT}.data[0].high.at(-1) === 30000")
    assert page.evaluate(PRICES)["axis"][1] > 30_000


def test_live_price_moves_the_averaged_candle_too(tab, fake):
    candle = fake.partials["BTC/USDT"] = running_candle()
    page = tab.open("charts?ha=1")
    expect_drawn(page)
    opened = page.evaluate(f"() => {PLOT}.data[0].open.at(-1)")

    say_price(page, 30_000)

    mean = (candle.open + 30_000 + candle.low + 30_000) / 4
    page.wait_for_function(f"mean => Math.abs({PLOT}.data[0].close.at(-1) - mean) < 1e-6", arg=mean)
    assert page.evaluate(f"() => [{PLOT}.data[0].open.at(-1), {PLOT}.data[0].high.at(-1)]") == [opened, 30_000]


def test_price_axis_holds_candles_bands_and_fan(tab):
    page = tab.open("charts?ind=bb")
    expect_drawn(page)

    prices = page.evaluate(PRICES)

    low, high = prices["axis"]
    assert low < min(prices["low"], prices["bandLow"], prices["fanLow"])
    assert high > max(prices["high"], prices["bandHigh"], prices["fanHigh"])


def test_price_axis_follows_what_is_on_show_and_bands_do_not_make_candles_small(tab):
    page = tab.open("charts?ind=bb&range=2022-10-10T18:00:00Z~2022-10-10T20:00:00Z")
    expect_drawn(page)

    prices = page.evaluate(PRICES)

    (low, high), height = prices["axis"], prices["high"] - prices["low"]
    assert prices["bandLow"] < prices["low"] - height < prices["low"]
    assert prices["low"] - 1.2 * height < low < prices["low"] - height
    assert prices["high"] < high < prices["high"] + 1.2 * height


def test_wheel_zooms_the_time_and_a_drag_of_the_axis_the_prices(tab):
    page = tab.open("charts")
    expect_drawn(page)
    before = page.evaluate(RANGE)
    box = page.locator("#cc-chart .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 4)

    page.mouse.wheel(0, -400)

    page.wait_for_function(f"before => JSON.stringify(({RANGE})()) !== JSON.stringify(before)", arg=before)
    # as high as the candles that are left, not as the wheel would have it
    page.wait_for_function(FITTED)
    axis = page.locator("#cc-chart .nsdrag[data-subplot=x2y]").bounding_box()
    page.mouse.move(axis["x"] + axis["width"] / 2, axis["y"] + axis["height"] / 2)
    page.mouse.down()
    page.mouse.move(axis["x"] + axis["width"] / 2, axis["y"] + axis["height"] / 2 + 60, steps=4)
    page.mouse.up()
    page.wait_for_function("() => candlecastCharts.view('cc-chart').zoom?.yaxis")
    drawn = page.evaluate(PRICES)["axis"]
    page.locator("[data-chart-reset]").click()
    page.wait_for_function(f"drawn => JSON.stringify({PLOT}.layout.yaxis.range) !== JSON.stringify(drawn)", arg=drawn)
    assert page.evaluate(RANGE) == before
    prices = page.evaluate(PRICES)
    assert prices["axis"][0] < prices["low"] < prices["high"] < prices["axis"][1]


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
