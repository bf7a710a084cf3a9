"""A small panel and the model trained on it, made once for all tests that need one."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from candlecast.models.direction import DirectionModel
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.interval_choice import LEARNED, IntervalChoice
from candlecast.models.intervals import Reach
from candlecast.models.news import PanelNews
from candlecast.models.quantiles import Quantiles
from candlecast.models.rows import collect_rows
from candlecast.models.spans import conformity
from candlecast.models.training import TrainingResult, train
from tests.builders import make_candles, make_stories

SMALL_PARAMS = {"rounds": 12, "step_parts": 1, "max_depth": 3, "min_child_weight": 5}


def small_config(**changes: object) -> TrainingConfig:
    defaults = {"timeframe": "1h", "n_folds": 2, "params": SMALL_PARAMS, "nthread": 1, "volatility_rows": 400}
    return TrainingConfig(**(defaults | changes))


@lru_cache(maxsize=1)
def small_panel() -> dict[str, pd.DataFrame]:
    return {
        "BTC/USDT": make_candles(2_000, seed=1, symbol="BTC/USDT"),
        "ETH/USDT": make_candles(2_000, seed=2, symbol="ETH/USDT"),
    }


@lru_cache(maxsize=1)
def small_result() -> TrainingResult:
    return train(small_panel(), config=small_config())


def small_news() -> PanelNews:
    return PanelNews({name: make_stories(candles) for name, candles in small_panel().items()}, ("lexicon", "1"))


@lru_cache(maxsize=1)
def small_quantile_model() -> DirectionModel:
    """Return the model of `small_result` with intervals whose sides differ."""
    model, (rows, _) = small_result().model, collect_rows(small_panel(), timeframe="1h", horizon=1)
    ratio = rows.column("log_return") / model.volatility.sigma(rows.features)
    quantiles = Quantiles.fit(rows.features, ratio=ratio, horizon=1)
    spans = replace(model, quantiles=quantiles).spans(rows.features)
    reach = Reach.of(conformity(rows.column("log_return"), spans))
    return replace(model, quantiles=quantiles, reach=reach, interval_choice=IntervalChoice(LEARNED, 0.98, 0.01, 1_000))


@lru_cache(maxsize=1)
def small_news_model() -> DirectionModel:
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1, news=small_news())
    return fit_model(rows, train=np.arange(len(rows.closes)), config=small_config())
