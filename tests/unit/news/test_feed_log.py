from datetime import UTC, datetime

from candlecast.errors import SourceRateLimitedError, SourceUnavailableError
from candlecast.news.feed_log import FeedLog
from candlecast.news.intake import Taken


def test_feed_that_was_not_asked_yet_has_no_state():
    log = FeedLog(["a"], {"b": "no key"})

    assert {name: state.reason for name, state in log.states().items()} == {"b": "no key"}


def test_figures_and_last_good_answer_outlive_a_failure(monkeypatch):
    monkeypatch.setattr("candlecast.news.feed_log.wall_s", lambda: 1_609_754_400.0)
    log = FeedLog(["a"], {})

    log.answered("a", Taken((), 2, 5, {"bad_url": 1}), empty=False)
    log.failed("a", SourceUnavailableError("down"))
    state = log.states()["a"]

    assert (state.state, state.n_accepted, state.n_rejected) == ("failing", 2, 1)
    assert state.last_ok_at == datetime(2021, 1, 4, 10, tzinfo=UTC)


def test_feed_that_asks_to_wait_rests():
    log = FeedLog(["a"], {})

    log.failed("a", SourceRateLimitedError("wait", 5))

    assert log.states()["a"].state == "resting"
