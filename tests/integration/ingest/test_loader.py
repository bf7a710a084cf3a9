"""Does what the venue sent arrive in the database, row for row, gaps included?"""

import pandas as pd
import pytest

from candlecast.ingest.loader import Loader
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at, opens

PAIR, STOCK = "BTC/USDT", "AAPL"


@pytest.fixture(scope="module")
def recording():
    return make_small_recording([PAIR], 1_500, gap_share=0.05)


def load(settings, symbol: str):
    [loaded] = Loader(settings).load([Symbol.parse(symbol)])
    return loaded


def stored(database, symbol: str, timeframe: str) -> pd.DataFrame:
    [symbol_id] = [number for known, number in SymbolStore(database).all().items() if known.name == symbol]
    return CandleStore(database).read(symbol_id, timeframe, until=None)


def test_loader_of_an_empty_database_stores_every_closed_candle_and_no_gap(database, postgres, recording, tmp_path):
    now = recording.end - 20 * HOUR + HOUR / 2

    with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        loaded = load(settings, PAIR)

    frame, source = stored(database, PAIR, "1h"), recording.series[PAIR].candles
    expected = source[source["close_time"] <= now].reset_index(drop=True)
    assert loaded.n_stored == len(expected) == len(frame)
    assert list(frame["open_time"]) == opens(recording, PAIR, until=now)
    pd.testing.assert_frame_equal(frame[list(PRICE_COLUMNS)], expected[list(PRICE_COLUMNS)], check_exact=True)
    assert set(frame["source"]) == {"binance"}


def test_loader_run_again_later_adds_only_what_is_new(database, postgres, recording, tmp_path):
    first, later = recording.end - 20 * HOUR, recording.end - 5 * HOUR
    for now in (first, later):
        with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
            loaded = load(settings, PAIR)

    new = len(opens(recording, PAIR, until=later)) - len(opens(recording, PAIR, until=first))
    assert loaded.n_stored == new > 0


def test_loader_dates_history_at_its_close_and_the_newest_candle_when_received(database, postgres, recording, tmp_path):
    now = recording.end - HOUR / 3

    with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        load(settings, PAIR)

    frame = stored(database, PAIR, "1h")
    assert (frame["known_at"].iloc[:-1] == frame["close_time"].iloc[:-1]).all()
    assert frame["known_at"].iloc[-1] == pd.Timestamp(now)


def test_loader_of_a_stock_stores_sessions_scaled_by_the_adjusted_close(database, postgres, tmp_path):
    recording = make_small_recording([STOCK], 700, timeframe="1d")

    with market_at(recording.end, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        load(settings, STOCK)

    frame, series = stored(database, STOCK, "1d"), recording.series[STOCK]
    assert list(frame["open_time"]) == opens(recording, STOCK, until=recording.end)
    assert frame["close"].to_numpy() == pytest.approx(series.adjusted_close, rel=1e-9)
    assert (frame["close_time"].dt.tz_convert("America/New_York").dt.hour.isin([13, 16])).all()
