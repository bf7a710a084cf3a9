import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from candlecast.schemas import Check, Problem
from tests.fakes import NOW, make_forecast, make_readiness, make_status

X_RANGE = "() => document.querySelector('.cc-plot').layout.xaxis.range.map(String)"
EVIL = "<img src=x onerror=\"document.title='owned'\">"


def expect_drawn(page, key="BTC/USDT 1h"):
    expect(page.locator(".cc-plot")).to_have_attribute("data-drawn", key)


def refresh(page):
    page.locator("#cc-refresh").click()


def unavailable(detail):
    return Problem(title="Model not ready", status=503, detail=detail)


def test_page_draws_chart_and_says_the_forecast(tab):
    page = tab.open()

    expect_drawn(page)
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")
    expect(page.locator("#cc-forecast")).to_contain_text("closes in 57 min", ignore_case=True)
    expect(page.locator("#cc-watchlist button")).to_have_count(3)
    expect(page.locator("#cc-source")).to_have_text("Recorded")
    expect(page.locator(".cc-banner")).to_contain_text("60 times its speed")
    expect(page.get_by_text("Not financial advice")).to_be_visible()
    assert page.locator(".cc-plot .candlestick, .cc-plot .boxlayer path").count() > 100
    assert tab.errors == []


def test_page_asks_no_host_but_its_own(tab, fake):
    page = tab.open()
    expect_drawn(page)
    fake.forecasts["BTC/USDT"] = make_forecast(direction="down", p_up=0.3)
    refresh(page)
    expect(page.locator("#cc-forecast")).to_contain_text("Down 70.0 %")

    assert tab.hosts == {tab.url.split("/")[2]}


def test_symbol_from_another_venue_is_marked_in_the_watchlist_and_on_its_chart(tab, fake):
    page = tab.open()
    expect(page.locator("#cc-origin")).to_have_text("fake · stream")
    expect(page.locator(".cc-detour")).to_have_count(0)

    fake.statuses[1] = make_status("ETH/USDT", source="kraken:USD", quality="failover")
    page.locator("#cc-watchlist button", has_text="ETH").click()

    expect(page.locator("#cc-watchlist button", has_text="ETH").locator(".cc-detour")).to_have_text("failover")
    expect(page.locator("#cc-origin")).to_have_text("kraken:USD · failover")
    expect(page.locator("#cc-origin")).to_have_attribute("title", re.compile("another venue than fake"))


def test_symbol_picked_in_the_watchlist_changes_chart_card_and_address(tab):
    page = tab.open()
    expect_drawn(page)

    page.locator("#cc-watchlist button", has_text="ETH").click()

    expect_drawn(page, "ETH/USDT 1h")
    expect(page.locator("#cc-title h1")).to_have_text("ETH/USDT")
    expect(page.locator("#cc-symbol input")).to_have_value("ETH/USDT")
    expect(page).to_have_url(re.compile(r"symbol=ETH%2FUSDT&tf=1h"))


def test_symbol_typed_into_the_search_changes_the_chart(tab):
    page = tab.open()
    expect_drawn(page)

    page.locator("#cc-symbol input").fill("ltc")
    page.get_by_role("option", name="LTC/USDT").click()

    expect_drawn(page, "LTC/USDT 1h")


def test_address_with_symbol_opens_it(tab):
    page = tab.open("?symbol=ETH/USDT&tf=1h")

    expect_drawn(page, "ETH/USDT 1h")


def test_address_with_unknown_symbol_shows_the_first_and_says_so(tab):
    page = tab.open(f"?symbol={EVIL}&tf=99h")

    expect_drawn(page)
    expect(page.locator("#cc-title h1")).to_have_text("BTC/USDT")


def test_zoom_survives_a_refresh_with_a_new_candle(tab, fake):
    page = tab.open()
    expect_drawn(page)
    box = page.locator(".cc-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    before = page.evaluate(X_RANGE)
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"before => JSON.stringify(({X_RANGE})()) !== JSON.stringify(before)", arg=before)
    zoomed = page.evaluate(X_RANGE)

    fake.n_candles = 310
    fake.forecasts["BTC/USDT"] = make_forecast(direction="down", p_up=0.3)
    refresh(page)

    expect(page.locator("#cc-forecast")).to_contain_text("Down 70.0 %")
    page.wait_for_function("() => document.querySelector('.cc-plot').data[0].x.length === 310")
    assert page.evaluate(X_RANGE) == zoomed


def test_age_and_countdown_go_on_counting_between_refreshes(tab, fake):
    fake.readiness = make_readiness(source="live", banner=None, market_time=NOW + timedelta(seconds=10))
    page = tab.open()
    expect_drawn(page)

    expect(page.locator("#cc-source")).to_have_text("Live")
    expect(page.locator("#cc-age")).to_contain_text("1")
    expect(page.locator("#cc-age")).to_contain_text(re.compile(r"data 1[2-6] s old"))


