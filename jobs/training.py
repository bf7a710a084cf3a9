"""Candles -> trained model -> registry: what a training job does in its worker."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd

from candlecast.bootstrap import Market, open_database, open_market
from candlecast.errors import InsufficientHistoryError
from candlecast.models.artefacts import save_model
from candlecast.models.direction import ALGORITHM
from candlecast.models.fitting import TrainingConfig
from candlecast.models.training import TrainingResult, train
from candlecast.reading import forget_forecasts
from candlecast.registry import Registry
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.postgres.symbols import SymbolStore
from jobs.training_news import read_news

N_FOLDS = 3


def train_model(
    settings: Settings, *, if_missing: bool, params: dict[str, float] | None = None, n_folds: int = N_FOLDS
) -> dict[str, Any]:
    """Train over the followed symbols, register the model, promote it if nothing speaks against it.

    Against it speaks an accuracy too good to be true, or a symbol that the promoted model learned
    from and this one did not.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe, horizon, database and artefact folder.
    if_missing : bool
        Do nothing when a model is promoted already.
    params : dict, optional
        Parameters of the estimator that differ from its defaults.
    n_folds : int
        Test blocks of the walk-forward over the last half of the history.

    Returns
    -------
    dict
        ``summary`` for people, ``model_id``, ``promoted``, ``metrics``, ``skipped``, ``columns``: what
        it learned from.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough stored candles.
    """
    market, database = open_market(settings), open_database(settings)
    store, horizon = ModelStore(database), market.settings.horizon
    timeframe = market.settings.timeframe
    champion = store.champion(timeframe, horizon)
    if if_missing and champion is not None:
        return {"summary": f"model {champion.id} is promoted already", "model_id": champion.id, "promoted": True}
    config = TrainingConfig(timeframe=timeframe, horizon=horizon, params=params or {}, n_folds=n_folds, nthread=1)
    panel = read_panel(market, database)
    news, columns = read_news(settings, market, database, panel=panel)
    result = train(panel, config=config, news=news)
    registry = Registry(store, settings.models.folder)
    record = registry.register(_record(result, folder=settings.models.folder, trained_at=market.clock.now()))
    objection = _objection(result, champion)
    if objection is None:
        forget_forecasts(settings, market, registry.promote(record.id, promoted_at=market.clock.now()))
    return {
        "summary": _summary(result, model_id=record.id, objection=objection, columns=columns),
        "model_id": record.id,
        "promoted": objection is None,
        "metrics": result.metrics,
        "skipped": result.skipped,
        "columns": columns,
    }


def read_panel(market: Market, database: Database) -> dict[str, pd.DataFrame]:
    """Read all stored candles of the followed symbols as of the market time.

    Raises
    ------
    InsufficientHistoryError
        When nothing is stored for any of them.
    """
    store, ids = CandleStore(database), SymbolStore(database).ensure(market.symbols)
    now, timeframe = market.clock.now(), market.settings.timeframe
    panel = {name: store.read(symbol_id, timeframe, until=now) for name, symbol_id in ids.items()}
    stored = {name: candles for name, candles in panel.items() if len(candles)}
    if not stored:
        raise InsufficientHistoryError(
            f"no {timeframe} candle of {', '.join(panel)} is stored; run `candlecast backfill` first"
        )
    return stored


def _record(result: TrainingResult, *, folder: Path, trained_at: datetime) -> ModelRecord:
    facts = result.model.facts
    artefact = save_model(result.model, folder, metrics=result.metrics)
    return ModelRecord(
        id=f"{artefact.path.name}-{uuid4().hex[:6]}",
        symbols=list(facts.symbols),
        timeframe=facts.timeframe,
        horizon=facts.horizon,
        algorithm=ALGORITHM,
        features=list(facts.feature_names),
        metrics=result.metrics,
        params=dict(facts.params),
        data_start=facts.data_start,
        data_end=facts.data_end,
        artefact_path=str(artefact.path.absolute()),
        sha256=artefact.sha256,
        trained_at=trained_at,
    )


def _objection(result: TrainingResult, champion: ModelRecord | None) -> str | None:
    # a person may overrule both with `candlecast models promote`
    alarm: str | None = result.metrics["leak_alarm"]
    unknown = sorted(set(champion.symbols) - set(result.model.facts.symbols)) if champion is not None else []
    if alarm is None and unknown:
        return f"it never saw {', '.join(unknown)}, which the promoted model knows"
    return alarm


def _summary(result: TrainingResult, *, model_id: str, objection: str | None, columns: str) -> str:
    direction, majority = result.metrics["direction"]["model"], result.metrics["direction"]["majority"]
    left_out = "".join(f"; left out: {reason}" for reason in result.skipped.values())
    return (
        f"model {model_id} {'promoted' if objection is None else f'NOT promoted, {objection}'}: out of sample accuracy "
        f"{direction['accuracy']:.3f} [{direction['accuracy_low']:.3f}, {direction['accuracy_high']:.3f}] "
        f"against {majority['accuracy']:.3f} of the majority class, n = {direction['n']:,.0f}; {columns}{left_out}"
    )
