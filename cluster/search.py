"""A search of model parameters with Ray Tune: a searcher proposes, ASHA stops the hopeless early."""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from ray import tune
from ray.tune.callback import Callback
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch

from candlecast.models.search_space import MAX_ROUNDS, SPACE, Params, Range, grid_points
from candlecast.models.tuning import InnerFit, Matrices, Prepared
from cluster.resources import TUNE_TRIAL

Method = Literal["optuna", "grid"]

# a trial tells this often how it does: each report is a round trip to the driver
REPORT_ROUNDS = 20
_LOSS, _ROUND, _BEST_ROUNDS, _OVER = "log_loss", "round", "best_rounds", "done"
_POINT = "point"
_GRACE_ROUNDS, _REDUCTION = 40, 3
_MAX_FAILURES = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of parameters that was tried.

    Parameters
    ----------
    params : dict
        What was tried, with the rounds that did best; empty rounds when it failed.
    log_loss : float or None
        Mean validation log loss of the inner folds after those rounds, nats; None: it failed.
    rounds : int
        Rounds that it ran before it was over or stopped.
    """

    params: Params
    log_loss: float | None
    rounds: int


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How to search.

    Parameters
    ----------
    method : str
        ``optuna`` (tree-structured Parzen estimator) or ``grid`` (all 81 points).
    trials : int
        Sets of parameters to try in all, those of `known` counted; a grid tries all of its points.
    concurrent : int
        Trials at a time.
    seed : int
        Seed of the proposals.
    folder : Path
        Where Ray Tune writes its state meanwhile; driver and trials see it; emptied before and after.
    first : sequence of dict
        Points to try first.
    known : sequence of Trial
        What an earlier, broken-off run tried: not tried again, learned from.
    """

    method: Method
    trials: int
    concurrent: int
    seed: int
    folder: Path
    first: Sequence[Params] = ()
    known: Sequence[Trial] = ()

    def left(self) -> int:
        """Return how many trials are still to be made."""
        return len(self.grid_left()) if self.method == "grid" else max(0, self.trials - len(self.known))

    def grid_left(self) -> list[Params]:
        """Return the points of the grid that were not tried yet."""
        tried = [_without_rounds(trial.params) for trial in self.known]
        return [point for point in grid_points() if point not in tried]


def search(prepared: Any, *, plan: SearchPlan, on_trial: Callable[[Trial], None]) -> None:
    """Try parameters until the plan is fulfilled; a trial whose process dies is tried again.

    The caller holds no CPU, and trials start nothing themselves: however few CPUs are free, they
    come one after the other and never wait for each other.

    Parameters
    ----------
    prepared : ObjectRef of Prepared, or Prepared
        Rows of the inner walk-forward; they lie in the object store once.
    plan : SearchPlan
        How many, how wide, from which seed.
    on_trial : callable
        Told of every trial as it ends, in the thread of the caller; what it raises ends the search.
    """
    if not plan.left():
        return
    _quieten()
    shutil.rmtree(plan.folder, ignore_errors=True)
    try:
        _tuner(prepared, plan=plan, on_trial=on_trial).fit()
    finally:
        shutil.rmtree(plan.folder, ignore_errors=True)


class SearchTrial(tune.Trainable):
    """A process that tries one set of parameters after the other on the same rows."""

    def setup(self, config: dict[str, Any], *, prepared: Prepared) -> None:
        """Cut the rows into bins, once for all trials of this process."""
        self._prepared, self._matrices = prepared, Matrices.of(prepared)
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Begin the next trial."""
        self._fit = InnerFit(self._prepared, new_config.get(_POINT, new_config), matrices=self._matrices)
        return True

    def step(self) -> dict[str, Any]:
        """Boost for `REPORT_ROUNDS` and tell the best loss so far."""
        self._fit.advance(REPORT_ROUNDS)
        return {
            _LOSS: self._fit.best_loss,
            _ROUND: self._fit.rounds,
            _BEST_ROUNDS: self._fit.best_rounds,
            _OVER: self._fit.finished,
        }

    def cleanup(self) -> None:
        """Let go of the rows before the process is told to end."""
        del self._fit, self._matrices, self._prepared


class _Ending(Callback):
    """Tells of trials as they end."""

    def __init__(self, on_trial: Callable[[Trial], None]) -> None:
        self._on_trial = on_trial

    def __getstate__(self) -> dict[str, Any]:
        # Tune writes its callbacks to disk; this one is of use only here
        return {}

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        result = trial.last_result
        params = {**_point(trial), "rounds": result[_BEST_ROUNDS]}
        self._on_trial(Trial(params, result[_LOSS], result[_ROUND]))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._on_trial(Trial(_point(trial), None, 0))


def _quieten() -> None:
    # each report would be written to three files that nobody reads, and a banner to the terminal
    os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    logging.getLogger("ray.tune").setLevel(logging.ERROR)
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def _tuner(prepared: Any, *, plan: SearchPlan, on_trial: Callable[[Trial], None]) -> tune.Tuner:
    grid = plan.method == "grid"
    return tune.Tuner(
        tune.with_resources(tune.with_parameters(SearchTrial, prepared=prepared), TUNE_TRIAL),
        param_space={_POINT: tune.grid_search(plan.grid_left())} if grid else {},
        tune_config=tune.TuneConfig(
            metric=_LOSS,
            mode="min",
            num_samples=1 if grid else plan.left(),
            # unset, Tune allows a single pending trial to a custom searcher
            max_concurrent_trials=plan.concurrent,
            reuse_actors=True,
            search_alg=None if grid else _optuna(plan),
            scheduler=ASHAScheduler(
                time_attr=_ROUND, max_t=MAX_ROUNDS, grace_period=_GRACE_ROUNDS, reduction_factor=_REDUCTION
            ),
        ),
        run_config=tune.RunConfig(
            name=plan.folder.name,
            storage_path=str(plan.folder.parent.absolute()),
            verbose=0,
            callbacks=[_Ending(on_trial)],
            # a winner is fitted anew, and a trial that was broken off begins anew: neither needs a checkpoint
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            failure_config=tune.FailureConfig(max_failures=_MAX_FAILURES),
        ),
    )


def _optuna(plan: SearchPlan) -> OptunaSearch:
    space = OptunaSearch.convert_search_space({name: _domain(bounds) for name, bounds in SPACE.items()})
    tried = [_without_rounds(trial.params) for trial in plan.known]
    searcher = OptunaSearch(
        space=space,
        metric=_LOSS,
        mode="min",
        points_to_evaluate=[point for point in plan.first if point not in tried],
        # a run that goes on does not repeat the first proposals
        seed=plan.seed + len(tried),
    )
    for point, trial in zip(tried, plan.known, strict=True):
        if trial.log_loss is not None:
            searcher.add_evaluated_point(point, trial.log_loss)
    return searcher


def _domain(bounds: Range) -> Any:
    if bounds.whole:
        return tune.randint(int(bounds.low), int(bounds.high) + 1)
    return (tune.loguniform if bounds.log else tune.uniform)(bounds.low, bounds.high)


def _point(trial: Any) -> Params:
    return dict(trial.config.get(_POINT, trial.config))


def _without_rounds(params: Params) -> Params:
    return {name: value for name, value in params.items() if name != "rounds"}
