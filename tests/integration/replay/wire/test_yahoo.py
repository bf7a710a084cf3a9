import warnings
from datetime import timedelta

import pytest
import yfinance
from pandas.errors import Pandas4Warning
from yfinance.data import YfData

from candlecast.market.venues.yahoo_session import open_session
from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

N_CLOSED = 1_500
# yfinance reads volumes as whole numbers.
PRICES = {"Open": "open", "High": "high", "Low": "low", "Close": "close"}


@pytest.fixture
def ask(tmp_path):
    yfinance.set_tz_cache_location(str(tmp_path))
    # Else a failed call comes back as an empty frame.
    yfinance.config.debug.hide_exceptions = False

    def history(url, name, **query):
        YfData.cache_get.cache_clear()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=Pandas4Warning, module="yfinance")
            ticker = yfinance.Ticker(name, session=open_session(url))
            return ticker.history(**query, auto_adjust=False, actions=False)

    return history


@pytest.mark.parametrize(("timeframe", "step"), [("1m", timedelta(minutes=1)), ("1d", timedelta(days=1))])
def test_yfinance_reads_a_recorded_pair_in_dollars(ask, timeframe, step):
    recording = make_small_recording(["BTC/USDT"], N_CLOSED + 10, timeframe=timeframe)
    now = recording.start + (N_CLOSED + 0.5) * step

    with serve_app(build_replay(recording, make_frozen_clock(now, recording.end))) as url:
        table = ask(url, "BTC-USD", interval=timeframe, start=recording.start, end=now + step)

    expected = recording.series["BTC/USDT"].candles.loc[:N_CLOSED]
    assert len(table) == N_CLOSED + 1
    assert list(table.index[-2:].tz_convert("UTC")) == expected["open_time"].iloc[-2:].tolist()
    for theirs, ours in PRICES.items():
        assert table[theirs].tolist()[:-1] == expected[ours].tolist()[:-1]
    assert table["Open"].iloc[-1] == expected["open"].iloc[-1]


def test_of_two_pairs_in_dollars_the_exact_one_is_played(ask):
    recording = make_small_recording(["BTC/USD", "BTC/USDT"], 50, timeframe="1d")

    with serve_app(build_replay(recording, make_frozen_clock(recording.end, recording.end))) as url:
        table = ask(url, "BTC-USD", interval="1d", start=recording.start, end=recording.end)

    assert table["Close"].tolist() == recording.series["BTC/USD"].candles["close"].tolist()
