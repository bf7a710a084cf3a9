"""Are symbols and candles answered as of the market time, and does readiness tell the truth?"""

import asyncio
from datetime import datetime, timedelta

import pytest

from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.ingest.loader import Loader
from candlecast.market.symbols import Symbol
from candlecast.queries import CandleQuery
from candlecast.reading import open_reading
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at, opens

PAIR = "BTC/USDT"


@pytest.fixture(scope="module")
def recording():
    return make_small_recording([PAIR], 400, gap_share=0.03)


@pytest.fixture
def settings(database, postgres, recording, tmp_path):
    with market_at(recording.end - 30 * HOUR, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        Loader(settings).load([Symbol.parse(PAIR)])
        yield settings


def candles(settings, **query):
    return asyncio.run(open_reading(settings).reader.candles(CandleQuery(symbol=PAIR, timeframe="1h", **query)))


def test_candles_without_bounds_are_the_newest_ones_ascending(settings, recording):
    page = candles(settings, limit=5)

    assert [c.open_time for c in page.candles] == opens(recording, PAIR, until=recording.end - 30 * HOUR)[-5:]
    assert page.next_cursor is None


def test_candles_page_by_page_meet_every_candle_once(settings, recording):
    start, found, cursor = opens(recording, PAIR, until=recording.end)[0], [], None
    while True:
        page = candles(settings, start=start, cursor=cursor, limit=60)
        found += [c.open_time for c in page.candles]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == opens(recording, PAIR, until=recording.end - 30 * HOUR)


def test_candles_with_an_end_stop_at_its_close(settings, recording):
    end = recording.end - 100 * HOUR

    page = candles(settings, end=end, limit=5)

    assert page.candles[-1].close_time <= end
    assert page.candles[-1].open_time == opens(recording, PAIR, until=end)[-1]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"cursor": "not-a-cursor"}, "next_cursor"),
        ({"cursor": "9" * 60}, "next_cursor"),
        ({"start": datetime.fromisoformat("2021-01-01")}, "time zone"),
    ],
)
def test_candles_with_a_bad_bound_name_it(settings, query, says):
    with pytest.raises(InvalidRequestError, match=says):
        candles(settings, **query)


def test_candles_of_an_unknown_symbol_name_the_near_one(settings):
    with pytest.raises(UnknownSymbolError, match="BTC/USDT"):
        asyncio.run(open_reading(settings).reader.candles(CandleQuery(symbol="BTC/USD", timeframe="1h")))


def test_symbols_tell_newest_candle_and_age_in_market_time(settings, recording):
    [status] = asyncio.run(open_reading(settings).reader.symbols(model_ready=False))

    now = recording.end - 30 * HOUR
    assert status.newest_candle == opens(recording, PAIR, until=now)[-1] + HOUR
    assert status.data_age_s == (now - status.newest_candle).total_seconds()


def test_readiness_without_a_model_is_not_ready_and_says_what_to_run(settings):
    readiness = asyncio.run(open_reading(settings).readiness.check())

    checks = {check.name: check for check in readiness.checks}
    assert not readiness.ready
    assert "candlecast train" in checks["model"].detail
    assert checks["database"].ok
    assert not checks["redis"].ok
    assert readiness.banner == "Recorded candles."


def test_readiness_with_the_database_gone_is_an_answer_not_an_error(settings):
    gone = settings.model_copy(deep=True)
    reading = open_reading(gone)
    reading.reader._candles._database.close()

    readiness = asyncio.run(reading.readiness.check())

    assert not readiness.ready
    assert not next(check for check in readiness.checks if check.name == "database").ok


def test_readiness_at_the_end_of_a_recording_says_so(database, postgres, recording, tmp_path):
    with market_at(recording.end, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        Loader(settings).load([Symbol.parse(PAIR)])
        readiness = asyncio.run(open_reading(settings).readiness.check())

    assert "recording ended" in next(check for check in readiness.checks if check.name == "data").detail
    assert "The recording ended" in readiness.banner


def test_readiness_names_where_the_newest_candles_came_from(settings, database):
    with database.transaction() as cursor:
        cursor.execute("UPDATE ohlcv_table SET source = 'kraken:USD', quality = 'failover'")

    readiness = asyncio.run(open_reading(settings).readiness.check())

    data = next(check for check in readiness.checks if check.name == "data")
    assert readiness.sources[PAIR].model_dump() == {"source": "kraken:USD", "quality": "failover"}
    assert data.ok
    assert "from another than the home venue: BTC/USDT (kraken:USD)" in data.detail


def test_symbols_tell_source_and_quality_of_the_newest_candle(settings):
    [status] = asyncio.run(open_reading(settings).reader.symbols(model_ready=False))

    assert (status.venue, status.source, status.quality) == ("binance", "binance", "rest")


def coarse(settings, timeframe, **query):
    return asyncio.run(open_reading(settings).reader.candles(CandleQuery(symbol=PAIR, timeframe=timeframe, **query)))


def whole_slots(recording, *, until, hours):
    known = opens(recording, PAIR, until=until)
    starts = (opened for opened in known if opened.hour % hours == 0)
    return [start for start in starts if all(start + k * HOUR in known for k in range(hours))]


@pytest.mark.parametrize(("timeframe", "hours"), [("4h", 4), ("1d", 24)])
def test_coarser_candles_are_those_without_a_hole_page_by_page_too(settings, recording, timeframe, hours):
    wanted = whole_slots(recording, until=recording.end - 30 * HOUR, hours=hours)
    found, cursor, start = [], None, recording.end - 2_000 * HOUR
    while True:
        page = coarse(settings, timeframe, start=start, cursor=cursor, limit=3)
        found += [candle.open_time for candle in page.candles]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == wanted
    assert [candle.open_time for candle in coarse(settings, timeframe, limit=4).candles] == wanted[-4:]


def test_indicators_of_a_coarser_timeframe_are_aligned_with_its_candles(settings):
    page = coarse(settings, "4h", limit=30)

    found = asyncio.run(open_reading(settings).indicators.series(PAIR, "4h", names=["bollinger"], limit=30))

    assert found.open_times == [candle.open_time for candle in page.candles]
    mean = sum(candle.close for candle in page.candles[-20:]) / 20
    assert found.series["volatility_bbm"][-1] == pytest.approx(mean)


def test_symbols_tell_the_timeframes_that_charts_have(settings):
    [status] = asyncio.run(open_reading(settings).reader.symbols(model_ready=False))

    assert (status.timeframes, status.chart_timeframes) == (["1h"], ["1h", "4h", "1d"])


def test_running_candle_of_a_coarser_timeframe_begins_with_its_stored_parts(settings, recording):
    reader, now = open_reading(settings).reader, recording.end - 30 * HOUR

    made = asyncio.run(reader.running(PAIR, "4h", part=None))

    start = now - timedelta(hours=now.hour % 4)
    known = [opened for opened in opens(recording, PAIR, until=now) if opened >= start]
    whole = len(known) == now.hour % 4 > 0
    assert (made is not None) == whole
    assert made is None or (made.open_time, made.close_time) == (start, start + 4 * HOUR)
