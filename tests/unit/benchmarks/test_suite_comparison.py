"""Is worse told from noise?"""

import pytest
from suite_comparison import Measured, compare

from tests.unit.benchmarks.rows import MACHINE, row


def run(*rows: dict, form: str = "quick", machine: dict = MACHINE) -> Measured:
    return Measured("serve", form, ["--json"], machine, rows)


def changes(old: dict, new: dict, **facts) -> tuple[int, int]:
    found = compare([run(old)], [run(new, **facts)])
    return len(found.worse), len(found.better)


@pytest.mark.parametrize(("ratio", "expected"), [(1.4, (1, 0)), (1.6, (0, 0)), (2.4, (0, 0)), (2.6, (0, 1))])
def test_ratio_without_an_interval_is_compared_by_the_stated_share(ratio, expected):
    assert changes(row(), row(ratio=ratio)) == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"ratio": 1.7, "low": 1.6, "high": 1.8}, (1, 0)),
        ({"ratio": 1.7, "low": 1.6, "high": 1.95}, (0, 0)),
        ({"ratio": 2.5, "low": 2.4, "high": 2.6}, (0, 1)),
        # apart, but by less than what two runs differ anyway
        ({"ratio": 1.91, "low": 1.90, "high": 1.895}, (0, 0)),
    ],
)
def test_ratio_with_intervals_is_worse_where_these_are_apart(new, expected):
    old = row(low=1.9, high=2.1, interval_of="ratio")

    assert changes(old, row(interval_of="ratio", **new)) == expected


def test_interval_of_another_figure_or_of_one_turn_counts_as_none():
    other = {"low": 1.99, "high": 2.01, "interval_of": "ours"}
    single = {"low": 2.0, "high": 2.0, "interval_of": "ratio"}

    for interval in (other, single):
        assert changes(row(**interval), row(ratio=1.6, **interval)) == (0, 0)


def test_figure_without_a_ratio_is_compared_on_the_same_machine_only():
    old, new = (row(ours=ours, peer=None, ratio=None, higher_is_better=False) for ours in (1.0, 2.0))

    elsewhere = compare([run(old)], [run(new, machine=MACHINE | {"processor": "another"})])

    assert changes(old, new) == (1, 0)
    assert (elsewhere.n_compared, elsewhere.left_out) == (0, {"no such figure before": 1})


def test_count_that_was_zero_is_worse_when_it_is_not():
    old, new = (row("failed", ours=ours, peer=0, ratio=None, higher_is_better=False) for ours in (0, 1))

    assert changes(old, new) == (1, 0)
    assert changes(new, old) == (0, 1)


def test_rows_are_told_apart_by_what_they_are_about():
    old = [row(connections=16), row(connections=64, ratio=9.0)]

    found = compare([run(*old)], [run(row(connections=16), row(connections=64, ratio=4.0))])

    assert found.worse == ["serve: latest_rps, 64 connections: ratio 9 before, 4 now"]


def test_run_of_another_form_or_of_nothing_before_is_counted_and_not_compared():
    assert compare([run(row())], [run(row(), row(), form="full")]).left_out == {"measured otherwise before": 2}
    assert compare([run()], [run(row())]).left_out == {"not measured before": 1}
    assert compare([], [run(row())]).left_out == {"not measured before": 1}
