"""Do the ranges of a search hold what is tried?"""

import pytest

from candlecast.models.estimators import resolve_params
from candlecast.models.search_space import SPACE, grid_points, in_space

MIDDLE = {name: (bounds.low + bounds.high) / 2 for name, bounds in SPACE.items()}


def test_grid_has_81_different_points_of_known_parameters():
    points = grid_points()

    assert len({tuple(point.items()) for point in points}) == 81
    assert all(set(resolve_params(point)) >= set(point) for point in points)


def test_in_space_keeps_the_searched_part():
    assert in_space({**MIDDLE, "rounds": 60, "gamma": 0}) == MIDDLE


@pytest.mark.parametrize("change", [{"learning_rate": 0.5}, {"max_depth": 2}])
def test_in_space_of_a_value_outside_is_none(change):
    assert in_space({**MIDDLE, **change}) is None


def test_in_space_without_a_parameter_is_none():
    assert in_space({"learning_rate": 0.1}) is None
