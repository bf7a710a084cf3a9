from itertools import pairwise

import pytest

from candlecast.schemas import CandlePage
from tests.fakes import make_wire_candles
from tests.fakes.market import make_indicators
from ui.chart.figure import build_figure
from ui.chart.panes import Panes, domains
from ui.chart.toolbar import pane_buttons

CANDLES = make_wire_candles(60)


def test_panes_are_read_from_names_and_short_forms():
    assert Panes.of(["vol", "bb", "rsi", "unknown"]).names == ("volume", "bollinger", "rsi")


@pytest.mark.parametrize("names", [[], ["vol"], ["rsi", "macd"], ["vol", "rsi", "macd"]])
def test_panes_lie_one_above_the_other_and_fill_the_height(names):
    found = list(domains(Panes.of(names)).values())

    assert found[0][0] == 0
    assert found[-1][1] == 1
    assert all(below[1] < above[0] for below, above in pairwise(found))


def test_figure_has_the_panes_that_are_on_aligned_with_the_running_candle():
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=CANDLES[:-1], partial=CANDLES[-1])
    found = make_indicators("BTC/USDT", "1h", CANDLES[:-1], names="rsi,macd,bollinger")

    figure = build_figure(page, None, asset_class="crypto", panes=Panes.of(["bb", "rsi", "macd"]), indicators=found)

    columns = [trace["meta"]["column"] for trace in figure["data"]]
    assert columns[1:4] == ["volatility_bbh", "volatility_bbl", "volatility_bbm"]
    assert "momentum_rsi" in columns
    assert "volume" not in columns
    assert all(len(trace["y"]) == 60 and trace["y"][-1] is None for trace in figure["data"][1:])
    assert figure["layout"]["meta"]["running"]


def test_heikin_ashi_candles_say_so():
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=CANDLES[:-1], partial=CANDLES[-1])

    figure = build_figure(page, None, asset_class="crypto", panes=Panes(heikin=True))

    candles = figure["data"][0]
    first = CANDLES[0]
    assert candles["close"][0] == (first.open + first.high + first.low + first.close) / 4
    assert candles["meta"]["column"] == "heikin_ashi_"


def test_button_of_the_last_pane_that_is_on_switches_all_off():
    assert 'data-go="ind=none" aria-pressed="true"' in pane_buttons(Panes.of(["vol"]))
