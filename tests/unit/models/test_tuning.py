import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.rows import collect_rows
from candlecast.models.search_space import MAX_ROUNDS
from candlecast.models.tuning import PATIENCE_ROUNDS, InnerFit, Prepared, prepare, weigh
from tests.trained import SMALL_PARAMS, small_config, small_news, small_panel


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(small_panel(), config=small_config())


def test_prepared_rows_end_before_the_first_outer_test_block(prepared):
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)

    targets = pd.DatetimeIndex(rows.targets["target_time"])
    first_test = small_config().walk_forward().split(rows.closes, targets)[0].cutoff
    assert len(prepared.folds) == 2
    assert len(prepared.direction) < len(rows.closes) / 2
    assert prepared.day.max() < first_test.timestamp() // 86_400


def test_prepared_folds_learn_from_the_past_only(prepared):
    for fold in prepared.folds:
        assert prepared.day[fold.train].max() < prepared.day[fold.validation].min()


def test_prepared_rows_with_news_hold_its_columns():
    with_news = prepare(small_panel(), config=small_config(), news=small_news())

    assert with_news.features.shape[1] == len(FEATURE_NAMES) + len(NEWS_FEATURE_NAMES)


def test_prepared_digest_is_the_same_for_the_same_candles_and_differs_for_others(prepared):
    older = {name: candles.iloc[:-48] for name, candles in small_panel().items()}

    assert prepare(small_panel(), config=small_config()).digest() == prepared.digest()
    assert prepare(older, config=small_config()).digest() != prepared.digest()


def test_inner_fit_keeps_the_rounds_that_did_best(prepared):
    fit = InnerFit(prepared, SMALL_PARAMS)
    losses = {}
    while not fit.finished:
        fit.advance(10)
        losses[fit.rounds] = float(fit.row_losses().mean())

    by_fold = [len(fold.validation) for fold in prepared.folds]
    assert fit.rounds - fit.best_rounds >= PATIENCE_ROUNDS or fit.rounds == MAX_ROUNDS
    assert fit.rounds in losses
    assert losses[fit.best_rounds] == pytest.approx(fit.best_loss, abs=0.01)
    assert len(fit.row_losses()) == sum(by_fold)


def test_inner_fit_in_steps_is_the_same_as_at_once_and_after_pickling(prepared):
    stepped, at_once = (
        InnerFit(prepared, SMALL_PARAMS),
        InnerFit(pickle.loads(pickle.dumps(prepared)), SMALL_PARAMS),
    )

    stepped.advance(10)
    stepped.advance(10)
    at_once.advance(20)

    assert np.array_equal(stepped.row_losses(), at_once.row_losses())


def test_inner_fit_with_an_unknown_parameter_is_refused(prepared):
    with pytest.raises(InvalidRequestError, match="'depth' is unknown"):
        InnerFit(prepared, {"depth": 3})


def test_weigh_of_better_parameters_finds_their_gain():
    small = prepare(small_panel(), config=small_config())
    # up when the first feature is; the default of min_child_weight allows no split of so few rows
    learnable = replace(small, direction=(small.features[:, 0] > 0).astype(np.float64))

    found = weigh(learnable, {"rounds": 30, "min_child_weight": 1}, n_trials=10)

    assert found.deflated_gain == pytest.approx(found.gain - found.luck)
    assert found.gain > 0
    assert found.probability > 0.95
