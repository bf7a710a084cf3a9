import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.models.estimators import DEFAULT_PARAMS, fit_booster, learner_settings, margins, resolve_params

RNG = np.random.default_rng(4)
FEATURES = RNG.normal(size=(1_000, 4)).astype(np.float32)
DIRECTION = (FEATURES[:, 0] > 0).astype(float)


def fitted(seed):
    settings = learner_settings({"min_child_weight": 1}, seed=seed, nthread=1)
    return fit_booster(FEATURES, DIRECTION, settings=settings, rounds=10)


def test_params_over_defaults_keep_whole_numbers_whole():
    found = resolve_params({"max_depth": 3.0})

    assert found == DEFAULT_PARAMS | {"max_depth": 3}
    assert isinstance(found["max_depth"], int)


def test_unknown_param_is_refused_with_the_near_name():
    with pytest.raises(InvalidRequestError, match=r"'max_dept' is unknown; did you mean max_depth\?"):
        resolve_params({"max_dept": 3})


def test_booster_of_one_seed_is_the_same_twice():
    assert fitted(1).save_raw("ubj") == fitted(1).save_raw("ubj")
    assert fitted(1).save_raw("ubj") != fitted(2).save_raw("ubj")


def test_margins_of_missing_features_are_finite():
    holed = FEATURES[:20].copy()
    holed[:, 0] = np.nan

    found = margins(fitted(1), holed)

    assert found.shape == (20,)
    assert np.isfinite(found).all()


def test_margins_follow_a_clear_signal():
    assert ((margins(fitted(1), FEATURES) > 0) == (DIRECTION > 0.5)).mean() > 0.98
