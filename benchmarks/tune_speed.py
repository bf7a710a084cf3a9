"""How long does a search take to be as good as a grid search?

``python benchmarks/tune_speed.py [--data DIR] [--symbol BTC/USDT] [--trials 24] [--rows N] [--ninth] [--quick]
[--json]``

The peer is scikit-learn's `GridSearchCV`: 81 points x 5 `TimeSeriesSplit` folds of XGBoost, one fit a core, all
cores busy. Ours searches on the same rows and the same folds with Ray Tune on as many cores. Both minimise the mean
log loss of the validation parts. The cluster is up before ours is timed, as it is in the product; its start is
printed. The peer gets our number of bins, which makes it faster. Without --data it runs on generated candles.

The grid takes a quarter of an hour and more on a long history. With --ninth the peer makes 9 of the 81 points, in
which every pair of values of two parameters is there once (an orthogonal array, Rao 1947), and its time counts
nine times; so whatever two parameters cost together is counted right.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

# Ray reads both when it is imported
os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "disabled"}

import numpy as np
import ray
import xgboost as xgb
from report import Bar, finish
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from candlecast.models.estimators import DEFAULT_PARAMS, resolve_params
from candlecast.models.rows import collect_rows
from candlecast.models.search_space import Params, in_space
from candlecast.models.tuning import InnerFit, InnerFold, Prepared
from candlecast.replay.recordings import load_recording
from candlecast.replay.synthetic import make_recording
from cluster.search import SearchPlan, Trial, search

N_FOLDS, EMBARGO_CANDLES, SEED = 5, 24, 7
GRID = {
    "n_estimators": [100, 200, 300],
    "max_depth": [3, 5, 7],
    "learning_rate": [0.01, 0.05, 0.1],
    "subsample": [0.6, 0.8, 1.0],
}
NINTH = 9
# as good as the grid's best in a fifth of its time
BARS = (Bar("seconds_to_grid_best", "ratio", least=5.0),)
QUICK_ROWS, QUICK_TRIALS = 2_000, 8
# both sides bin features by quantiles, but not by the same code
TOLERANCE_NATS = 1e-3


@dataclass(frozen=True, slots=True)
class Found:
    """What one side found, and when."""

    log_loss: float
    total_s: float
    params: dict[str, Any]
    # best loss at each moment, ascending in time
    course: list[tuple[float, float]]


def main() -> None:
    options = _options()
    prepared = _prepared(options)
    difference = _difference(prepared)
    if difference > TOLERANCE_NATS:
        raise SystemExit(
            f"both sides score the same parameters {difference:.5f} nats apart, more than {TOLERANCE_NATS}"
        )
    ninth = options.quick or options.ninth
    peer = _peer(prepared, ninth=ninth)
    ours = _ours(prepared, trials=min(options.trials, QUICK_TRIALS) if options.quick else options.trials)
    reached_s = next((at_s for at_s, loss in ours.course if loss <= peer.log_loss), float("inf"))
    rows = [
        _row("seconds_to_grid_best", reached_s, peer.total_s, unit="s"),
        _row("search_s", ours.total_s, peer.total_s, unit="s"),
        _row("validation_log_loss", ours.log_loss, peer.log_loss, unit="nats"),
    ]
    facts = {"dataset": Path(options.data).name if options.data else "generated", "symbol": options.symbol}
    facts |= {
        "n": len(prepared.direction),
        "peer_is": f"GridSearchCV, {'9 of 81 points, time x 9' if ninth else '81 points'}",
    }
    rows = [facts | row for row in rows]
    n, width = prepared.features.shape
    print(f"{n:,} rows, {width} features; both score the same parameters {difference:.5f} nats apart")
    print(f"peer best {peer.params}\nours best {ours.params}")
    for row in [] if options.json else rows:
        print(f"{row['metric']:22} ours {row['ours']:.5g}  peer {row['peer']:.5g}  ratio {row['ratio']:.3f}")
    finish("tune_speed", rows, as_json=options.json, bars=BARS)


def _prepared(options: argparse.Namespace) -> Prepared:
    if options.data:
        [series] = load_recording(Path(options.data), [options.symbol]).series.values()
        candles = series.candles
    else:
        recording = make_recording([options.symbol], timeframe="1h", n_candles=12_000, seed=SEED)
        [series] = recording.series.values()
        candles = series.candles
    rows, _ = collect_rows({options.symbol: candles}, timeframe="1h", horizon=1)
    known = rows.known(np.arange(len(rows.closes)))[-(QUICK_ROWS if options.quick else options.rows) :]
    splits = TimeSeriesSplit(N_FOLDS, gap=EMBARGO_CANDLES).split(known)
    return Prepared(
        features=rows.features[known],
        direction=rows.direction[known],
        day=rows.closes[known].as_unit("us").asi8 // 86_400_000_000,
        folds=tuple(InnerFold(train, validation) for train, validation in splits),
        seed=SEED,
        nthread=1,
    )


def _difference(prepared: Prepared) -> float:
    params: Params = {"max_depth": 3, "learning_rate": 0.1, "subsample": 1.0, "colsample_bytree": 1.0, "rounds": 30}
    fit = InnerFit(prepared, params)
    fit.advance(30, look_rounds=30)
    settings = {name: value for name, value in resolve_params(params).items() if name != "step_parts"}
    model = _classifier(n_estimators=settings.pop("rounds"), **settings)
    folds = [(fold.train, fold.validation) for fold in prepared.folds]
    scores = cross_val_score(model, prepared.features, prepared.direction, cv=folds, scoring="neg_log_loss")
    return abs(float(scores.mean()) + fit.best_loss)


def _peer(prepared: Prepared, *, ninth: bool) -> Found:
    folds = [(fold.train, fold.validation) for fold in prepared.folds]
    model, grid = _classifier(max_bin=int(DEFAULT_PARAMS["max_bin"])), _ninth() if ninth else GRID
    grid_search = GridSearchCV(model, grid, cv=folds, scoring="neg_log_loss", n_jobs=_n_cores(), refit=False)
    began_s = time.perf_counter()
    grid_search.fit(prepared.features, prepared.direction)
    spent_s = (time.perf_counter() - began_s) * (NINTH if ninth else 1)
    return Found(-grid_search.best_score_, spent_s, grid_search.best_params_, [])


def _ninth() -> list[dict[str, list[float]]]:
    places = [(a, b, (a + b) % 3, (a + 2 * b) % 3) for a, b in product(range(3), repeat=2)]
    return [
        {name: [values[place]] for (name, values), place in zip(GRID.items(), point, strict=True)} for point in places
    ]


def _ours(prepared: Prepared, *, trials: int) -> Found:
    began_s = time.perf_counter()
    course: list[tuple[float, float]] = []
    found: list[Trial] = []

    def ended(trial: Trial) -> None:
        found.append(trial)
        best = min(one.log_loss for one in found if one.log_loss is not None)
        course.append((time.perf_counter() - began_s, best))

    with tempfile.TemporaryDirectory(prefix="cc-tune-", ignore_cleanup_errors=True) as folder:
        ray.init(num_cpus=_n_cores(), include_dashboard=False, _temp_dir=f"{folder}/ray", logging_level="ERROR")
        print(f"the cluster was up after {time.perf_counter() - began_s:.1f} s", flush=True)
        began_s = time.perf_counter()
        first = in_space(DEFAULT_PARAMS)
        plan = SearchPlan(
            method="optuna", trials=trials, concurrent=_n_cores(), seed=SEED, folder=Path(folder) / "study",
            first=[first] if first else [],
        )  # fmt: skip
        search(prepared, plan=plan, on_trial=ended)
        total_s = time.perf_counter() - began_s
        ray.shutdown()
    best = min((trial for trial in found if trial.log_loss is not None), key=lambda trial: trial.log_loss)
    return Found(best.log_loss, total_s, best.params, course)


def _classifier(**params: float) -> xgb.XGBClassifier:
    return xgb.XGBClassifier(tree_method="hist", n_jobs=1, random_state=SEED, base_score=0.5, **params)


def _n_cores() -> int:
    return len(os.sched_getaffinity(0))


def _row(metric: str, ours: float, peer: float, *, unit: str) -> dict[str, Any]:
    return {
        "metric": metric, "ours": ours, "peer": peer, "ratio": peer / ours, "unit": unit, "higher_is_better": False,
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="", help="folder of candles; empty: generated ones")
    parser.add_argument("--symbol", default="BTC/USDT")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--rows", type=int, default=0, help="newest rows only; 0: all")
    parser.add_argument("--ninth", action="store_true", help="9 points of the grid, their time times 9")
    parser.add_argument("--quick", action="store_true", help="2,000 rows, 8 trials, and --ninth")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
