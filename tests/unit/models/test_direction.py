import numpy as np

from candlecast.features.table import build_features
from tests.trained import small_panel, small_result


def test_contributions_sum_to_the_calibrated_log_odds_less_the_bias():
    model = small_result().model
    features = build_features(small_panel()["BTC/USDT"]).to_numpy()[-5:]

    pushes = model.contributions(features)

    p_up = model.p_up(features)
    log_odds = np.log(p_up / (1 - p_up)) - model.calibration.intercept
    gaps = log_odds - pushes.sum(axis=1)
    assert pushes.shape == features.shape
    np.testing.assert_allclose(gaps, gaps[0], atol=1e-5)


def test_p_up_is_the_calibrated_margin():
    model = small_result().model
    features = build_features(small_panel()["BTC/USDT"]).to_numpy()[-3:]

    found = model.p_up(features)

    margin = model.estimator.margins(features.astype(np.float32))
    expected = 1 / (1 + np.exp(-(model.calibration.slope * margin + model.calibration.intercept)))
    np.testing.assert_allclose(found, expected)
