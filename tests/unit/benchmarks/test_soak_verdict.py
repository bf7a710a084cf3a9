import math

import pytest

from benchmarks.soak.extent import SHORT
from benchmarks.soak.facts import Difference, Evidence
from benchmarks.soak.faults import Deed
from benchmarks.soak.growth import Growth
from benchmarks.soak.plan import make_plan
from benchmarks.soak.seen import Seen
from benchmarks.soak.verdict import (
    Figure,
    evidence_figures,
    growth_figures,
    hit_figure,
    reader_figures,
    run_figures,
)

WHOLE = Evidence(Difference(9, 0, 0, 0), frozenset(), {}, "whole", True, (), 9, {0.8: (0.81, 9)})


def missed(figures):
    return [one.name for one in figures if not one.held]


@pytest.mark.parametrize(("value", "held"), [(0.99, True), (0.98, False), (math.nan, False)])
def test_figure_with_a_least_value_is_held_from_there_on(value, held):
    assert Figure("share", value, least=0.99).held is held


def test_figure_without_a_bar_is_always_held():
    assert Figure("share", math.nan).held
    assert Figure("share", 1.0).bar == ""


def test_figure_line_shows_value_bar_and_verdict():
    line = Figure("candles lost", 2, most=0, told="of 9").line

    assert "candles lost" in line
    assert "<= 0" in line
    assert "MISSED" in line


def test_reader_figures_judge_latest_more_harshly():
    seen = Seen()
    for probe in ("latest", "news"):
        seen.asked[probe] = 100
        seen.wrong[probe] = dict.fromkeys(range(5), "503")
    seen.delays_s = [0.3] * 10

    figures = reader_figures("5m", seen, SHORT.bars, candle_wall_s=5.0, course_s=100)

    assert missed(figures) == ["5m latest: share of seconds right"]


def test_evidence_figures_of_a_whole_stack_hold():
    assert missed(evidence_figures("5m", WHOLE, ({}, []), 9)) == []


def test_evidence_figures_name_each_fault():
    broken = Evidence(Difference(9, 1, 1, 1), frozenset(), {"late": 2}, "row 7", False, ("m1 n",), 9, {})

    assert len(missed(evidence_figures("5m", broken, ({}, []), 9))) == 5


def test_hit_figure_counts_only_what_came_between():
    figure = hit_figure("5m", {"hit": 100, "miss": 100}, {"hit": 198, "miss": 102}, SHORT.bars)

    assert figure.value == 0.98
    assert figure.held


def test_growth_figures_judge_only_what_is_large():
    grown = [Growth(0, group, mb, 2 * mb, None, 5, 5, 1) for group, mb in (("api", 100.0), ("haproxy", 5.0))]

    assert missed(growth_figures(["5m"], grown, SHORT.bars, least_mb=20)) == ["5m api: memory, % first to last quarter"]


def test_run_figures_of_a_run_that_ended_early_are_missed():
    plan = make_plan(SHORT, seed=1)
    deeds = [Deed(act.kind, act.stack, act.at_s, act.at_s + 1, "") for act in plan.acts]

    assert missed(run_figures(SHORT, plan, deeds, lasted_s=SHORT.course_s)) == []
    assert missed(run_figures(SHORT, plan, deeds[1:], lasted_s=60)) == [
        "course, wall seconds",
        "acts done of those planned, share",
    ]
