"""Is a clock told of that jumps, or that others do not share?"""

from itertools import count

import pytest
from fastapi import FastAPI

from candlecast.clock import wall_s
from candlecast.doctor import clocks
from candlecast.doctor.clocks import Clocks, http_skew_s, look_at_time
from candlecast.errors import SourceUnavailableError, StorageError
from tests.loopback import free_port, serve_app


@pytest.fixture(autouse=True)
def watched_briefly(monkeypatch):
    monkeypatch.setattr(clocks, "_WATCHED_S", 0.01)


def test_clock_that_runs_evenly_and_agrees_is_well():
    found = look_at_time({"the database": lambda: 0.4})

    assert (found.verdict, found.detail) == ("ok", "runs evenly; +0.4 s to the database")


@pytest.mark.parametrize(("ahead_s", "way"), [(7_200.0, "7,200.0 s ahead of"), (-3.0, "3.0 s behind")])
def test_clock_that_differs_is_broken_and_says_by_how_much(ahead_s, way):
    found = look_at_time({"binance": lambda: ahead_s})

    assert found.verdict == "broken"
    assert found.detail == f"this machine is {way} binance, at most 2 may be"
    assert "NTP" in found.mend


def test_other_clock_that_does_not_answer_is_told_and_no_failure():
    def away():
        raise StorageError("away")

    found = look_at_time({"the database": away})

    assert found.verdict == "ok"
    assert "the database not asked" in found.detail


@pytest.mark.parametrize("jump_s", [-60.0, 60.0])
def test_clock_that_jumps_while_it_is_watched_is_broken(jump_s):
    asked = count()
    jumping = Clocks(wall_s=lambda: wall_s() + jump_s * next(asked))

    found = look_at_time({}, clocks=jumping)

    assert found.verdict == "broken"
    assert f"jumped by {jump_s:+.1f} s" in found.detail


def test_web_server_tells_the_time():
    app = FastAPI()

    with serve_app(app) as url:
        assert abs(http_skew_s(url, timeout_s=10)) < 1.5
        # an hour ahead of the server
        assert http_skew_s(url, timeout_s=10, now_s=lambda: wall_s() + 3_600) == pytest.approx(3_600, abs=2)
        assert http_skew_s(url, timeout_s=10, now_s=lambda: wall_s() - 3_600) == pytest.approx(-3_600, abs=2)


def test_web_server_that_is_away_is_unavailable():
    with pytest.raises(SourceUnavailableError, match="tells no time"):
        http_skew_s(f"http://127.0.0.1:{free_port()}", timeout_s=2)
