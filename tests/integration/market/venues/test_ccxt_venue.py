import asyncio
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI, Request, Response

from candlecast.errors import SourceUnavailableError, UnknownSymbolError
from candlecast.market.symbols import Symbol
from candlecast.market.venues import ccxt_venue
from candlecast.market.venues.factory import open_venue
from candlecast.replay.server import build_replay
from candlecast.settings import MarketSettings
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.market.venues.quiet import run_quietly
from tests.loopback import serve_app

BTC = Symbol.parse("BTC/USDT")


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USD"], 50)


def build_counting(recording, status=200):
    """Return an app that notes the paths that it is asked, and answers `status` or the replay."""
    app, paths = FastAPI(), []

    @app.middleware("http")
    async def note(request: Request, call_next):
        paths.append(request.url.path)
        await asyncio.sleep(0.05)
        return await call_next(request) if status == 200 else Response("no", status_code=status)

    app.mount("/", build_replay(recording, make_frozen_clock(recording.end, recording.end)))
    return app, paths


def use(app, call, name="binance"):
    async def run(url):
        venue = open_venue(name, market=MarketSettings(venue_url=url), cache_folder=None)
        try:
            return await call(venue)
        finally:
            await venue.close()

    with serve_app(app) as url:
        return run_quietly(run(url))


@pytest.mark.parametrize("status", [200, 503])
def test_list_of_markets_is_asked_for_once_for_all_who_wait(recording, status):
    app, paths = build_counting(recording, status)

    async def call(venue):
        calls = [venue.fetch_price(BTC) for _ in range(10)]
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = use(app, call)

    assert paths.count("/api/v3/exchangeInfo") == 1
    assert {type(outcome) for outcome in outcomes} == {float if status == 200 else SourceUnavailableError}


def test_caller_who_goes_away_does_not_take_the_others_along(recording):
    app, paths = build_counting(recording)

    async def call(venue):
        first, second = (asyncio.create_task(venue.fetch_price(BTC)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert use(app, call) > 0
    assert paths.count("/api/v3/exchangeInfo") == 1


def test_listing_that_nobody_waits_for_any_more_ends_quietly(recording):
    app, _ = build_counting(recording, 503)

    async def call(venue):
        waiting = asyncio.create_task(venue.fetch_price(BTC))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.sleep(0.1)

    use(app, call)


def test_failed_listing_is_asked_for_again(recording):
    app, paths = build_counting(recording, 503)

    async def call(venue):
        for _ in range(2):
            with pytest.raises(SourceUnavailableError):
                await venue.fetch_price(BTC)

    use(app, call)

    assert paths.count("/api/v3/exchangeInfo") == 2


def test_list_of_markets_with_a_precision_without_end_is_refused_at_once(recording):
    app = FastAPI()

    @app.get("/api/v3/exchangeInfo")
    async def listing():
        [market] = server_listing["symbols"][:1]
        return {"symbols": [market | {"baseAssetPrecision": 2**62}]}

    replay = build_replay(recording, make_frozen_clock(recording.end, recording.end))
    with serve_app(replay) as url:
        server_listing = httpx2.get(f"{url}/api/v3/exchangeInfo", trust_env=False).json()

    async def call(venue):
        with pytest.raises(SourceUnavailableError, match="more than 10000 digits"):
            await venue.list_symbols()

    use(app, call)


@pytest.mark.parametrize(("age_s", "n_lists"), [(0.0, 1), (4_000.0, 2)])
def test_unlisted_symbol_is_looked_for_again_after_an_hour(recording, monkeypatch, age_s, n_lists):
    app, paths = build_counting(recording)

    async def call(venue):
        await venue.list_symbols()
        real = ccxt_venue.monotonic
        monkeypatch.setattr(ccxt_venue, "monotonic", lambda: real() + age_s)
        with pytest.raises(UnknownSymbolError):
            await venue.fetch_price(Symbol.parse("NEW/USDT"))

    use(app, call)

    assert paths.count("/api/v3/exchangeInfo") == n_lists


def test_near_quote_stands_in_away_from_home_only(recording):
    app, _ = build_counting(recording)
    span = {"start": recording.end - timedelta(hours=3), "end": recording.end}

    async def call(venue):
        away, home = Symbol.parse("ETH/USDT", home="binance"), Symbol.parse("ETH/USDT", home="kraken")
        fetched = await venue.fetch_candles(away, "1h", **span)
        quote = venue.quote_of(away)
        with pytest.raises(UnknownSymbolError, match="did you mean ETH/USD"):
            await venue.fetch_candles(home, "1h", **span)
        return len(fetched), quote

    assert use(app, call, "kraken") == (3, "USD")
