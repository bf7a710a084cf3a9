"""Do all rows come in one form, and does a missed bar fail the run?"""

import json
import math

import pytest
from report import Bar, finish, holds, in_form

from tests.unit.benchmarks.rows import row

AT_LEAST_3 = Bar("latest_rps", "ratio", least=3.0)


def test_row_without_a_peer_says_so_in_its_form():
    told = in_form("serve", {"metric": "memory_mb", "ours": 1.0, "unit": "MB", "n": 1, "higher_is_better": False})

    assert (told["peer"], told["ratio"]) == (None, None)
    assert "bars" not in told


def test_row_that_lacks_what_all_rows_have_is_refused_by_name():
    with pytest.raises(ValueError, match=r"serve: row .* has no unit, n"):
        in_form("serve", {"metric": "memory_mb", "ours": 1.0, "higher_is_better": False})


def test_figures_that_are_not_finite_become_null():
    told = in_form("tune", row(ours=math.inf, ratio=math.nan))

    assert (told["ours"], told["ratio"]) == (None, None)


@pytest.mark.parametrize(("given", "told"), [({}, "ours"), ({"interval_of": "ratio"}, "ratio")])
def test_interval_without_a_name_is_of_our_figure(given, told):
    assert in_form("serve", row(low=1.0, high=2.0, **given))["interval_of"] == told


def test_row_carries_all_bars_it_is_held_to():
    bars = [AT_LEAST_3, Bar("latest_rps", "ours", least=1.0, most=200.0), Bar("other", "ours", most=1.0)]

    told = in_form("serve", row(), bars)["bars"]

    assert told == [{"field": "ratio", "least": 3.0}, {"field": "ours", "least": 1.0, "most": 200.0}]
    assert [holds(row(), bar) for bar in told] == [False, True]


def test_undefined_figure_holds_no_bar():
    assert not holds(row(ours=None), {"field": "ours", "most": 1.0})


def test_run_that_misses_a_bar_prints_its_rows_and_then_fails(capsys):
    with pytest.raises(SystemExit, match="serve: missed: latest_rps: ratio is 2, at least 3"):
        finish("serve", [row()], as_json=True, bars=[AT_LEAST_3])

    told = json.loads(capsys.readouterr().out)
    assert (told["benchmark"], [one["metric"] for one in told["results"]]) == ("serve", ["latest_rps"])
    assert told["machine"].keys() == {"cpus", "processor", "memory_gb", "system", "python"}


def test_row_that_could_not_be_measured_misses_no_bar():
    absent = row(ours=None, ratio=None, not_measured="no engine")

    finish("serve", [absent], as_json=False, bars=[AT_LEAST_3])

    assert "bars" not in in_form("serve", absent, [AT_LEAST_3])
