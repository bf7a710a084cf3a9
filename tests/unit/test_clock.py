"""Does market time run, stop and never go back?"""

import math
from datetime import UTC, datetime, timedelta

import pytest

from candlecast.clock import ReplayClock, SystemClock, wall_s

START = datetime(2022, 1, 1, tzinfo=UTC)
END = START + timedelta(days=10)


def replay(*, elapsed_s: float, speed: float = 60.0) -> ReplayClock:
    return ReplayClock(wall_anchor_s=wall_s() - elapsed_s, market_anchor=START, end=END, speed=speed)


def test_replay_clock_runs_at_its_speed():
    assert (replay(elapsed_s=100).now() - START).total_seconds() == pytest.approx(6_000, abs=120)


def test_replay_clock_at_the_end_of_the_recording_stands_still():
    clock = replay(elapsed_s=1e9)

    assert clock.now() == END
    assert clock.ended()


def test_replay_clock_before_its_anchor_waits_at_the_start():
    assert replay(elapsed_s=-50).now() == START


def test_replay_clock_counts_wall_seconds_to_a_market_moment():
    assert replay(elapsed_s=0).wall_s_until(START + timedelta(hours=1)) == pytest.approx(60, abs=2)


def test_replay_clock_beyond_the_end_is_never_reached():
    assert replay(elapsed_s=0).wall_s_until(END + timedelta(seconds=1)) == math.inf


def test_system_clock_has_no_end_and_no_negative_wait():
    clock = SystemClock()

    assert clock.now().tzinfo is UTC
    assert not clock.ended()
    assert clock.wall_s_until(clock.now() - timedelta(hours=1)) == 0.0
