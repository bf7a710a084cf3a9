import json
import math
from itertools import pairwise

import pytest

from candlecast.schemas import CandlePage
from tests.fakes import make_forecast, make_wire_candles
from ui.chart.figure import build_figure
from ui.chart.panes import Panes


def page_of(n=200, symbol="BTC/USDT"):
    return CandlePage(symbol=symbol, timeframe="1h", candles=make_wire_candles(n))


def bands_of(figure):
    return [trace for trace in figure["data"] if trace.get("fill") == "toself"]


def test_figure_holds_every_candle_and_volume():
    page = page_of(200)

    candles, volume, *_ = build_figure(page, None, asset_class="crypto")["data"]

    assert candles["type"] == "candlestick"
    assert candles["close"] == [candle.close for candle in page.candles]
    assert candles["x"][-1] == "2022-10-11 11:00:00"
    assert volume["y"] == [candle.volume for candle in page.candles]


def test_figure_without_forecast_has_no_lane():
    figure = build_figure(page_of(), None, asset_class="crypto")

    assert bands_of(figure) == []
    assert figure["layout"]["xaxis"]["domain"] == [0, 1]
    assert "xaxis2" not in figure["layout"]


def test_figure_with_forecast_draws_four_nested_bands_from_now_to_target():
    figure = build_figure(page_of(), make_forecast(last_close=100.0), asset_class="crypto")

    bands = bands_of(figure)
    spans = [(min(band["y"]), max(band["y"])) for band in bands]

    assert [band["name"] for band in bands] == ["95% interval", "90% interval", "80% interval", "50% interval"]
    assert all(outer[0] < inner[0] and inner[1] < outer[1] for outer, inner in pairwise(spans))
    assert spans[1] == pytest.approx((98.9, 101.1))
    assert all(band["y"][0] == 100.0 and min(band["x"]) == 0 and max(band["x"]) == 1 for band in bands)
    assert figure["layout"]["xaxis2"]["ticktext"] == ["hm(2022-10-11 13:00:00)"]


def test_figure_expected_line_ends_at_the_expected_close():
    figure = build_figure(page_of(), make_forecast(last_close=100.0, expected_log_return=0.01), asset_class="crypto")

    line = next(trace for trace in figure["data"] if trace.get("line", {}).get("dash") == "dot")

    assert line["y"] == pytest.approx([100.0, 100 * math.exp(0.01)])


def test_figure_names_its_series_for_the_zoom():
    assert build_figure(page_of(), None, asset_class="crypto")["layout"]["uirevision"] == "BTC/USDT|1h"


def test_figure_is_plain_json_even_with_unknown_volume():
    figure = build_figure(page_of(), make_forecast(), asset_class="crypto")

    assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_figure_names_its_lower_panes():
    figure = build_figure(page_of(), None, asset_class="crypto", panes=Panes(rsi=True, macd=True))

    assert [label["text"] for label in figure["layout"]["annotations"]] == ["MACD", "RSI", "Volume"]


@pytest.mark.parametrize("heikin", [False, True])
def test_figure_tells_the_prices_of_the_running_candle_whatever_is_drawn_of_it(heikin):
    *closed, running = make_wire_candles(50)
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=closed, partial=running)

    meta = build_figure(page, None, asset_class="crypto", panes=Panes(heikin=heikin))["layout"]["meta"]

    assert meta["running"] == {"open": running.open, "high": running.high, "low": running.low}
    assert meta["heikin"] is heikin
