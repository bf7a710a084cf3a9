"""Are intervals better learned as quantiles than as a volatility that is scaled? Judged out of sample.

``python benchmarks/interval_kinds.py [--data DIR] [--symbols A,B] [--until 2020-03-01] [--test-from 2019-06-01]
[--horizons 1,4,24] [--kinds A,B] [--folds 2] [--quick] [--json]``

A volatility forecast scaled by rolling quantiles of ``|log return| / sigma`` is what all are measured against. Beside
it: boosted quantiles of the log return in volatilities, made honest by rolling quantiles of one score a candle; what a
training would choose of these two (`models/interval_choice.py`); and boosted quantiles in units of the HAR volatility,
made honest level by level (CQR, Romano, Patterson and Candes 2019). `ours` is a kind's interval score as a share of the
scaled volatility's: below 1 it is better.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from judged_rows import Judged, Part, add_options, by_symbol, judged
from report import finish

from candlecast.evaluation.baselines import HAR_TERMS, HarRegression
from candlecast.evaluation.bootstrap import DayBlocks
from candlecast.features.table import FEATURE_NAMES
from candlecast.market.timeframes import timeframe_s
from candlecast.models.estimators import Array, binned
from candlecast.models.fitting import settled_volatility
from candlecast.models.interval_choice import Slice, choose_intervals
from candlecast.models.intervals import (
    CONFORMAL_CANDLES,
    LEVELS,
    MIN_SETTLED_CANDLES,
    NEWEST_CANDLES,
    rolling_reach,
)
from candlecast.models.quantiles import Quantiles
from candlecast.models.rows import RowNumbers
from candlecast.models.spans import conformity, ends
from candlecast.models.volatility import OWN_FEATURES, ROUNDS, Effort, Volatility

_HAR_PLACES = [FEATURE_NAMES.index(name) for name in HAR_TERMS]
_OWN_PLACES = [FEATURE_NAMES.index(name) for name in OWN_FEATURES]
_TAILS = [0.5 + side * level / 2 for side in (-1, 1) for level in LEVELS]
_TREES = {"tree_method": "hist", "max_bin": 64, "learning_rate": 0.1, "max_depth": 5, "subsample": 0.5}
_TREES |= {"colsample_bytree": 0.5, "objective": "reg:quantileerror", "verbosity": 0, "nthread": 1}
_LEAF_ROWS = 300
PEER = "scaled_volatility"

# lower and upper ends of every level, each of shape (rows, levels), in log returns
Ends = tuple[Array, Array]


def main() -> None:
    options = _options()
    rows: list[dict[str, Any]] = []
    for horizon in map(int, options.horizons.split(",")):
        data = judged(options, horizon=horizon, params={})
        chosen = {name: kind for name, kind in KINDS.items() if name in (PEER, *options.kinds.split(","))}
        scores = {name: [_scored(data, part, kind) for part in data.parts] for name, kind in chosen.items()}
        whole = {name: np.concatenate(parts, axis=2) for name, parts in scores.items()}
        rows += [row for name in chosen for row in _rows(data, whole, name)]
    for row in [] if options.json else rows:
        print(f"h {row['horizon']:<2} {row['kind']:18} {row['level']:.0%}  coverage {row['coverage']:.3f} "
              f"(narrow third {row['coverage_narrow_third']:.3f}, wide {row['coverage_wide_third']:.3f})  "
              f"score {row['ours']:.4f} [{row['low']:.4f}, {row['high']:.4f}]  n {row['n']:,}")  # fmt: skip
    finish("interval_kinds", rows, as_json=options.json)


def scaled_volatility(data: Judged, part: Part) -> Callable[[RowNumbers], Ends]:
    """Return the product's volatility, scaled alike to both sides."""
    return _honest(data, _volatility(data, part), None)


def quantiles(data: Judged, part: Part) -> Callable[[RowNumbers], Ends]:
    """Return the product's learned quantiles, whether a training would choose them or not."""
    volatility, known = _volatility(data, part), part.old
    ratio = data.rows.column("log_return")[known] / volatility.sigma(data.rows.features[known])
    effort = Effort(seed=data.config.seed)
    learned = Quantiles.fit(data.rows.features[known], ratio=ratio, horizon=data.config.horizon, effort=effort)
    return _honest(data, volatility, learned)


def as_chosen(data: Judged, part: Part) -> Callable[[RowNumbers], Ends]:
    """Return what a training would say; what decided goes to stderr."""
    volatility = _volatility(data, part)
    known = Slice(data.rows, part.old, part.new, data.config.timeframe, data.config.horizon)
    learned, choice = choose_intervals(known, volatility=volatility, effort=Effort(seed=data.config.seed))
    print(f"h {data.config.horizon} fold {part.fold.number}: {choice}", file=sys.stderr, flush=True)
    return _honest(data, volatility, learned)


def quantiles_by_level(data: Judged, part: Part) -> Callable[[RowNumbers], Ends]:
    """Return intervals between boosted quantiles in units of the HAR volatility, conformalised level by level (CQR)."""
    unit = _unit(data, part)
    booster = _boost(data, part, unit)

    def said_of(span: RowNumbers) -> Ends:
        scale, said = unit(span), np.sort(_said(data, booster, span), axis=1)
        low, high = said[:, len(LEVELS) - 1 :: -1], said[:, len(LEVELS) :]
        actual = data.rows.column("log_return")[span] / scale
        outside = np.maximum(low - actual[:, None], actual[:, None] - high)
        wider = np.column_stack(
            [_rolling(outside[:, n], level, horizon=data.config.horizon) for n, level in enumerate(LEVELS)]
        )
        return (low - wider) * scale[:, None], (high + wider) * scale[:, None]

    return said_of


