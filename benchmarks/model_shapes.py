"""One model for all symbols, one for each, or something between? Judged out of sample, on the same folds.

``python benchmarks/model_shapes.py [--data DIR] [--symbols A,B] [--until 2020-03-01] [--test-from 2019-06-01]
[--horizon 1] [--folds 2] [--seed 7] [--quick] [--json]``

`ours` is a shape's figure, `peer` the panel's, which the product ships; `gain_nats` is the log loss that a shape
saves on it, with the 95 % interval of whole days drawn again and the p of a paired one-sided test. To choose, keep
to a span that no figure of the product is taken from: --until 2020-03-01.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import xgboost as xgb
from judged_rows import Judged, Part, add_options, by_symbol, judged
from report import finish

from candlecast.evaluation.bootstrap import DayBlocks
from candlecast.evaluation.metrics import direction_metrics
from candlecast.evaluation.paired import log_losses, paired_test
from candlecast.market.timeframes import timeframe_s
from candlecast.models.calibration import Calibration
from candlecast.models.estimators import Array, binned, learner_settings, margins, resolve_params
from candlecast.models.rows import PanelRows

QUICK_PARAMS = {"rounds": 60, "learning_rate": 0.1, "min_child_weight": 50}
# name, unit, whether higher is better
METRICS = (
    ("accuracy", "share", True), ("auc", "AUC", True), ("top_decile_accuracy", "share", True),
    ("log_loss", "nats", False),
)  # fmt: skip
_DAY_S = 86_400


def main() -> None:
    options = _options()
    params = QUICK_PARAMS if options.quick else {"rounds": options.rounds, "learning_rate": 12 / options.rounds}
    data = judged(options, horizon=options.horizon, params=params | {"step_parts": 1})
    found, spent_s = {}, {}
    for name, shape in SHAPES.items():
        began_s = time.process_time()
        found[name] = np.concatenate([shape(data, part) for part in data.parts])
        spent_s[name] = time.process_time() - began_s
    rows = [row for name in SHAPES for row in _rows(data, found, name, spent_s=spent_s[name])]
    print(f"{len(data.rows.names)} symbols learned from, {len(data.test):,} rows judged")
    for row in [] if options.json else rows:
        bounds = f"  [{row['low']:+.5f}, {row['high']:+.5f}]  p {row['p']:.3f}" if "p" in row else ""
        print(f"{row['shape']:26} {row['metric']:20} {row['ours']:+.5f}{bounds}")
    finish("model_shapes", rows, as_json=options.json)


def panel(data: Judged, part: Part) -> Array:
    """Ask one model of all symbols, which cannot tell them apart."""
    return _panel(data, data.rows, part)


def panel_calibrated_by_symbol(data: Judged, part: Part) -> Array:
    """Ask the panel's trees, and calibrate each symbol for itself."""
    booster = _fit(data, data.rows.lessons(part.old, seed=data.config.seed), data.rows.direction[part.old])
    new, test = (margins(booster, data.rows.features[rows]) for rows in (part.new, part.test))
    p_up = np.empty(len(part.test))
    for _, (ours, wanted) in by_symbol(data.rows, part.new, part.test):
        p_up[wanted] = _p_up(data, new[ours], data.rows.direction[part.new[ours]], test[wanted])
    return p_up


def one_a_symbol(data: Judged, part: Part) -> Array:
    """Ask a model of each symbol, learned from its rows alone."""
    p_up = np.empty(len(part.test))
    for _, (old, new, test) in by_symbol(data.rows, part.old, part.new, part.test):
        own = replace(part, old=part.old[old], new=part.new[new], test=part.test[test])
        p_up[test] = _panel(data, data.rows, own)
    return p_up


