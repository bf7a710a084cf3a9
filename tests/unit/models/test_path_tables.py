import numpy as np
import pytest
import xgboost as xgb

from candlecast.models.path_tables import MAX_PATH, PathTables


def booster(*, max_depth: int, rounds: int = 12, n_features: int = 9) -> tuple[xgb.Booster, np.ndarray]:
    generator = np.random.default_rng(max_depth)
    rows = generator.normal(size=(800, n_features)).astype(np.float32)
    rows[generator.random(rows.shape) < 0.1] = np.nan
    answer = (np.nan_to_num(rows[:, 0]) * np.nan_to_num(rows[:, 1]) + generator.normal(size=800) > 0).astype(float)
    settings = {"objective": "binary:logistic", "max_depth": max_depth, "nthread": 1, "base_score": 0.5}
    return xgb.train(settings, xgb.QuantileDMatrix(rows, answer, nthread=1), num_boost_round=rounds), rows[:37]


@pytest.mark.parametrize("max_depth", [1, 3, 6])
def test_contributions_by_tables_equal_those_of_xgboost(max_depth):
    trees, rows = booster(max_depth=max_depth)

    found = PathTables.of(trees).contributions(rows)

    reference = trees.predict(xgb.DMatrix(rows, nthread=1), pred_contribs=True)[:, :-1]
    np.testing.assert_allclose(found, reference, atol=2e-6)


def test_contributions_of_trees_that_never_split_are_zero():
    rows = np.ones((50, 3), dtype=np.float32)
    trees = xgb.train({"nthread": 1, "base_score": 0.5}, xgb.DMatrix(rows, np.zeros(50), nthread=1), num_boost_round=2)

    np.testing.assert_array_equal(PathTables.of(trees).contributions(rows), np.zeros((50, 3)))


def test_tables_of_longer_paths_than_are_kept_are_refused():
    trees, _ = booster(max_depth=MAX_PATH + 6, n_features=20, rounds=4)

    assert PathTables.of(trees) is None
