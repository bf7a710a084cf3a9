import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.models.estimators import (
    DEFAULT_PARAMS,
    BoostedTrees,
    fit_booster,
    learner_settings,
    margins,
    n_trees,
    resolve_params,
)

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


def test_steps_in_parts_are_more_trees_that_go_as_far():
    params = {"rounds": 10, "learning_rate": 0.3, "min_child_weight": 1}

    whole, parts = (
        BoostedTrees.fit(FEATURES, DIRECTION, params=params | {"step_parts": n}, seed=1, nthread=1) for n in (1, 3)
    )

    assert (whole.booster.num_boosted_rounds(), parts.booster.num_boosted_rounds()) == (10, 30)
    assert learner_settings(params | {"step_parts": 3}, seed=1, nthread=1)["learning_rate"] == pytest.approx(0.1)
    spread = [np.abs(each.margins(FEATURES)).mean() for each in (whole, parts)]
    assert spread[1] == pytest.approx(spread[0], rel=0.25)


def test_steps_in_parts_depend_less_on_the_seed():
    noisy = (FEATURES[:, 0] + np.random.default_rng(5).normal(scale=2.0, size=len(FEATURES)) > 0).astype(float)

    def spread(step_parts):
        params = {"rounds": 20, "learning_rate": 0.2, "min_child_weight": 5, "step_parts": step_parts}
        fits = [BoostedTrees.fit(FEATURES, noisy, params=params, seed=seed, nthread=1) for seed in range(4)]
        return np.std([each.margins(FEATURES) for each in fits], axis=0).mean()

    assert spread(3) < 0.8 * spread(1)


@pytest.mark.parametrize("step_parts", [0, -1])
def test_steps_in_no_parts_are_refused(step_parts):
    with pytest.raises(InvalidRequestError, match=f"step_parts must be at least 1, was {step_parts}"):
        resolve_params({"step_parts": step_parts})


def test_trees_are_those_of_all_steps():
    assert n_trees({"rounds": 40, "step_parts": 2}) == 80
    assert n_trees({}) == DEFAULT_PARAMS["rounds"] * DEFAULT_PARAMS["step_parts"]


def test_margins_follow_a_clear_signal():
    assert ((margins(fitted(1), FEATURES) > 0) == (DIRECTION > 0.5)).mean() > 0.98
