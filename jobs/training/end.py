"""The end of a training: figures, artefact, row, and whether the model is promoted."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from candlecast.bootstrap import open_database, open_market
from candlecast.evaluation.paired import log_losses, paired_test
from candlecast.market.timeframes import timeframe_s
from candlecast.models.artefacts import save_model
from candlecast.models.direction import DirectionModel
from candlecast.models.training import FoldResult, TrainingResult, conclude
from candlecast.promotion import Verdict, judge_alone, judge_together
from candlecast.reading import tell_promoted
from candlecast.registry import Registry
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from jobs.training.facts import Begun, Survey
from jobs.training.steps import P_CHAMPION, challenger_of

_DAY_S = 86_400


def finish(
    begun: Begun, surveyed: Survey, skipped: dict[str, str], model: DirectionModel, *judged: FoldResult
) -> dict[str, Any]:
    """Register the model, and promote it if it is the first, surely better, or the champion expired.

    Returns
    -------
    dict
        ``summary`` for people, ``model_id``, ``promoted``, ``metrics``, ``skipped``, ``columns``: what
        it learned from.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    settings, market = begun.settings, open_market(begun.settings)
    registry = Registry(ModelStore(open_database(settings)), settings.models.folder)
    result = conclude(judged, model=model, skipped=surveyed.skipped | skipped, origin=surveyed.origin)
    verdict = _verdict(begun, result)
    record = registry.register(_record(begun, result, verdict))
    if verdict.promote:
        tell_promoted(settings, market, registry.promote(record.id, promoted_at=market.clock.now()))
    begun.run.end()
    return {
        "summary": _summary(result, model_id=record.id, verdict=verdict, columns=surveyed.columns),
        "model_id": record.id,
        "promoted": verdict.promote,
        "metrics": record.metrics,
        "skipped": result.skipped,
        "columns": surveyed.columns,
    }


def _verdict(begun: Begun, result: TrainingResult) -> Verdict:
    facts, champion = result.model.facts, begun.champion
    challenger = challenger_of(begun, facts.symbols, facts.feature_names, alarm=result.metrics["leak_alarm"])
    alone = judge_alone(challenger, champion, now=begun.run.until, fault=begun.fault)
    if alone is not None:
        return alone
    both = result.forecasts[result.forecasts[P_CHAMPION].notna()]
    direction = both["direction"].to_numpy(dtype=float)
    ours, theirs = (log_losses(both[name].to_numpy(dtype=float), direction) for name in ("p_model", P_CHAMPION))
    lag_days = -(-facts.horizon * timeframe_s(facts.timeframe) // _DAY_S)
    closes = pd.DatetimeIndex(both["close_time"])
    return judge_together(paired_test(ours, theirs, closes, lag_days=lag_days))


def _record(begun: Begun, result: TrainingResult, verdict: Verdict) -> ModelRecord:
    facts, folder = result.model.facts, begun.settings.models.folder
    tuning = {} if begun.request.tuning is None else {"tuning": dict(begun.request.tuning)}
    metrics = result.metrics | tuning
    artefact = save_model(result.model, folder, metrics=metrics, origin=result.origin)
    return ModelRecord(
        id=artefact.path.name,
        symbols=list(facts.symbols),
        timeframe=facts.timeframe,
        horizon=facts.horizon,
        algorithm=facts.algorithm,
        features=list(facts.feature_names),
        # what was decided is no part of the artefact: the same model stays the same file
        metrics=metrics | {"promotion": verdict.why, "origin": asdict(result.origin)},
        params=dict(facts.params),
        data_start=facts.data_start,
        data_end=facts.data_end,
        artefact_path=str(artefact.path.absolute()),
        sha256=artefact.sha256,
        trained_at=begun.run.until,
    )


def _summary(result: TrainingResult, *, model_id: str, verdict: Verdict, columns: str) -> str:
    direction, majority = result.metrics["direction"]["model"], result.metrics["direction"]["majority"]
    left_out = "".join(f"; left out: {reason}" for reason in result.skipped.values())
    return (
        f"model {model_id} {'promoted' if verdict.promote else 'NOT promoted'}, {verdict.why}: out of sample accuracy "
        f"{direction['accuracy']:.3f} [{direction['accuracy_low']:.3f}, {direction['accuracy_high']:.3f}] "
        f"against {majority['accuracy']:.3f} of the majority class, n = {direction['n']:,.0f}; {columns}{left_out}"
    )
