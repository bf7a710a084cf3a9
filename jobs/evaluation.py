"""Candles -> walk-forward -> figures: what an evaluation does in its worker."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from candlecast.bootstrap import open_database, open_market
from candlecast.evaluation.full_report import Protocol, full_report
from candlecast.evaluation.gates import alarm_gate
from candlecast.models.algorithms import recipe_of
from candlecast.models.fitting import TrainingConfig
from candlecast.models.judging import judge
from candlecast.models.leak_checks import check_leaks
from candlecast.settings import Settings
from candlecast.storage.postgres.evaluations import EvaluationRecord, EvaluationStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from jobs.evaluation_plan import EvaluationPlan
from jobs.training.news import read_news
from jobs.training.panel import read_panel


def evaluate_horizon(settings: Settings, *, horizon: int, plan: EvaluationPlan) -> dict[str, Any]:
    """Judge the recipe of the promoted model, or the default one, and store what was found.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe and database.
    horizon : int
        Candles ahead.
    plan : EvaluationPlan
        How.

    Returns
    -------
    dict
        From `full_report`, and `model_id` (whose recipe, None for the default), `columns` (what was
        learned from), `skipped` and `gates` (empty when they were not asked for).

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough stored candles.
    """
    market, database = open_market(settings), open_database(settings)
    timeframe = market.settings.timeframe
    champion = ModelStore(database).champion(timeframe, horizon)
    config = _config(champion, timeframe=timeframe, horizon=horizon, plan=plan)
    panel = read_panel(market, database)
    news, columns = read_news(settings, market, database, panel=panel)
    found = judge(panel, config=config, news=news)
    protocol = Protocol(
        timeframe=timeframe,
        horizon=horizon,
        n_folds=plan.n_folds,
        embargo_candles=plan.embargo_candles,
        train_candles=plan.train_candles,
        trained_on=found.trained_on,
        cost_bps=plan.cost_bps,
    )
    report = full_report(found.forecasts, protocol=protocol, importance=found.importance)
    gates = [*check_leaks(panel, config=config, news=news), alarm_gate(_accuracy(report))] if plan.check_leaks else []
    model_id = None if champion is None else champion.id
    report |= {"model_id": model_id, "columns": columns, "skipped": found.skipped}
    report["gates"] = [asdict(gate) for gate in gates]
    EvaluationStore(database).insert(EvaluationRecord(timeframe, horizon, model_id, market.clock.now(), report))
    return report


def _config(champion: ModelRecord | None, *, timeframe: str, horizon: int, plan: EvaluationPlan) -> TrainingConfig:
    recipe = {} if champion is None else recipe_of(champion.algorithm, champion.params)
    return TrainingConfig(
        timeframe=timeframe,
        horizon=horizon,
        n_folds=plan.n_folds,
        embargo_candles=plan.embargo_candles,
        test_start=plan.test_start,
        train_candles=plan.train_candles,
        nthread=1,
        **recipe,
    )


def _accuracy(report: Mapping[str, Any]) -> dict[str, float]:
    return {
        "accuracy_low": next(f["low"] for f in report["figures"] if f["metric"] == "accuracy"),
        "majority_share": report["majority_share"],
    }
