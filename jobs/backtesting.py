"""Forecasts and candles -> positions -> figures: what a backtest does in its worker."""

from typing import Any

import numpy as np
import pandas as pd

from candlecast.bootstrap import Market, open_database, open_market
from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.backtest import backtest
from candlecast.evaluation.sizing import MEAN_SIZE
from candlecast.models.algorithms import recipe_of
from candlecast.models.fitting import TrainingConfig
from candlecast.models.judging import judge
from candlecast.settings import Settings
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.record import RecordStore, SettledScope
from jobs.backtest_plan import BacktestPlan
from jobs.training.news import read_news
from jobs.training.panel import read_panel

_N_FOLDS = 5
_EMBARGO_CANDLES = 24


def run_backtest(settings: Settings, *, plan: BacktestPlan) -> dict[str, Any]:
    """Follow forecasts over the stored candles.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe and database.
    plan : BacktestPlan
        What is followed, and how.

    Returns
    -------
    dict
        From `candlecast.evaluation.backtest.backtest`, and `source`, `timeframe`, `horizon`,
        `model_id` (whose forecasts or recipe, None for the default recipe).

    Raises
    ------
    InsufficientHistoryError
        When there is no forecast to follow, or too few candles.
    """
    market, database = open_market(settings), open_database(settings)
    panel, timeframe = read_panel(market, database), market.settings.timeframe
    champion = ModelStore(database).champion(timeframe, plan.horizon)
    if plan.source == "ledger":
        model_id = plan.model_id or (None if champion is None else champion.id)
        forecasts = _recorded(market, database, plan=plan, model_id=model_id)
    else:
        model_id = None if champion is None else champion.id
        recipe = {} if champion is None else recipe_of(champion.algorithm, champion.params)
        config = TrainingConfig(
            timeframe=timeframe,
            horizon=plan.horizon,
            n_folds=_N_FOLDS,
            embargo_candles=_EMBARGO_CANDLES,
            test_start=plan.since,
            nthread=1,
            **recipe,
        )
        news, _ = read_news(settings, market, database, panel=panel)
        found = judge(panel, config=config, news=news).forecasts
        forecasts = found.rename(columns={"p_model": "p_up"}).assign(made_at=found["close_time"])
    report = backtest(panel, forecasts, rules=plan.rules, timeframe=timeframe)
    return report | {"source": plan.source, "timeframe": timeframe, "horizon": plan.horizon, "model_id": model_id}


def _recorded(market: Market, database: Database, *, plan: BacktestPlan, model_id: str | None) -> pd.DataFrame:
    timeframe = market.settings.timeframe
    what = f"{timeframe}, {plan.horizon} ahead"
    if model_id is None:
        raise InsufficientHistoryError(
            f"no model is promoted for {what}: name one with --model, or follow --source walk-forward"
        )
    names = [symbol.name for symbol in market.symbols]
    scope = SettledScope(timeframe=timeframe, horizon=plan.horizon, model_id=model_id, symbols=names, start=plan.since)
    found = RecordStore(database).settled(scope)
    if found.empty:
        raise InsufficientHistoryError(
            f"the ledger holds no settled forecast of model {model_id} for {what}: wait for candles, or follow "
            "--source walk-forward"
        )
    # an abstention takes no side; the ledger tells the expected size of a move, of which sigma is the scale
    takes_side = found["direction"] != "abstain"
    p_up, sigma = found["p_up"].where(takes_side, np.nan), found["sigma"] / MEAN_SIZE
    return found.assign(p_up=p_up, sigma=sigma)
