import os
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.symbols import Symbol
from candlecast.market.validation import validate_candles
from candlecast.replay.recordings import load_recording
from candlecast.replay.synthetic import write_recording
from tests.builders import make_small_recording

HOURLY = (
    "ts,open,high,low,close,volume\n2021-01-01T00:00:00Z,1,2,1,2,5\n"
    "2021-01-01T01:00:00Z,2,3,2,3,5\n2021-01-01T03:00:00Z,3,4,3,4,5\n2021-01-01T04:00:00Z,3,4,3,4,5\n"
)


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_load_of_written_candles_gives_the_very_same(tmp_path):
    recording = make_small_recording(["BTC/USDT", "AAPL"], 80, timeframe="1d", gap_share=0.1)
    write_recording(recording, tmp_path)

    loaded = load_recording(tmp_path, [])

    assert loaded.timeframe == "1d"
    for name in ("BTC/USDT", "AAPL"):
        pd.testing.assert_frame_equal(
            loaded.series[name].candles, recording.series[name].candles, check_exact=True, obj=name
        )


def test_load_without_a_folder_gives_the_shipped_stocks():
    recording = load_recording(None, [])

    apple = recording.series["AAPL"]
    assert sorted(recording.series) == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
    assert recording.timeframe == "1d"
    assert apple.candles["open_time"][0] == datetime(2000, 3, 1, 14, 30, tzinfo=UTC)
    assert apple.candles["close_time"][0] == datetime(2000, 3, 1, 21, tzinfo=UTC)
    assert apple.candles["close"][0] == 130.31
    assert apple.adjusted_close[0] == 4.186662803811
    assert recording.end == datetime(2013, 3, 1, 21, tzinfo=UTC)
    assert recording.default_start() == datetime(2011, 3, 4, 21, tzinfo=UTC)


def test_shipped_stocks_pass_validation():
    recording = load_recording(None, [])

    for name, series in recording.series.items():
        now = recording.end
        validated = validate_candles(series.candles, symbol=Symbol.parse(name), timeframe="1d", now=now)
        assert validated.rejected["reason"].tolist() == [], name
        assert len(validated.candles) == len(series.candles)


def test_load_reads_no_file_that_is_not_wanted(tmp_path):
    put(tmp_path, "BTC_USDT.csv", HOURLY)
    put(tmp_path, "ETH_USDT.csv", "this is no candle file")

    recording = load_recording(tmp_path, ["btc/usdt"])

    assert list(recording.series) == ["BTC/USDT"]
    assert recording.timeframe == "1h"
    assert len(recording.series["BTC/USDT"].candles) == 4


def test_load_of_an_unknown_symbol_names_the_near_ones(tmp_path):
    put(tmp_path, "BTC_USDT.csv", HOURLY)

    with pytest.raises(UnknownSymbolError, match="'BTC/USD' is not known; did you mean BTC/USDT"):
        load_recording(tmp_path, ["BTC/USD"])


def test_load_of_two_timeframes_is_refused(tmp_path):
    put(tmp_path, "BTC_USDT.csv", HOURLY)
    put(tmp_path, "ETH_USDT.csv", "date,open,high,low,close,volume\n2021-01-01,1,2,1,2,5\n2021-01-02,1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError, match="BTC/USDT 1h, ETH/USDT 1d"):
        load_recording(tmp_path, [])


def test_load_of_an_odd_step_is_refused(tmp_path):
    put(tmp_path, "BTC_USDT.csv", "ts,open,high,low,close,volume\n0,1,2,1,2,5\n7200,1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError, match="BTC/USDT has a candle every 7200 s; accepted are 1m"):
        load_recording(tmp_path, [])


def test_load_of_a_single_candle_is_refused(tmp_path):
    put(tmp_path, "BTC_USDT.csv", "ts,open,high,low,close,volume\n0,1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError, match="BTC/USDT has 1 candles, at least 2"):
        load_recording(tmp_path, [])


def test_load_of_a_stock_outside_of_all_sessions_is_refused(tmp_path):
    put(tmp_path, "AAPL.csv", "ts,open,high,low,close,volume\n1000,1,2,1,2,5\n87400,1,2,1,2,5\n")

    with pytest.raises(InvalidRequestError, match="AAPL has no candle of 1d that opens in a session of XNYS"):
        load_recording(tmp_path, [])


def test_load_of_a_missing_or_empty_folder_says_what_to_put_there(tmp_path):
    with pytest.raises(InvalidRequestError, match="is not a folder"):
        load_recording(tmp_path / "absent", [])
    with pytest.raises(InvalidRequestError, match=r"holds no candles; put SYMBOL.csv"):
        load_recording(tmp_path, [])


def test_default_start_of_a_long_recording_is_500_candles_before_the_end():
    recording = make_small_recording(["BTC/USDT"], 600)

    assert recording.end - recording.default_start() == pd.Timedelta(hours=500)


@pytest.mark.parametrize("symbol", ["../SECRET", "..", "/ETC/PASSWD", "SUB/../../SECRET"])
def test_load_of_a_symbol_that_is_a_path_reads_no_file_outside(tmp_path, symbol):
    put(tmp_path, "SECRET.csv", HOURLY)
    folder = tmp_path / "data"
    folder.mkdir()
    put(folder, "BTC_USDT.csv", HOURLY)

    # a name is looked for among the files that are there
    with pytest.raises(InvalidRequestError):
        load_recording(folder, [symbol])


def test_load_of_a_folder_passes_over_what_is_no_file(tmp_path):
    put(tmp_path, "BTC_USDT.csv", HOURLY)
    os.mkfifo(tmp_path / "ETH_USDT.csv")
    (tmp_path / "SOL_USDT.csv").symlink_to("/dev/zero")

    assert list(load_recording(tmp_path, []).series) == ["BTC/USDT"]
