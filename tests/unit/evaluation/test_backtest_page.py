"""Does a page of a backtest say what was found, escape it, and fetch nothing?"""

import json
import re

import pytest

from candlecast.evaluation.backtest import backtest
from candlecast.evaluation.backtest_page import render_backtest
from candlecast.evaluation.backtest_words import figure_rows, part_rows, rules_words, summary
from candlecast.evaluation.sizing import TradingRules
from tests.unit.evaluation.test_backtest import forecasts_of, panel_of

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def report():
    panel = panel_of("A/USDT", "B/USDT")
    found = backtest(panel, forecasts_of(panel), rules=TradingRules(threshold=0.55), timeframe="1h")
    return found | {"source": "ledger", "timeframe": "1h", "horizon": 1, "model_id": "m1"}


def test_page_carries_value_and_drawdown(report):
    page = render_backtest(report, plotly_script="window.Plotly = 1")

    figures = json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL).group(1))
    value, drawdown = figures["equity"]["data"], figures["drawdown"]["data"]
    assert value[0]["y"][-1] == pytest.approx(1 + report["strategy"]["return_pct"] / 100)
    assert max(drawdown[0]["y"]) <= 0
    assert min(drawdown[0]["y"]) == pytest.approx(-report["strategy"]["drawdown_pct"])
    assert "Candlecast: backtest" in page


def test_page_escapes_every_text_and_fetches_nothing(report):
    parts = [part | {"symbol": HOSTILE} for part in report["by_symbol"]]

    page = render_backtest(report | {"source": HOSTILE, "by_symbol": parts}, plotly_script="")

    assert "<img" not in page
    assert "default-src 'none'" in page
    assert not re.findall(r'(?:src|href)="?https?:', page)


def test_words_say_rules_costs_and_how_many_were_filled(report):
    words = rules_words(report)

    assert words.startswith("ledger forecasts, 2021-")
    assert "long and short from P(up) 0.55" in words
    assert "10 bps fee and 2 bps slippage a side, filled at the next open: 736 of 736" in words


def test_tables_stand_beside_holding(report):
    rows, parts = figure_rows(report), part_rows(report)

    assert rows[0] == ["figure", "forecasts", "95 % interval", "holding"]
    assert rows[1][0] == "return"
    assert rows[8][2].startswith("[0.")
    assert [row[0] for row in parts] == ["symbol", "A/USDT", "B/USDT"]


def test_summary_is_one_line_with_both(report):
    line = summary(report)

    assert line.startswith("1h 1 ahead, ledger: ")
    assert "holding" in line
    assert "\n" not in line
