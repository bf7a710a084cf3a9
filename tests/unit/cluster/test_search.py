"""Is a search that was broken off gone on with, and nothing tried twice?"""

from pathlib import Path

from candlecast.models.search_space import grid_points
from cluster.search import SearchPlan, Trial


def make_plan(**changes) -> SearchPlan:
    defaults = {"method": "optuna", "trials": 8, "concurrent": 2, "seed": 7, "folder": Path("study")}
    return SearchPlan(**(defaults | changes))


def tried(point) -> Trial:
    return Trial({**point, "rounds": 40}, 0.69, 80)


def test_plan_that_is_new_has_all_trials_left():
    assert make_plan().left() == 8
    assert make_plan(method="grid").left() == 81


def test_plan_of_a_broken_off_search_has_the_rest_left():
    known = [tried(point) for point in grid_points()[:3]]

    assert make_plan(known=known).left() == 5
    assert make_plan(known=known, trials=2).left() == 0
    assert make_plan(known=known, method="grid").grid_left() == grid_points()[3:]
