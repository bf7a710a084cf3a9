"""A study: parameters are searched, the winner is weighed, and a model is trained with it; a broken-off one goes on."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import ray

from candlecast.bootstrap import Market, open_database, open_market
from candlecast.clock import Clock
from candlecast.errors import StackError
from candlecast.job_progress import JobProgress
from candlecast.models.estimators import DEFAULT_PARAMS
from candlecast.models.search_space import in_space
from candlecast.settings import Settings
from candlecast.storage.postgres.trials import StoredTrial, Study, StudyScope, TrialStore
from cluster.search import Method, SearchPlan, Trial, search
from jobs.sole import only_one
from jobs.tasks import prepare_search, weigh_winner
from jobs.training.cluster import OnCluster
from jobs.training.driver import run_training
from jobs.training.request import TrainingRequest

# a broken-off study whose candles are older is given up
_MAX_AGE = timedelta(days=7)
_SEED = 7


@dataclass(frozen=True, slots=True)
class SearchOrder:
    """How to search, as the command line says it.

    Parameters
    ----------
    method : str
        ``optuna`` or ``grid``.
    trials : int
        Sets of parameters to try.
    concurrent : int
        Trials at a time.
    anew : bool
        Give up a broken-off study instead of going on with it.
    """

    method: Method = "optuna"
    trials: int = 8
    concurrent: int = 2
    anew: bool = False


def tune(settings: Settings, order: SearchOrder, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Search parameters, train and register a model with the best, and store all of it.

    Killed at any moment and called again, it goes on: trials that ended are not made again. The
    search sees only rows before the first test block of the model's own walk-forward, so that the
    winner is judged on what no trial saw; the registered model is fitted on all rows.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe, horizon, database and artefact folder.
    order : SearchOrder
        How to search.
    say : callable
        Receives a line of progress as each trial ends.

    Returns
    -------
    dict
        What training returns, and ``study``, ``trials``, ``best``, ``log_loss``, ``deflated``.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough stored candles.
    StackError
        When every trial failed, or the same search is running already.
    """
    market = open_market(settings)
    scope = _scope(market, order)
    what = f"the {scope.method} search on {scope.timeframe} candles, horizon {scope.horizon},"
    with only_one(settings, what, symbols=scope.symbols):
        desk = _Desk(TrialStore(open_database(settings)), market.clock, settings)
        return _study(desk, scope, order, say=say)


def _study(desk: "_Desk", scope: StudyScope, order: SearchOrder, *, say: Callable[[str], None]) -> dict[str, Any]:
    study, prepared = desk.open(scope, anew=order.anew)
    ended = desk.search(study, prepared, order=order, say=say)
    best = min((trial for trial in ended if trial.score is not None), key=lambda trial: trial.score, default=None)
    if best is None:
        raise StackError(f"all {len(ended)} trials of study {study.id} failed; see the log of the job")
    deflated = asdict(ray.get(weigh_winner.remote(prepared, best.params, n_trials=len(ended))))
    outcome = {"study": study.id, "trials": len(ended), "best": best.params, "log_loss": best.score}
    outcome["deflated"] = deflated
    request = TrainingRequest(params=best.params, tuning=outcome, resumable=True)
    trained = run_training(desk.settings, request, workers=OnCluster(), say=say)
    desk.store.finish(study.id, outcome=outcome, model_id=trained["model_id"], finished_at=desk.clock.now())
    return {**trained, **outcome, "summary": f"{_verdict(outcome)}; {trained['summary']}"}


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where a study is opened, searched and stored."""

    store: TrialStore
    clock: Clock
    settings: Settings

    def open(self, scope: StudyScope, *, anew: bool) -> tuple[Study, Any]:
        """Return the broken-off study of `scope`, else a new one, and the rows that its trials share."""
        study = self.store.open_study(scope)
        if study is not None:
            digest, prepared = prepare_search.remote(self.settings, study.as_of)
            reason = self._stale(study, digest=ray.get(digest)) if not anew else "begun anew"
            if reason is None:
                return study, prepared
            outcome = {"given_up": reason}
            self.store.finish(study.id, outcome=outcome, model_id=None, finished_at=self.clock.now())
        now = self.clock.now()
        digest, prepared = prepare_search.remote(self.settings, now)
        name = f"{scope.timeframe}-h{scope.horizon}-{scope.method}-{uuid4().hex[:8]}"
        study = Study(name, scope, as_of=now, data_digest=ray.get(digest), started_at=now)
        self.store.begin(study)
        return study, prepared

    def search(
        self, study: Study, prepared: Any, *, order: SearchOrder, say: Callable[[str], None]
    ) -> list[StoredTrial]:
        """Make the trials that are missing and return all."""
        known = [Trial(trial.params, trial.score, trial.rounds) for trial in self.store.trials(study.id)]
        starts = (self.store.last_winner(study.scope) or {}, DEFAULT_PARAMS)
        points = [point for start in starts if (point := in_space(start)) is not None]
        plan = SearchPlan(
            method=order.method,
            trials=order.trials,
            concurrent=order.concurrent,
            seed=_SEED,
            folder=self.settings.models.folder / ".tune" / study.id,
            first=points if len(points) < 2 or points[0] != points[1] else points[1:],
            known=known,
        )
        total, made = len(known) + plan.left(), list(known)

        def ended(trial: Trial) -> None:
            self.store.add(study.id, StoredTrial(trial.params, trial.log_loss, trial.rounds, self.clock.now()))
            made.append(trial)
            say(_progress(made, total=total).line())

        if known:
            say(_progress(made, total=total).line())
        search(prepared, plan=plan, on_trial=ended)
        return self.store.trials(study.id)

    def _stale(self, study: Study, *, digest: str) -> str | None:
        if digest != study.data_digest:
            return "stored candles, news or features have changed since"
        return None if timedelta(0) <= self.clock.now() - study.as_of <= _MAX_AGE else "its candles are too old"


def _scope(market: Market, order: SearchOrder) -> StudyScope:
    names = sorted(symbol.name for symbol in market.symbols)
    return StudyScope(names, market.settings.timeframe, market.settings.horizon, order.method)


def _progress(made: list[Trial], *, total: int) -> JobProgress:
    scored = [trial for trial in made if trial.log_loss is not None]
    note = "none has a score yet"
    if scored:
        best = min(scored, key=lambda trial: trial.log_loss)
        note = f"best log loss {best.log_loss:.5f} after {best.params['rounds']:.0f} rounds"
    failed = len(made) - len(scored)
    return JobProgress(done=len(made), total=total, unit="trials", note=f"{note}; {failed} failed" if failed else note)


def _verdict(outcome: dict[str, Any]) -> str:
    deflated = outcome["deflated"]
    sure = "more than luck" if deflated["probability"] > 0.95 else "not told from luck"
    return (
        f"best of {outcome['trials']} trials: validation log loss {outcome['log_loss']:.5f}, gain on the defaults "
        f"{deflated['gain']:+.5f} ± {deflated['standard_error']:.5f}, less {deflated['luck']:.5f} of expected luck "
        f"{deflated['deflated_gain']:+.5f} ({sure}: {deflated['probability']:.0%} sure); {outcome['best']}"
    )
