from datetime import timedelta

import pandas as pd
import pytest

from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.census import SeriesCensus, take_census
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START, make_rows

HOUR = timedelta(hours=1)


@pytest.fixture
def ids(database):
    return SymbolStore(database).ensure([Symbol.parse(name) for name in ("BTC/USDT", "ETH/USDT", "SOL/USDT")])


def _write(database, symbol_id, candles, *, timeframe="1h", source="binance", quality="rest"):
    known = candles["close_time"]
    CandleStore(database).upsert(symbol_id, timeframe, candles, source=source, quality=quality, known_at=known)


def test_census_of_an_empty_database_is_empty(database):
    assert take_census(database) == []


def test_census_counts_each_series_by_origin(database, ids):
    _write(database, ids["BTC/USDT"], make_rows(40, start=START - 39 * HOUR))
    _write(database, ids["BTC/USDT"], make_rows(3, start=START + HOUR), source="kraken", quality="failover")
    _write(database, ids["ETH/USDT"], make_rows(2))
    _write(database, ids["ETH/USDT"], make_rows(1), timeframe="1m")

    btc, hourly, minutely = take_census(database)

    assert (btc.symbol, btc.n_candles) == ("BTC/USDT", 43)
    assert btc.by_origin == {("binance", "rest"): 40, ("kraken", "failover"): 3}
    assert (btc.first_open, btc.newest_close) == (START - 39 * HOUR, START + 4 * HOUR)
    assert [(one.timeframe, one.n_candles) for one in (hourly, minutely)] == [("1h", 2), ("1m", 1)]
    assert take_census(database, "1m") == [minutely]


def test_census_counts_revisions_and_rejected_rows(database, ids):
    _write(database, ids["BTC/USDT"], make_rows(3))
    _write(database, ids["BTC/USDT"], make_rows(3, volume=7.0))
    rejected = make_rows(3).assign(reason=["off", "off", "jump"])
    QuarantineStore(database).add(ids["BTC/USDT"], "1h", rejected, source="binance", seen_at=START)

    (one,) = take_census(database)

    assert (one.n_candles, one.n_revisions, one.rejected) == (3, 3, {"off": 2, "jump": 1})


def test_census_names_a_series_of_which_all_was_rejected(database, ids):
    broken = pd.DataFrame(make_rows(1)).assign(reason="off")
    QuarantineStore(database).add(ids["SOL/USDT"], "1h", broken, source="binance", seen_at=START)

    assert take_census(database) == [SeriesCensus("SOL/USDT", "1h", 0, None, None, {}, 0, {"off": 1})]
