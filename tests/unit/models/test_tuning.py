import pickle

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.rows import collect_rows
from candlecast.models.tuning import fit_score, prepare
from tests.trained import SMALL_PARAMS, small_config, small_news, small_panel


def test_prepared_rows_end_before_the_first_outer_test_block():
    prepared = prepare(small_panel(), config=small_config())

    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    used = sum(len(fold.validation_direction) for fold in prepared.folds) + len(prepared.folds[0].train_direction)
    assert len(prepared.folds) == 2
    assert used < len(rows.closes) / 2


def test_prepared_rows_with_news_hold_its_columns():
    prepared = prepare(small_panel(), config=small_config(), news=small_news())

    widths = {fold.train_features.shape[1] for fold in prepared.folds}
    assert widths == {len(FEATURE_NAMES) + len(NEWS_FEATURE_NAMES)}


def test_fit_score_reports_every_ten_rounds_and_the_last():
    prepared = prepare(small_panel(), config=small_config())
    seen = []

    loss = fit_score(prepared, SMALL_PARAMS | {"rounds": 12}, on_round=lambda n, x: seen.append((n, x)))

    assert [number for number, _ in seen] == [10, 12]
    assert loss == seen[-1][1]
    assert 0.5 < loss < 0.8


def test_fit_score_after_pickling_is_the_same():
    prepared = prepare(small_panel(), config=small_config())

    assert fit_score(pickle.loads(pickle.dumps(prepared)), SMALL_PARAMS) == fit_score(prepared, SMALL_PARAMS)


def test_fit_score_stops_when_told():
    def stop(number, loss):
        raise StopIteration

    with pytest.raises(StopIteration):
        fit_score(prepare(small_panel(), config=small_config()), SMALL_PARAMS, on_round=stop)


def test_fit_score_with_an_unknown_parameter_is_refused():
    with pytest.raises(InvalidRequestError, match="'depth' is unknown"):
        fit_score(prepare(small_panel(), config=small_config()), {"depth": 3})
