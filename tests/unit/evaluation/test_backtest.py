"""Does a whole backtest add up, beside holding and beside the edge of an evaluation?"""

import json

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.backtest import backtest
from candlecast.evaluation.edge import Trading, trade
from candlecast.evaluation.sizing import TradingRules
from candlecast.features.targets import build_targets
from tests.builders import make_candles

FREE = TradingRules(fee_bps=0.0, slippage_bps=0.0, rebalance_band=0.0)


def panel_of(*names, n=400):
    return {name: make_candles(n, seed=seed, symbol=name) for seed, name in enumerate(names)}


def forecasts_of(panel, *, horizon=1, skill=0.0, seed=1):
    rng, parts = np.random.default_rng(seed), []
    for name, candles in panel.items():
        targets = build_targets(candles, horizon=horizon, timeframe="1h", calendar="24/7")
        up = (targets["fill_log_return"] > 0).astype(float)
        p_up = np.clip(0.5 + skill * (up - 0.5) + 0.2 * (rng.random(len(up)) - 0.5), 0.01, 0.99)
        parts.append(
            targets.assign(
                symbol=name,
                close_time=candles["close_time"],
                made_at=candles["close_time"],
                p_up=p_up,
                p_model=p_up,
                sigma=0.01,
            ).iloc[30 : -horizon - 1]
        )
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("horizon", [1, 4])
def test_backtest_and_edge_of_an_evaluation_earn_the_same(horizon):
    panel = panel_of("A/USDT")
    forecasts = forecasts_of(panel, horizon=horizon)

    found = backtest(panel, forecasts, rules=FREE, timeframe="1h")

    edge = trade(forecasts, trading=Trading(cost_bps=0.0))
    assert found["strategy"]["return_pct"] == pytest.approx(100 * (np.prod(1 + edge["gross_bps"] / 1e4) - 1))


def test_holding_is_the_growth_from_first_to_last_open():
    panel = panel_of("A/USDT")
    forecasts = forecasts_of(panel)

    found = backtest(panel, forecasts, rules=FREE, timeframe="1h")["hold"]

    opens = panel["A/USDT"].set_index("open_time")["open"]
    first, last = opens[forecasts["close_time"].iloc[0]], opens[forecasts["target_time"].iloc[-1]]
    assert found["return_pct"] == pytest.approx(100 * (last / first - 1))
    assert (found["n_trades"], found["exposure"]) == (1, pytest.approx(1.0, abs=0.01))


def test_skill_earns_and_costs_take_it_away():
    panel = panel_of("A/USDT", "B/USDT")
    forecasts = forecasts_of(panel, skill=0.3)

    free, paid = (
        backtest(panel, forecasts, rules=rules, timeframe="1h")["strategy"]
        for rules in (FREE, TradingRules(fee_bps=100.0))
    )

    assert free["return_pct"] > 50
    assert free["hit_rate_low"] > 0.5
    assert paid["return_pct"] < 0
    assert paid["fees_pct"] > 50


def test_capital_of_two_symbols_is_half_in_each():
    panel = panel_of("A/USDT", "B/USDT")

    found = backtest(panel, forecasts_of(panel), rules=TradingRules(), timeframe="1h")

    parts = [part["strategy"]["return_pct"] for part in found["by_symbol"]]
    assert found["strategy"]["return_pct"] == pytest.approx(np.mean(parts))
    assert found["symbols"] == ["A/USDT", "B/USDT"]


def test_report_is_plain_json_with_a_curve_to_the_last_value():
    panel = panel_of("A/USDT", n=1_000)

    found = backtest(panel, forecasts_of(panel), rules=TradingRules(sizing="volatility"), timeframe="1h")

    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["equity"][-1]["strategy"] == pytest.approx(1 + found["strategy"]["return_pct"] / 100)
    assert len(found["equity"]) <= 400


def test_forecasts_that_take_no_side_keep_the_capital():
    panel = panel_of("A/USDT")

    found = backtest(panel, forecasts_of(panel).assign(p_up=np.nan), rules=TradingRules(), timeframe="1h")

    assert found["strategy"]["return_pct"] == 0
    assert (found["strategy"]["n_trades"], found["strategy"]["hit_rate"]) == (0, None)


def test_changing_the_future_does_not_change_the_past():
    panel = panel_of("A/USDT")
    forecasts = forecasts_of(panel, skill=0.1)
    changed = {
        "A/USDT": panel["A/USDT"].assign(
            **{c: panel["A/USDT"][c].where(panel["A/USDT"].index < 300, 7.0) for c in ("open", "close")}
        )
    }

    before, after = (
        {
            point["time"]: point["strategy"]
            for point in backtest(candles, forecasts, rules=TradingRules(), timeframe="1h")["equity"]
            if point["time"] < panel["A/USDT"]["open_time"].iloc[299].isoformat()
        }
        for candles in (panel, changed)
    )

    assert len(before) > 200
    assert before == after


def test_forecasts_without_any_later_candle_are_refused():
    panel = panel_of("A/USDT")

    with pytest.raises(InsufficientHistoryError, match="none of 1 forecasts has a candle that opened after it"):
        backtest({"A/USDT": panel["A/USDT"].iloc[:31]}, forecasts_of(panel).iloc[:1], rules=FREE, timeframe="1h")
