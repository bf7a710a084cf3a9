"""Does this pipeline leak, on these candles? Every gate, run on the recipe that trains and serves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from candlecast.errors import InsufficientHistoryError
from candlecast.evaluation.bootstrap import DayBlocks
from candlecast.evaluation.gates import (
    Gate,
    canary_gate,
    future_gate,
    prefix_gate,
    purge_gate,
    shuffled_gate,
    window_gate,
)
from candlecast.evaluation.leakage import Panel, PanelBuilder, panel_leaks
from candlecast.evaluation.metrics import auc
from candlecast.evaluation.walk_forward import Fold
from candlecast.features.table import WARM_UP_CANDLES
from candlecast.models.direction import DirectionModel
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.news import PanelNews
from candlecast.models.out_of_sample import forecast_fold
from candlecast.models.rows import PanelRows, collect_rows, feature_tables

CHECK_CANDLES = 3_000
CANARY = "canary"
_N_MOMENTS = 3
_N_SHUFFLES = 3


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts under check; those of training by default.

    Parameters
    ----------
    tables : callable
        Candles of all symbols to feature tables, one row a candle.
    collect : callable
        As `collect_rows`.
    split : callable
        From config and rows to folds.
    fit : callable
        As `fit_model`.
    """

    tables: PanelBuilder = feature_tables
    collect: Callable[..., tuple[PanelRows, dict[str, str]]] = collect_rows
    split: Callable[[TrainingConfig, PanelRows], list[Fold]] = lambda config, rows: config.walk_forward().split(
        rows.closes, pd.DatetimeIndex(rows.targets["target_time"])
    )
    fit: Callable[..., DirectionModel] = fit_model


def check_leaks(
    panel: Panel, *, config: TrainingConfig, news: PanelNews | None = None, pipeline: Pipeline | None = None
) -> list[Gate]:
    """Run the gates on the newest `CHECK_CANDLES` candles of each symbol.

    The gate on the accuracy needs a whole walk-forward and is not among them: see
    `candlecast.evaluation.gates.alarm_gate`.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending.
    config : TrainingConfig
        The recipe.
    news : PanelNews, optional
        For a model that takes news.
    pipeline : Pipeline, optional
        Parts to check in place of those of training.

    Returns
    -------
    list of Gate
        Prefix and window invariance, canary, shuffled labels, purge, future of the test part.

    Raises
    ------
    InsufficientHistoryError
        When the candles are too few for a window check or a fold.
    """
    parts = pipeline or Pipeline(tables=partial(feature_tables, news=news), collect=partial(collect_rows, news=news))
    recent = {name: candles.tail(CHECK_CANDLES).reset_index(drop=True) for name, candles in panel.items()}
    rows, _ = parts.collect(recent, timeframe=config.timeframe, horizon=config.horizon)
    moments = _moments(recent)
    tables = f"{sum(map(len, recent.values())):,} candles at {len(moments)} moments"
    one_fold = replace(config, n_folds=1, test_start=None, test_share=0.5)
    (fold,) = parts.split(one_fold, rows)
    return [
        prefix_gate(panel_leaks(parts.tables, recent, moments=moments), checked=tables),
        window_gate(
            panel_leaks(parts.tables, recent, moments=moments, window_candles=WARM_UP_CANDLES),
            window_candles=WARM_UP_CANDLES,
        ),
        _canary(recent, rows, fold=fold, config=one_fold, parts=parts),
        _shuffled(rows, fold=fold, config=one_fold, parts=parts),
        _purge(rows, config=config, parts=parts),
        _future(recent, rows, fold=fold, config=one_fold, parts=parts),
    ]


def _moments(panel: Panel) -> list[pd.Timestamp]:
    longest = max(panel.values(), key=len)
    if len(longest) < WARM_UP_CANDLES + _N_MOMENTS:
        need = WARM_UP_CANDLES + _N_MOMENTS
        raise InsufficientHistoryError(f"{len(longest)} candles are too few to check for leaks, {need} are needed")
    places = np.linspace(WARM_UP_CANDLES, len(longest) - 2, _N_MOMENTS).astype(np.int64)
    return [longest["close_time"].iloc[place] for place in places]


def _canary(recent: Panel, rows: PanelRows, *, fold: Fold, config: TrainingConfig, parts: Pipeline) -> Gate:
    name, candles = max(recent.items(), key=lambda item: len(item[1]))
    short = {name: candles.tail(WARM_UP_CANDLES).reset_index(drop=True)}

    def plant(panel: Panel) -> Panel:
        tables = parts.tables(panel)
        return {
            symbol: tables[symbol].assign(**{CANARY: panel[symbol]["close"].shift(-config.horizon)})
            for symbol in tables
        }

    moment = short[name]["close_time"].iloc[-1 - 2 * config.horizon]
    planted = replace(
        rows,
        features=np.column_stack([rows.features, rows.column("log_return")]).astype(np.float32),
        feature_names=(*rows.feature_names, CANARY),
    )
    found = _test_auc(planted, fold=fold, config=config, parts=parts, truth=rows)
    return canary_gate(panel_leaks(plant, short, moments=[moment]), canary=CANARY, canary_auc=found)


def _shuffled(rows: PanelRows, *, fold: Fold, config: TrainingConfig, parts: Pipeline) -> Gate:
    train, test = rows.known(fold.train), rows.known(fold.test)
    aucs = []
    for seed in range(_N_SHUFFLES):
        direction = rows.direction.copy()
        direction[train] = np.random.default_rng(seed).permutation(direction[train])
        taught = replace(rows, targets=rows.targets.assign(direction=direction))
        aucs.append(_test_auc(taught, fold=fold, config=config, parts=parts, truth=rows))
    span = pd.DatetimeIndex(rows.targets["target_time"].iloc[test]) - rows.closes[test]
    blocks = DayBlocks.of(rows.closes[test], target_span_s=float(span.total_seconds().max()))
    noise = np.random.default_rng(_N_SHUFFLES).random(len(test))
    low, high = blocks.auc(noise, rows.direction[test])
    return shuffled_gate(aucs, deviation=(high - low) / (2 * 1.96))


def _purge(rows: PanelRows, *, config: TrainingConfig, parts: Pipeline) -> Gate:
    targets = pd.DatetimeIndex(rows.targets["target_time"])
    # a start that lies before the candles checked here would leave nothing to learn from
    folds = parts.split(replace(config, test_start=None), rows)
    return purge_gate(folds, closes=rows.closes, targets=targets, horizon=config.horizon)


def _future(recent: Panel, rows: PanelRows, *, fold: Fold, config: TrainingConfig, parts: Pipeline) -> Gate:
    end = rows.closes[fold.test].sort_values()[len(fold.test) // 2]
    known = {name: candles[candles["close_time"] <= end] for name, candles in recent.items()}
    cut, _ = parts.collect(
        {name: candles for name, candles in known.items() if len(candles)},
        timeframe=config.timeframe,
        horizon=config.horizon,
    )
    started = replace(config, test_start=fold.cutoff)
    frames = []
    for part in (rows, cut):
        (only,) = parts.split(started, part)
        model = parts.fit(part, train=only.train, config=started)
        frames.append(forecast_fold(part, fold=only, config=started, model=model))
    return future_gate(*frames)


def _test_auc(rows: PanelRows, *, fold: Fold, config: TrainingConfig, parts: Pipeline, truth: PanelRows) -> float:
    test = truth.known(fold.test)
    model = parts.fit(rows, train=fold.train, config=config)
    return auc(model.p_up(rows.features[test]), truth.direction[test])
