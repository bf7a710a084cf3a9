from dataclasses import replace

import numpy as np

from candlecast.models.fitting import fit_model
from candlecast.models.importance import gain_importance, mean_importance, permutation_importance
from candlecast.models.rows import collect_rows
from candlecast.models.training import conclude, folds_of, judge_fold
from tests.trained import small_config, small_panel, small_result


def test_permutation_finds_the_feature_that_tells_and_leaves_the_rows_alone():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    place = rows.feature_names.index("rsi_14")
    features = rows.features.copy()
    features[:, place] = np.nan_to_num(rows.direction, nan=0.5) + np.random.default_rng(0).normal(0, 0.4, len(features))
    told = replace(rows, features=features)
    model = fit_model(told, train=np.arange(1_500), config=small_config())
    before = features.copy()

    rise = permutation_importance(model, told, told.known(np.arange(2_000, 3_600)), seed=1)

    assert rise.argmax() == place
    assert rise[place] > 0.1
    assert np.abs(np.delete(rise, place)).max() < 0.02
    np.testing.assert_array_equal(features, before)


def test_gain_names_every_feature_largest_first():
    gain = gain_importance(small_result().model)

    assert set(gain) == set(small_result().model.facts.feature_names)
    assert list(gain.values()) == sorted(gain.values(), reverse=True)
    assert abs(sum(gain.values()) - 1.0) < 1e-9


def test_mean_over_folds_is_sorted():
    assert mean_importance(["a", "b"], [np.array([0.1, 0.3]), np.array([0.1, 0.5])]) == {"b": 0.4, "a": 0.1}


def test_training_that_does_not_weigh_features_states_gain_alone():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    config = small_config(weigh_features=False)
    judged = [judge_fold(rows, fold=folds_of(rows, config=config)[0], config=config)]

    result = conclude(judged, model=small_result().model, skipped={}, origin=small_result().origin)

    assert result.metrics["importance"]["permutation"] == {}
    assert result.metrics["importance"]["gain"]


def test_training_states_both_importances():
    importance = small_result().metrics["importance"]

    assert set(importance) == {"gain", "permutation"}
    assert set(importance["gain"]) == set(importance["permutation"])
