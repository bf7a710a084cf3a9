import json

from hypothesis import given
from hypothesis import strategies as st

from tests.figure_steps import applied
from ui.chart.delta import steps_between

NUMBERS = st.integers(-3, 3)
TREES = st.recursive(
    NUMBERS | st.none() | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text("xyz", max_size=2), inner, max_size=4),
    max_leaves=25,
)


@given(old=TREES, new=TREES)
def test_steps_between_any_two_trees_lead_from_one_to_the_other(old, new):
    steps = json.loads(json.dumps(steps_between(old, new)))

    assert applied(old, steps) == new


@given(old=st.lists(NUMBERS, min_size=1, max_size=40), new=st.lists(NUMBERS, min_size=1, max_size=40))
def test_steps_between_any_two_lists_lead_from_one_to_the_other(old, new):
    assert applied({"y": old}, json.loads(json.dumps(steps_between({"y": old}, {"y": new})))) == {"y": new}


def test_step_of_a_window_that_moved_on_is_its_new_end():
    old, new = list(range(500)), [*range(1, 499), -1, 500]

    assert steps_between(old, new) == [[[], "slide", 1, 499, [500], {"498": -1}]]


def test_step_of_a_list_that_grew_is_its_new_end():
    assert steps_between([1, 2, 3, 4], [1, 2, 3, 4, 5]) == [[[], "slide", 0, 4, [5], {}]]


def test_steps_between_equal_trees_are_none_and_leave_the_old_alone():
    old = {"a": [1, {"b": [2]}]}

    assert steps_between(old, {"a": [1, {"b": [2]}]}) == []
    assert applied(old, [[["a", 1, "b"], "set", [3]]]) == {"a": [1, {"b": [3]}]}
    assert old == {"a": [1, {"b": [2]}]}