def test_clock_of_a_replay_learns_its_speed_from_two_answers(tab, fake):
    page = tab.open()
    expect_drawn(page)
    page.wait_for_timeout(2_500)

    fake.readiness = make_readiness(market_time=NOW + timedelta(hours=1))
    refresh(page)
    expect(page.locator("#cc-clock")).to_contain_text("2022-10-11 13:0")

    # an hour passed within a few wall seconds, so minutes pass by the second
    expect(page.locator("#cc-clock")).to_contain_text(re.compile("13:[1-5]|14:"))


@pytest.mark.parametrize(
    ("title", "status", "detail"),
    [
        ("Model not ready", 503, "no promoted model for 1h; train one with `candlecast train`"),
        ("Insufficient history", 409, "BTC/USDT has 12 candles, needs 600"),
        ("Unknown symbol", 404, "symbol 'BTC/USDT' is not tracked"),
    ],
)
def test_missing_forecast_is_said_in_words_beside_a_living_chart(tab, fake, title, status, detail):
    fake.failing["/v1/forecasts/latest"] = Problem(title=title, status=status, detail=detail)

    page = tab.open()

    expect_drawn(page)
    expect(page.locator("#cc-forecast")).to_contain_text(title)
    expect(page.locator("#cc-forecast")).to_contain_text(detail)
    assert page.evaluate("() => document.querySelector('.cc-plot').layout.xaxis2") is None


def test_unready_service_is_a_banner_with_the_failing_check(tab, fake):
    checks = [Check(name="model", ok=False, detail="still training")]
    fake.readiness = make_readiness(ready=False, checks=checks)

    page = tab.open()

    expect(page.locator("#cc-banner")).to_contain_text("Not ready yet. model: still training")


def test_lost_api_shows_errors_keeps_the_chart_and_comes_back(tab, api_server):
    page = tab.open()
    expect_drawn(page)

    api_server.stop()
    refresh(page)

    expect(page.locator("#cc-source")).to_have_text("No answer")
    expect(page.locator("#cc-banner")).to_contain_text("candlecast run")
    expect(page.locator("#cc-forecast")).to_contain_text("no Candlecast API answers at")
    expect(page.locator(".cc-note")).to_contain_text("no Candlecast API answers at")
    expect(page.locator(".cc-plot")).to_have_class(re.compile("cc-dimmed"))
    assert "Traceback" not in page.inner_text("body")

    api_server.start()
    refresh(page)

    expect(page.locator("#cc-source")).to_have_text("Recorded")
    expect(page.locator("#cc-forecast")).to_contain_text("Up 54.1 %")
    expect(page.locator(".cc-note")).to_be_hidden()


def test_page_opened_before_the_api_fills_itself_once_it_answers(tab, api_server):
    api_server.stop()
    page = tab.open("?symbol=ETH/USDT")
    expect(page.locator("#cc-banner")).to_contain_text("no Candlecast API answers at")

    api_server.start()
    refresh(page)

    expect_drawn(page, "ETH/USDT 1h")


def test_series_without_candles_is_said_and_no_chart_is_drawn(tab, fake):
    fake.n_candles = 1
    fake.failing["/v1/forecasts/latest"] = unavailable("none")
    fake.failing["/v1/candles"] = Problem(title="Insufficient history", status=409, detail="backfill is under way")

    page = tab.open()

    expect(page.locator(".cc-note")).to_have_text("backfill is under way")


def test_markup_in_answers_is_inert(tab, fake):
    fake.statuses = [make_status("BTC/USDT")]
    fake.readiness = make_readiness(banner=EVIL)
    fake.failing["/v1/forecasts/latest"] = unavailable(EVIL)

    page = tab.open()

    expect_drawn(page)
    expect(page.locator("#cc-banner")).to_contain_text("<img src=x")
    expect(page.locator("#cc-forecast")).to_contain_text("<img src=x")
    expect(page.locator("img[src='x']")).to_have_count(0)
    assert page.title() == "Candlecast"


def test_stock_days_leave_no_room_for_weekends(tab, fake):
    fake.statuses = [make_status("AAPL", timeframes=["1d"])]

    page = tab.open()

    expect_drawn(page, "AAPL 1d")
    breaks = page.evaluate("() => document.querySelector('.cc-plot').layout.xaxis.rangebreaks.length")
    assert breaks >= 1


def test_phone_has_no_sideways_scroll(tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    page = tab.open()
    expect_drawn(page)

    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    expect(page.locator("#cc-forecast")).to_be_visible()


def test_chart_offers_no_way_to_send_data_elsewhere(tab):
    page = tab.open()
    expect_drawn(page)

    titles = page.locator(".cc-plot .modebar-btn").evaluate_all("all => all.map(b => b.dataset.title || '')")

    assert any("Download" in title for title in titles)
    assert not any("loud" in title or "hare" in title for title in titles)
