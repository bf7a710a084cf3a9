import numpy as np
import pytest

from benchmarks.soak.growth import growths, slope_of
from benchmarks.soak.watch import Sample

SPEED = 60.0
DAY_WALL_S = 86_400 / SPEED


def life(pid, memory_mb, *, group="api", from_s=0.0, every_s=10.0):
    return [
        Sample(from_s + place * every_s, 0, pid, group, float(memory), 40 + place, 5)
        for place, memory in enumerate(memory_mb)
    ]


def test_slope_of_a_line_is_its_growth_a_market_day():
    times_s = np.linspace(0, DAY_WALL_S, 50)

    slope = slope_of(times_s, 100 + 2 * times_s / DAY_WALL_S, speed=SPEED)

    assert slope == pytest.approx(2 / 1.01)


def test_growths_of_a_process_leave_its_warm_up_out():
    warm, steady = [50 + place for place in range(50)], [100.0] * 150

    [found] = growths(life(1, [*warm, *steady]), speed=SPEED)

    assert found.slope_pct_day == pytest.approx(0, abs=1e-9)


def test_growths_of_a_replaced_process_are_not_those_of_its_successor():
    # the second begins small, and neither grows once it is warm
    first, second = [100.0] * 100, [*np.linspace(40, 100, 30), *([100.0] * 100)]

    [found] = growths([*life(1, first), *life(2, second, from_s=1_000)], speed=SPEED)

    assert found.slope_pct_day == pytest.approx(0, abs=1e-9)
    assert found.n_processes == 2


def test_growths_of_two_processes_add_up():
    [found] = growths([*life(1, [100.0] * 40), *life(2, [50.0] * 40)], speed=SPEED)

    assert (found.first_mb, found.last_mb) == (150.0, 150.0)
    assert found.growth_pct == 0
    assert found.last_files > found.first_files


def test_growths_of_a_short_life_have_no_slope():
    [found] = growths(life(1, [100.0] * 8), speed=SPEED)

    assert found.slope_pct_day is None


def test_growths_leave_out_what_comes_and_goes():
    assert growths(life(1, [100.0] * 40, group="worker"), speed=SPEED) == []
