"""Do the rows of a start stand beside what was reported, and those of Compose say why they are not there?"""

import os

from memory import pss_mb
from report import in_form
from start import BARS, COMPOSE_METRICS, rows_of, unmeasured


def test_rows_are_medians_of_all_turns_with_their_range():
    [row] = rows_of("run", [{"first_forecast_s": value} for value in (30.0, 50.0, 34.0)])

    assert (row["metric"], row["ours"], row["low"], row["high"], row["n"]) == ("run_first_forecast_s", 34, 30, 50, 3)
    assert "peer" not in row


def test_rows_that_were_reported_stand_beside_the_report():
    green, container = rows_of("compose", [{"again_green_s": 90.0, "container_mb": 150.0}])

    assert (green["peer"], green["ratio"]) == (45, 0.5)
    assert (container["peer"], container["ratio"], container["unit"]) == (300, 2, "MB")


def test_rows_of_compose_without_an_engine_say_so_and_hold_no_bar():
    rows = [in_form("start", row, BARS) for row in unmeasured("no engine: none answers")]

    assert [row["metric"] for row in rows] == list(COMPOSE_METRICS)
    assert {row["not_measured"] for row in rows} == {"no engine: none answers"}
    assert not any("bars" in row for row in rows)


def test_memory_of_a_process_that_ended_counts_nothing():
    ours = pss_mb([os.getpid()])

    assert ours > 1
    assert pss_mb([2**22 + 1]) == 0
