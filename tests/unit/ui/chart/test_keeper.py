import json
from datetime import timedelta

from candlecast.schemas import CandlePage
from tests.fakes import make_forecast, make_wire_candles
from tests.fakes.market import make_indicators
from tests.figure_steps import applied
from ui.chart.figure import build_figure
from ui.chart.keeper import FigureKeeper
from ui.chart.panes import Panes
from ui.chart.value import chart_value

CANDLES = make_wire_candles(501)
PANES = Panes(bollinger=True, rsi=True, macd=True)


def figure_of(candles):
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=candles)
    found = make_indicators("BTC/USDT", "1h", CANDLES, names="rsi,macd,bollinger")
    made = make_forecast(last_close=candles[-1].close, target_time=candles[-1].close_time + timedelta(hours=1))
    return build_figure(page, made, asset_class="crypto", panes=PANES, indicators=found)


def told(keeper, figure, *, held=""):
    return json.loads(keeper.value(key="BTC/USDT 1h", label="chart", figure=figure, held=held))


def test_tab_that_shows_nothing_gets_the_whole_figure():
    keeper, figure = FigureKeeper(), figure_of(CANDLES[:500])

    assert told(keeper, figure) == json.loads(chart_value(key="BTC/USDT 1h", label="chart", figure=figure))


def test_one_new_candle_travels_as_a_twentieth_of_the_figure_at_most():
    keeper = FigureKeeper()
    first = told(keeper, figure_of(CANDLES[:500]))

    then = told(keeper, figure_of(CANDLES[1:]), held=first["digest"])

    assert "figure" not in then
    assert then["base"] == first["digest"]
    whole = told(FigureKeeper(), figure_of(CANDLES[1:]))
    assert applied(first["figure"], then["steps"]) == whole["figure"]
    assert then["digest"] == whole["digest"]
    assert len(json.dumps(then)) < len(json.dumps(whole)) / 20


def test_tab_that_shows_the_figure_already_gets_no_step():
    keeper = FigureKeeper()
    first = told(keeper, figure_of(CANDLES))

    assert told(keeper, figure_of(CANDLES), held=first["digest"])["steps"] == []


def test_tab_whose_figure_is_no_longer_kept_gets_the_whole_one():
    keeper = FigureKeeper(most=2)
    oldest = told(keeper, figure_of(CANDLES[:400]))["digest"]
    for n in (401, 402):
        told(keeper, figure_of(CANDLES[:n]))

    assert "figure" in told(keeper, figure_of(CANDLES[:403]), held=oldest)


def test_note_without_a_figure_carries_no_digest():
    found = json.loads(FigureKeeper().value(key="k", label="l", figure=None, note="no candles", held="abc"))

    assert found == {"key": "k", "label": "l", "figure": None, "note": "no candles"}
