import pytest

from benchmarks.soak.extent import DAY_S, FULL, SHORT, partial
from benchmarks.soak.plan import DISK_S, KILLS, make_plan
from candlecast.replay.faults.script import parse_script

EXTENTS = [SHORT, FULL, partial(10)]


@pytest.mark.parametrize("extent", EXTENTS, ids=lambda one: one.name)
def test_plan_of_the_same_seed_is_the_same(extent):
    assert make_plan(extent, seed=3) == make_plan(extent, seed=3)
    assert make_plan(extent, seed=3) != make_plan(extent, seed=4)


@pytest.mark.parametrize("extent", EXTENTS, ids=lambda one: one.name)
@pytest.mark.parametrize("seed", range(5))
def test_plan_lies_within_the_course(extent, seed):
    plan = make_plan(extent, seed=seed)

    assert all(act.at_s > 0 and act.at_s + act.length_s < extent.course_s for act in plan.acts)
    assert [act.at_s for act in plan.acts] == sorted(act.at_s for act in plan.acts)


@pytest.mark.parametrize("extent", EXTENTS, ids=lambda one: one.name)
@pytest.mark.parametrize("seed", range(5))
def test_plan_scripts_are_taken_by_the_replay_server(extent, seed):
    plan = make_plan(extent, seed=seed)

    for market, script in zip(extent.markets, plan.scripts, strict=True):
        assert parse_script(script, symbols=market.names) is not None


@pytest.mark.parametrize("extent", EXTENTS, ids=lambda one: one.name)
@pytest.mark.parametrize("seed", range(5))
def test_plan_never_takes_two_venues_of_a_stack_at_a_time(extent, seed):
    for script in make_plan(extent, seed=seed).scripts:
        faults = [one for one in script["faults"] if one["venue"] in ("binance", "kraken")]
        ends_s = 0.0
        for fault in faults:
            assert fault["start_s"] >= ends_s
            ends_s = fault["start_s"] + fault["length_s"]


@pytest.mark.parametrize("extent", EXTENTS, ids=lambda one: one.name)
def test_plan_does_everything_to_somebody(extent):
    kinds = {act.kind for act in make_plan(extent, seed=1).acts}

    assert kinds >= {*KILLS, "retrain", "promote", "fill_disk"}


def test_full_plan_trains_and_promotes_each_market_day_in_each_stack():
    plan = make_plan(FULL, seed=1)

    for stack in range(len(FULL.markets)):
        for kind in ("retrain", "promote"):
            at_s = [act.at_s for act in plan.acts if (act.kind, act.stack) == (kind, stack)]
            assert [int(one * FULL.speed / DAY_S) for one in at_s] == [0, 1, 2]


def test_plan_fills_the_disk_of_all_stacks_once_a_day():
    acts = [act for act in make_plan(FULL, seed=1).acts if act.kind == "fill_disk"]

    assert [act.length_s for act in acts] == [DISK_S] * 3


@pytest.mark.parametrize("extent", EXTENTS, ids=lambda one: one.name)
def test_recording_outlasts_the_run(extent):
    for market in extent.markets:
        played_s = (extent.n_candles(market) - market.n_history) * market.candle_s / extent.speed
        assert played_s > extent.course_s + 600