def symbol_a_category(data: Judged, part: Part) -> Array:
    """Ask one model that has the symbol as a categorical feature."""
    rows, seed = data.rows, data.config.seed
    kinds = ["q"] * rows.features.shape[1] + ["c"]
    sides = (rows.lessons(part.old, seed=seed), rows.features[part.new], rows.features[part.test])
    chosen = (part.old, part.new, part.test)
    train, new, test = (
        xgb.DMatrix(np.column_stack([side, rows.symbol[of]]), feature_types=kinds, enable_categorical=True, nthread=1)
        for side, of in zip(sides, chosen, strict=True)
    )
    train.set_label(rows.direction[part.old])
    settings = learner_settings(data.config.params, seed=seed, nthread=1)
    booster = xgb.train(dict(settings), train, num_boost_round=int(data.config.resolved()["rounds"]))
    said = [np.asarray(booster.predict(side, output_margin=True), np.float64) for side in (new, test)]
    return _p_up(data, said[0], rows.direction[part.new], said[1])


def scaled_by_symbol(data: Judged, part: Part) -> Array:
    """Ask one model of features in standard deviations of their symbol's training rows."""
    rows, scaled = data.rows, data.rows.features.copy()
    for symbol in range(len(rows.names)):
        known = rows.features[part.old[rows.symbol[part.old] == symbol]]
        with warnings.catch_warnings(action="ignore"):
            mean, deviation = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
        own = rows.symbol == symbol
        scaled[own] = (scaled[own] - np.nan_to_num(mean)) / np.where(deviation > 0.0, deviation, 1.0)
    return _panel(data, replace(rows, features=scaled), part)


SHAPES: dict[str, Callable[[Judged, Part], Array]] = {
    each.__name__: each
    for each in (panel, panel_calibrated_by_symbol, one_a_symbol, symbol_a_category, scaled_by_symbol)
}


def _panel(data: Judged, rows: PanelRows, part: Part) -> Array:
    booster = _fit(data, rows.lessons(part.old, seed=data.config.seed), rows.direction[part.old])
    new, test = (margins(booster, rows.features[chosen]) for chosen in (part.new, part.test))
    return _p_up(data, new, rows.direction[part.new], test)


def _fit(data: Judged, features: Any, direction: Array) -> xgb.Booster:
    settings = learner_settings(data.config.params, seed=data.config.seed, nthread=1)
    rounds = int(resolve_params(data.config.params)["rounds"])
    return xgb.train(dict(settings), binned(features, direction, settings=settings), num_boost_round=rounds)


def _p_up(data: Judged, calibrating: Array, direction: Array, test: Array) -> Array:
    return Calibration.fit(calibrating, direction, overlap=data.config.horizon).p_up(test)


def _rows(data: Judged, found: dict[str, Array], name: str, *, spent_s: float) -> list[dict[str, Any]]:
    direction, closes = data.rows.direction[data.test], data.rows.closes[data.test]
    ours, peer = (direction_metrics(found[each], direction) for each in (name, "panel"))
    facts = {"shape": name, "horizon": data.config.horizon, "n": len(direction), "cpu_s": spent_s}
    facts["peer_is"] = "one model of all symbols"
    rows = [
        facts | {"metric": metric, "unit": unit, "ours": ours[metric], "peer": peer[metric], "higher_is_better": higher}
        for metric, unit, higher in METRICS
    ]
    if name == "panel":
        return rows
    losses, panels = (log_losses(found[each], direction) for each in (name, "panel"))
    span_s = data.config.horizon * timeframe_s(data.config.timeframe)
    low, high = DayBlocks.of(closes, target_span_s=span_s).mean(panels - losses)
    tested = paired_test(losses, panels, closes, lag_days=-(-span_s // _DAY_S))
    gain = {"metric": "gain_nats", "ours": tested.gain, "peer": 0.0, "low": low, "high": high, "p": tested.p_value}
    return [*rows, facts | gain | {"unit": "nats", "higher_is_better": True}]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--horizon", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200, help="steps of one tree; the learning rate is 12 by them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