KINDS = {each.__name__: each for each in (scaled_volatility, quantiles, as_chosen, quantiles_by_level)}


def _honest(data: Judged, volatility: Volatility, learned: Quantiles | None) -> Callable[[RowNumbers], Ends]:
    rows, horizon = data.rows, data.config.horizon

    def said_of(span: RowNumbers) -> Ends:
        spans = volatility.sigma(rows.features[span])[:, np.newaxis]
        spans = spans if learned is None else spans * learned.distances(rows.features[span])
        scores = conformity(rows.column("log_return")[span], spans)
        reach = np.column_stack([rolling_reach(scores, horizon=horizon, level=level) for level in LEVELS])
        below, above = ends(spans, reach)
        return -below, above

    return said_of


def _volatility(data: Judged, part: Part) -> Volatility:
    rows, horizon = data.rows, data.config.horizon
    old = settled_volatility(rows, rows=part.old, horizon=horizon)
    return Volatility.fit(
        rows.features[old],
        range_volatility=rows.column("range_volatility")[old],
        log_return=rows.column("log_return")[old],
        horizon=horizon,
        effort=Effort(seed=data.config.seed),
    )


def _unit(data: Judged, part: Part) -> Callable[[RowNumbers], Array]:
    rows, horizon = data.rows, data.config.horizon
    target = rows.column("range_volatility")
    known = settled_volatility(rows, rows=part.old[np.isfinite(target[part.old])], horizon=horizon)
    har = HarRegression.fit(rows.features[known][:, _HAR_PLACES].astype(np.float64), target[known])

    def unit(span: RowNumbers) -> Array:
        terms = rows.features[span][:, _HAR_PLACES].astype(np.float64)
        return np.asarray(np.exp(har.log_volatility(terms)) * np.sqrt(horizon), dtype=np.float64)

    return unit


def _boost(data: Judged, part: Part, unit: Callable[[RowNumbers], Array]) -> xgb.Booster:
    target = data.rows.column("log_return")[part.old] / unit(part.old)
    known = np.flatnonzero(np.isfinite(target))
    settings = _TREES | {"seed": data.config.seed, "min_child_weight": _LEAF_ROWS * data.config.horizon}
    own = data.rows.features[part.old[known]][:, _OWN_PLACES]
    return xgb.train(settings | {"quantile_alpha": _TAILS}, binned(own, target[known], settings=settings), ROUNDS)


def _said(data: Judged, booster: xgb.Booster, span: RowNumbers) -> Array:
    return np.asarray(booster.inplace_predict(data.rows.features[span][:, _OWN_PLACES]), dtype=np.float64)


def _rolling(outside: Array, level: float, *, horizon: int) -> Array:
    settled = pd.Series(outside).shift(horizon)
    long, short = (
        settled.rolling(candles, min_periods=MIN_SETTLED_CANDLES).quantile(level, interpolation="higher").to_numpy()
        for candles in (CONFORMAL_CANDLES, NEWEST_CANDLES)
    )
    weight = np.where(np.isfinite(short), 1.0 / (1.0 + horizon), 0.0)
    return np.asarray(long * (1.0 - weight) + np.nan_to_num(short) * weight, dtype=np.float64)


def _scored(data: Judged, part: Part, kind: Callable[[Judged, Part], Callable[[RowNumbers], Ends]]) -> Array:
    """Return scores, hits and widths of each level and judged row: shape (3, levels, n)."""
    said_of, back = kind(data, part), CONFORMAL_CANDLES + 2 * data.config.horizon
    found = np.full((3, len(LEVELS), len(part.test)), np.nan)
    for symbol, (mine,) in by_symbol(data.rows, part.test):
        first = int(np.flatnonzero(data.rows.symbol == symbol)[0])
        wanted = part.test[mine]
        start = max(first, int(wanted[0]) - back)
        low, high = (end[wanted - start] for end in said_of(np.arange(start, wanted[-1] + 1)))
        actual = data.rows.column("log_return")[wanted][:, None]
        missed = np.maximum(np.maximum(low - actual, actual - high), 0.0)
        width, hit = high - low, np.where(np.isfinite(low), missed == 0.0, np.nan)
        found[:, :, mine] = np.stack([(width + missed * 2.0 / (1.0 - np.array(LEVELS))).T, hit.T, width.T])
    return found


def _rows(data: Judged, whole: dict[str, Array], name: str) -> list[dict[str, Any]]:
    span_s = data.config.horizon * timeframe_s(data.config.timeframe)
    blocks = DayBlocks.of(data.rows.closes[data.test], target_span_s=span_s)
    rows = []
    for place, level in enumerate(LEVELS):
        (ours, hit, width), peer = whole[name][:, place], whole[PEER][0, place]
        known = np.isfinite(ours) & np.isfinite(peer)
        thirds = np.nanquantile(width[known], [1 / 3, 2 / 3])
        narrow, wide = (float(hit[known & part].mean()) for part in (width <= thirds[0], width > thirds[1]))
        low, high = blocks.ratio(np.where(known, ours, 0.0), np.where(known, peer, 0.0))
        rows.append(
            {
                "kind": name, "metric": "interval_score", "horizon": data.config.horizon, "level": level,
                "ours": float(ours[known].sum() / peer[known].sum()), "peer": 1.0, "low": low, "high": high,
                "coverage": float(hit[known].mean()), "coverage_narrow_third": narrow, "coverage_wide_third": wide,
                "n": int(known.sum()),
                "unit": "ratio", "higher_is_better": False, "peer_is": "the scaled volatility",
            }
        )  # fmt: skip
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--horizons", default="1,4,24")
    parser.add_argument("--kinds", default=",".join(KINDS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
