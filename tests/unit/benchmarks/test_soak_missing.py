from datetime import UTC, datetime, timedelta

from benchmarks.soak.extent import SHORT
from benchmarks.soak.faults import Deed
from benchmarks.soak.missing import Fault, faults_of, split_missing, wanted_forecasts
from benchmarks.soak.plan import Plan, make_plan
from candlecast.clock import ReplayClock

BEGIN = datetime(2021, 1, 4, tzinfo=UTC)
CANDLE = timedelta(minutes=5)
CLOCK = ReplayClock(wall_anchor_s=1_000.0, market_anchor=BEGIN, end=BEGIN + timedelta(days=9), speed=60.0)


def test_wanted_forecasts_are_of_every_symbol_and_close():
    wanted = wanted_forecasts(["A", "B"], BEGIN, BEGIN + 2 * CANDLE, CANDLE)

    assert len(wanted) == 6
    assert ("B", BEGIN + 2 * CANDLE) in wanted


def test_split_missing_of_what_is_recorded_is_nothing():
    wanted = wanted_forecasts(["A"], BEGIN, BEGIN + 2 * CANDLE, CANDLE)

    assert split_missing(wanted, set(wanted), [], CANDLE, speed=60.0) == ({}, [])


def test_split_missing_with_a_fault_of_the_whole_candle_names_it():
    # from before any could be made until nobody could be back: half a wall second, and one and a half
    fault = Fault("fill_disk", BEGIN + timedelta(seconds=30), BEGIN + CANDLE - timedelta(seconds=90))

    explained, unexplained = split_missing([("A", BEGIN)], set(), [fault], CANDLE, speed=60.0)

    assert (explained, unexplained) == ({("A", BEGIN): "fill_disk"}, [])


def test_split_missing_with_a_fault_of_a_part_of_the_candle_has_no_excuse():
    fault = Fault("kill_postgres", BEGIN, BEGIN + CANDLE - timedelta(seconds=100))

    assert split_missing([("A", BEGIN)], set(), [fault], CANDLE, speed=60.0) == ({}, [("A", BEGIN)])


def test_faults_of_a_stack_are_its_own_deeds_and_the_disk_in_market_time():
    deeds = [Deed("kill_api", 0, 10, 12, ""), Deed("kill_api", 1, 10, 12, ""), Deed("fill_disk", 1, 20, 30, "")]
    plan = Plan(1, (), ({"faults": []}, {"faults": []}))

    found = faults_of(plan, deeds, 0, clock=CLOCK, began_wall_s=1_060.0)

    assert [one.name for one in found] == ["kill_api", "fill_disk"]
    assert found[0].start == BEGIN + timedelta(seconds=70 * 60)
    assert found[1].end - found[1].start == timedelta(minutes=10)


def test_faults_of_a_stack_leave_those_of_news_out():
    plan = make_plan(SHORT, seed=1)

    found = faults_of(plan, [], 0, clock=CLOCK, began_wall_s=1_000.0)

    assert found
    assert not any(feed in one.name for one in found for feed in ("rss", "newsapi", "cryptopanic"))
