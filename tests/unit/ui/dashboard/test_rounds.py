"""Does each round fill its panels, and leave alone what does not fail?"""

import asyncio
import json

import httpx2
import pytest

from candlecast.client import AsyncCandlecastClient
from candlecast.schemas import Problem
from candlecast.settings import UiSettings
from tests.fakes import FakeApi, make_record, make_sentiment, make_status, make_story
from ui.address import Address
from ui.answers import Answers
from ui.dashboard.rounds import news_round, stage_round, watch_round
from ui.preference_store import PreferenceStore
from ui.preferences import Preferences
from ui.site import Site

PLAIN = Preferences()
ETH = Address.parse("?symbol=ETH/USDT&tf=1h")
DOWN = Problem(title="Storage unavailable", status=503, detail="the database is down")


class Rig:
    """The fake API behind a site, built once: its answers are set anew for each test."""

    def __init__(self):
        self.fake = FakeApi()
        self.transport = httpx2.ASGITransport(self.fake.build())

    def ask(self, make, *values, address=ETH, preferences=PLAIN, times=1, **answers):
        """Run the round that `make` builds on a site of its own, `times` over, and return its last answer."""
        vars(self.fake).update(vars(FakeApi(**answers)))

        async def run():
            async with AsyncCandlecastClient("http://127.0.0.1", transport=self.transport) as client:
                known = Answers()
                store = PreferenceStore(client, known)
                refresh = make(Site(client, known, store, ui=UiSettings(), api_url="http://127.0.0.1", horizon=1))
                for _ in range(times):
                    found = await refresh(address, preferences, *values)
                return found

        return asyncio.run(run())

    def stage(self, *, shown="", held="", **options):
        return self.ask(stage_round, shown, held, **options)


@pytest.fixture(scope="module")
def rig():
    return Rig()


def test_stage_of_a_healthy_api_holds_every_part(rig):
    title, tools, chart, forecast, why, record = rig.stage(records=[make_record("ETH/USDT")])

    assert 'data-series="ETH/USDT 1h"' in title
    assert 'aria-pressed="true"' in tools
    assert json.loads(chart)["key"] == "ETH/USDT 1h"
    assert 'data-about="ETH/USDT 1h"' in forecast
    assert "Up 54.1 %" in forecast
    assert "−14.0 bp · not tradeable" in forecast
    assert "Log odds of up" in why
    assert "500 settled" in record


def test_stage_asks_for_the_record_of_the_forecasts_own_model(rig):
    rig.stage()

    asked = next(call for call in rig.fake.calls if "track-record" in call)
    for part in ("symbol=ETH%2FUSDT", "timeframe=1h", "horizon=1", "model=0a1b2c3d4e5f", "window=all"):
        assert part in asked


def test_stage_with_one_failing_part_keeps_the_others(rig):
    untrained = Problem(title="Model not ready", status=503, detail="train one")

    _, _, chart, forecast, why, record = rig.stage(failing={"/v1/forecasts/latest": untrained})

    assert json.loads(chart)["figure"] is not None
    assert "train one" in forecast
    assert "cc-panel" not in why + record


def test_stage_whose_forecast_cannot_be_asked_for_lets_its_panels_keep_what_they_have(rig):
    *_, forecast, why, record = rig.stage(failing={"/v1/forecasts/latest": DOWN})

    for panel in (forecast, why, record):
        assert 'data-state="failed" data-about="ETH/USDT 1h"' in panel


def test_stage_with_a_failing_record_still_tells_the_forecast(rig):
    _, _, _, forecast, _, record = rig.stage(failing={"/v1/track-record": DOWN})

    assert "costs not known" in forecast
    assert "the database is down" in record


def test_stage_while_symbols_are_unknown_stays_with_what_the_tab_shows(rig):
    title, *_ = rig.stage(failing={"/v1/symbols": DOWN}, shown="LTC/USDT 1h", address=Address.parse(""))

    assert 'data-series="LTC/USDT 1h"' in title


def test_stage_of_which_nothing_is_known_says_why(rig):
    title, _, chart, forecast, _, _ = rig.stage(failing={"/v1/symbols": DOWN}, address=Address.parse(""))

    assert "<h1>" in title
    assert json.loads(chart)["note"] == "the database is down"
    assert "the database is down" in forecast


def test_stage_without_symbols_says_that_history_is_on_its_way(rig):
    _, _, chart, *_ = rig.stage(statuses=[])

    assert "backfill" in json.loads(chart)["note"]


def test_stage_of_a_coarser_timeframe_draws_no_fan_and_keeps_the_forecast(rig):
    statuses = [make_status("ETH/USDT", chart_timeframes=["1h", "4h"])]

    title, _, chart, forecast, _, _ = rig.stage(statuses=statuses, address=Address.parse("?symbol=ETH/USDT&tf=4h"))

    assert "The forecast is of 1h candles." in title
    assert "xaxis2" not in json.loads(chart)["figure"]["layout"]
    assert "Next hour" in forecast


def test_address_that_names_what_is_not_tracked_is_told_so_and_inert(rig):
    title, *_ = rig.stage(address=Address.parse("?symbol=<img src=x>"))

    assert "is not tracked; showing BTC/USDT 1h." in title
    assert "<img" not in title


def test_watchlist_shows_what_the_reader_chose_and_the_series_on_show(rig):
    watch, data = rig.ask(watch_round, "", preferences=Preferences(watchlist=("LTC/USDT", "NO/PE")))

    assert [name in watch for name in ("BTC/USDT", "ETH/USDT", "LTC/USDT", "NO/PE")] == [False, True, True, False]
    assert "all checks pass" in data


def test_watchlist_with_failing_forecasts_and_prices_still_lists_symbols(rig):
    watch, _ = rig.ask(watch_round, "", failing={"/v1/forecasts": DOWN, "/v1/prices": DOWN})

    assert watch.count("no forecast") == 3
    assert watch.count("cc-spark") == 3


def test_watchlist_asks_for_closes_once_a_candle(rig):
    rig.ask(watch_round, "", times=3)

    assert sum("/v1/candles" in call for call in rig.fake.calls) == 3


@pytest.mark.parametrize("make", [watch_round, news_round])
def test_round_without_an_api_says_so_in_every_panel(rig, make):
    failing = dict.fromkeys(("/v1/symbols", "/v1/news", "/v1/sentiment", "/readyz"), DOWN)

    assert all("the database is down" in panel for panel in rig.ask(make, "ETH/USDT 1h", failing=failing))


def test_news_round_fills_headlines_and_gauge(rig):
    stories = [make_story(1, symbols=["ETH/USDT"], title="A headline")]
    moods = {"ETH/USDT": make_sentiment("ETH/USDT", score=0.4, n=5)}

    headlines, sentiment = rig.ask(news_round, "", stories=stories, sentiment=moods)

    assert "A headline" in headlines
    assert "bullish · n 5" in sentiment
    assert 'data-about="ETH/USDT"' in sentiment
