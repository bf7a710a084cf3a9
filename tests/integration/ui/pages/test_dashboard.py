import re
from datetime import timedelta

from playwright.sync_api import expect

from candlecast.schemas import Problem
from tests.browser import SHARED_S, expect_drawn
from tests.fakes import NOW, hostile_stories, make_forecast, make_readiness, make_record, make_status

X_RANGE = "() => document.querySelector('.cc-plot').layout.xaxis.range.map((x) => String(x).slice(0, 19))"
EVIL = "<img src=x onerror=\"document.title='owned'\">"


def refresh(page):
    # answers are shared for that long
    page.wait_for_timeout(2_000 * SHARED_S)
    page.evaluate("window.candlecast.refresh('asked')")


def numbers(page, selector):
    return [float(text.replace("−", "-")) for text in page.locator(selector).all_inner_texts()]


def test_page_shows_every_panel_and_asks_no_host_but_its_own(tab, fake):
    fake.records = [make_record("BTC/USDT")]
    page = tab.open()

    expect_drawn(page)
    for panel, says in {
        "#cc-title": "BTC/USDT",
        "#cc-forecast": "Up 54.1 %",
        "#cc-why": "RSI 38, low",
        "#cc-record": "53.8 %",
        "#cc-sentiment": "−0.12",
        "#cc-headlines": "Example headline",
        "#cc-watchlist": "LTC",
        "#cc-data": "fake 3",
    }.items():
        expect(page.locator(panel)).to_contain_text(says)
    expect(page.locator("#cc-forecast")).to_contain_text(re.compile("closes in 5[67] min", re.I))
    expect(page.locator("#cc-forecast")).to_contain_text("Not financial advice")
    expect(page.locator("#cc-watchlist .cc-spark")).to_have_count(3)
    expect(page.locator("h1")).to_have_count(1)
    *lines, total = numbers(page, "#cc-why .cc-num")
    assert round(sum(lines), 2) == total
    assert tab.hosts == {tab.url.split("/")[2]}
    assert tab.errors == []


def test_symbol_picked_in_the_watchlist_changes_every_panel_and_the_address(tab, fake):
    fake.statuses[1] = make_status("ETH/USDT", source="kraken:USD", quality="failover")
    fake.forecasts["ETH/USDT"] = make_forecast("ETH/USDT", direction="down", p_up=0.3)
    page = tab.open()
    expect_drawn(page)

    page.locator("#cc-watchlist button", has_text="ETH").click()

    expect_drawn(page, "ETH/USDT 1h")
    expect(page.locator("#cc-title h1")).to_have_text("ETH/USDT")
    expect(page.locator("#cc-forecast")).to_contain_text("Down 70.0 %")
    expect(page.locator("#cc-watchlist button[aria-pressed=true]")).to_contain_text("ETH")
    expect(page.locator("#cc-watchlist .cc-detour")).to_have_text("failover")
    expect(page).to_have_url(re.compile(r"symbol=ETH%2FUSDT"))

    page.get_by_role("button", name="RSI").click()
    expect(page.get_by_role("button", name="RSI")).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("ind="))


def test_zoom_survives_a_refresh_with_a_new_candle(tab, fake):
    page = tab.open()
    expect_drawn(page)
    box = page.locator(".cc-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    before = page.evaluate(X_RANGE)
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"before => JSON.stringify(({X_RANGE})()) !== JSON.stringify(before)", arg=before)
    zoomed = page.evaluate(X_RANGE)

    fake.n_candles = 290
    fake.forecasts["BTC/USDT"] = make_forecast(direction="down", p_up=0.3)
    refresh(page)

    expect(page.locator("#cc-forecast")).to_contain_text("Down 70.0 %")
    page.wait_for_function("() => document.querySelector('.cc-plot').data[0].x.length === 290")
    assert page.evaluate(X_RANGE) == zoomed


def test_missing_forecast_is_said_in_words_beside_a_living_chart(tab, fake):
    detail = f"no promoted model for 1h; train one {EVIL}"
    fake.failing["/v1/forecasts/latest"] = Problem(title="Model not ready", status=503, detail=detail)
    fake.stories = hostile_stories()

    page = tab.open()

    expect_drawn(page)
    expect(page.locator("#cc-forecast")).to_contain_text(detail)
    expect(page.locator("#cc-headlines")).to_contain_text("<script>")
    assert page.evaluate("() => document.querySelector('.cc-plot').layout.xaxis2") is None
    assert page.locator("#cc-main :is(img, script), #cc-headlines a[href^='javascript' i]").count() == 0
    assert "owned" not in page.title()


def test_lost_api_keeps_the_panels_dimmed_with_an_age_and_comes_back(tab, api_server, fake):
    fake.readiness = make_readiness(source="live", banner=None, market_time=NOW + timedelta(seconds=10))
    page = tab.open()
    expect_drawn(page)
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")

    api_server.stop()
    refresh(page)

    expect(page.locator("#cc-forecast .cc-strip")).to_contain_text("as of")
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")
    expect(page.locator("#cc-watchlist .cc-watch button")).to_have_count(3)
    expect(page.locator(".cc-plot")).to_have_class(re.compile("cc-dimmed"))
    assert "Traceback" not in page.inner_text("body")

    api_server.start()
    # the page asks again by itself too, and then the button goes
    page.locator("#cc-forecast .cc-strip [data-retry]").dispatch_event("click")

    expect(page.locator("#cc-forecast .cc-strip")).to_be_hidden()
    expect(page.locator(".cc-note")).to_be_hidden()


def test_stock_on_a_phone_leaves_no_room_for_weekends_and_does_not_scroll_sideways(tab, fake):
    fake.statuses = [make_status("AAPL", timeframes=["1d"])]
    tab.page.set_viewport_size({"width": 390, "height": 844})

    page = tab.open()

    expect_drawn(page, "AAPL 1d")
    expect(page.locator("#cc-forecast .cc-call")).to_be_visible()
    assert page.evaluate("() => document.querySelector('.cc-plot').layout.xaxis.rangebreaks.length") >= 1
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
