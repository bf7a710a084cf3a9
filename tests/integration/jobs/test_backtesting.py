"""Are the forecasts of the ledger, and those of a walk-forward, followed over what is stored?"""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from candlecast.bootstrap import open_market
from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.sizing import TradingRules
from candlecast.ingest.loader import Loader
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from jobs import backtesting
from jobs.backtest_plan import BacktestPlan
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at
from tests.storage_builders import START, make_entry, make_record

N_CANDLES = 700
FREE = TradingRules(fee_bps=0.0, slippage_bps=0.0)
SETTLE = """
INSERT INTO outcomes_table
    (prediction_id, realised_close, realised_log_return, realised_volatility, settled_at, row_hash)
SELECT id, 1.0, 0.0, 0.0, target_time, repeat('0', 64) FROM predictions_table
"""


@pytest.fixture
def world(database, postgres, tmp_path):
    recording = make_small_recording(["BTC/USDT"], N_CANDLES)
    with market_at(recording.end - HOUR / 3, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        settings.market.history_candles = N_CANDLES
        Loader(settings).load(open_market(settings).symbols)
        yield settings, recording.series["BTC/USDT"].candles


def record(database, candles, places, directions):
    ModelStore(database).insert(make_record(trained_at=START - timedelta(days=900)))
    shifts = [round((candles["close_time"].iloc[place] - START) / HOUR) for place in places]
    chosen = zip(shifts, directions, strict=True)
    entries = [make_entry(hour, direction=side, p_up={"down": 0.4}.get(side, 0.6)) for hour, side in chosen]
    PredictionStore(database).record(entries)
    with database.transaction() as cursor:
        cursor.execute(SETTLE)


def test_settled_forecasts_of_the_ledger_are_filled_at_the_next_open(world, database):
    settings, candles = world
    record(database, candles, (600, 601, 602), ("up", "abstain", "down"))
    plan = BacktestPlan(source="ledger", horizon=1, rules=FREE, model_id="m1")

    found = backtesting.run_backtest(settings, plan=plan)

    opens = candles["open"]
    up, down = opens[602] / opens[601] - 1, -(opens[604] / opens[603] - 1)
    assert found["strategy"]["return_pct"] == pytest.approx(100 * ((1 + up) * (1 + down) - 1))
    assert found["hold"]["return_pct"] == pytest.approx(100 * (opens[604] / opens[601] - 1))
    assert (found["n_filled"], found["strategy"]["n_trades"], found["model_id"]) == (3, 2, "m1")


@pytest.mark.parametrize(("model_id", "says"), [(None, "no model is promoted for 1h, 1 ahead"), ("m2", "of model m2")])
def test_ledger_without_forecasts_says_what_to_do(world, model_id, says):
    plan = BacktestPlan(source="ledger", horizon=1, rules=FREE, model_id=model_id)

    with pytest.raises(InsufficientHistoryError, match=says) as refused:
        backtesting.run_backtest(world[0], plan=plan)

    assert "--source walk-forward" in str(refused.value)


def test_forecasts_of_a_walk_forward_are_followed(world, monkeypatch):
    settings, candles = world
    asked = []

    def judge(panel, *, config, news):
        asked.append(config)
        closes = pd.DatetimeIndex(panel["BTC/USDT"]["close_time"])[500:689]
        rows = {"symbol": "BTC/USDT", "close_time": closes, "target_time": closes + 4 * HOUR, "p_model": 0.6}
        # the walk itself is tested where it lives
        return type("Found", (), {"forecasts": pd.DataFrame(rows | {"sigma": np.full(189, 0.01)})})

    monkeypatch.setattr(backtesting, "judge", judge)
    since = candles["close_time"].iloc[500].to_pydatetime()
    plan = BacktestPlan(source="walk-forward", horizon=4, rules=FREE, since=since)

    found = backtesting.run_backtest(settings, plan=plan)

    assert (asked[0].horizon, asked[0].test_start) == (4, since)
    assert found["strategy"]["return_pct"] == pytest.approx(found["hold"]["return_pct"])
    assert found["strategy"]["n_trades"] == 1
