"""A search of model parameters with Ray Tune: Optuna proposes, ASHA stops the hopeless early."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch

from candlecast.models.estimators import DEFAULT_PARAMS
from candlecast.models.tuning import Prepared, fit_score
from cluster.resources import TUNE_TRIAL

LOSS, ROUND = "log_loss", "round"
MAX_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of parameters that was tried.

    Parameters
    ----------
    params : dict
        What was tried, rounds included.
    log_loss : float
        Mean validation log loss of the inner folds, nats, at the last report.
    """

    params: dict[str, float]
    log_loss: float


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How to search.

    Parameters
    ----------
    trials : int
        Sets of parameters to try.
    concurrent : int
        Trials at a time.
    seed : int
        Seed of the proposals.
    storage : Path
        Folder that the driver and all trials see.
    """

    trials: int
    concurrent: int
    seed: int
    storage: Path


def search(prepared: Prepared, *, plan: SearchPlan) -> list[Trial]:
    """Try parameters, the defaults first, and return all trials, the best first.

    Parameters
    ----------
    prepared : Prepared
        Arrays of the inner walk-forward; put into the object store once.
    plan : SearchPlan
        How many, how wide, from which seed.
    """
    trainable = tune.with_resources(tune.with_parameters(_trial, prepared=prepared), TUNE_TRIAL)
    tuner = tune.Tuner(
        trainable,
        param_space=_space(),
        tune_config=tune.TuneConfig(
            metric=LOSS,
            mode="min",
            num_samples=plan.trials,
            # unset, Tune allows a single pending trial to a custom searcher
            max_concurrent_trials=plan.concurrent,
            reuse_actors=True,
            search_alg=OptunaSearch(points_to_evaluate=[_default_point()], seed=plan.seed),
            scheduler=ASHAScheduler(time_attr=ROUND, max_t=MAX_ROUNDS, grace_period=40, reduction_factor=3),
        ),
        run_config=tune.RunConfig(storage_path=str(plan.storage), verbose=0),
    )
    results = [result.metrics for result in tuner.fit() if result.metrics and LOSS in result.metrics]
    trials = [Trial({**metrics["config"], "rounds": metrics[ROUND]}, metrics[LOSS]) for metrics in results]
    return sorted(trials, key=lambda trial: trial.log_loss)


def _trial(config: dict[str, Any], *, prepared: Prepared) -> None:
    def report(done: int, loss: float) -> None:
        tune.report({LOSS: loss, ROUND: done})

    fit_score(prepared, {**config, "rounds": MAX_ROUNDS}, on_round=report)


def _space() -> dict[str, Any]:
    return {
        "learning_rate": tune.loguniform(0.02, 0.2),
        "max_depth": tune.randint(3, 8),
        "min_child_weight": tune.loguniform(5, 300),
        "subsample": tune.uniform(0.3, 1.0),
        "colsample_bytree": tune.uniform(0.3, 1.0),
        "reg_lambda": tune.loguniform(0.5, 50),
    }


def _default_point() -> dict[str, float]:
    return {name: DEFAULT_PARAMS[name] for name in _space()}
