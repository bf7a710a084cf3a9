"""Are lists of the wire the tables that they should be?"""

import subprocess
import sys

import pandas as pd

from candlecast.schemas import CandlePage, ForecastResult, ForecastResults, IndicatorSeries, Listing, Problem
from tests.fakes import NOW, make_forecast, make_status, make_wire_candles


def test_candles_are_one_row_each_with_aware_times_and_missing_volume():
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=make_wire_candles(5))

    frame = page.to_frame()

    assert list(frame["close"]) == [candle.close for candle in page.candles]
    assert str(frame["open_time"].dt.tz) == "UTC"
    assert frame["volume"].isna().tolist() == [False, False, False, True, False]


def test_forecasts_have_their_intervals_and_their_problems_in_columns():
    missing = Problem(title="Model not ready", status=503, detail="train one")
    results = ForecastResults(items=[ForecastResult(forecast=make_forecast()), ForecastResult(problem=missing)])

    frame = results.to_frame()

    assert frame["symbol"].tolist()[0] == "BTC/USDT"
    assert frame.loc[0, "low_80"] < frame.loc[0, "last_close"] < frame.loc[0, "high_80"]
    assert frame.loc[0, "model_id"] == "0a1b2c3d4e5f"
    assert pd.isna(frame.loc[1, "p_up"])
    assert frame.loc[1, "problem_detail"] == "train one"


def test_indicators_are_one_row_a_candle():
    found = IndicatorSeries(
        symbol="BTC/USDT", timeframe="1h", open_times=[NOW, NOW], close_times=[NOW, NOW], series={"rsi": [None, 50.0]}
    )

    frame = found.to_frame()

    assert frame.columns.tolist() == ["open_time", "close_time", "rsi"]
    assert frame["rsi"].isna().tolist() == [True, False]


def test_listing_is_a_list_and_a_frame():
    listing = Listing([make_status("BTC/USDT"), make_status("AAPL")])

    assert listing == [make_status("BTC/USDT"), make_status("AAPL")]
    assert listing.to_frame()["symbol"].tolist() == ["BTC/USDT", "AAPL"]


def test_client_imports_no_pandas_before_a_frame_is_wanted():
    code = "import sys, candlecast.client; sys.exit('pandas' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
