"""Are symbols and candles answered as of the market time, and does readiness tell the truth?"""

import asyncio
from datetime import datetime

import pytest

from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.ingest.loader import Loader
from candlecast.market.candles import Symbol
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
