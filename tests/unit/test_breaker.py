import asyncio
import logging

import pytest

from candlecast import breaker as module
from candlecast.breaker import BLOCKED_S, FAILURES_IN_A_ROW, LONGEST_WAIT_S, SourceBreaker
from candlecast.errors import (
    SourceBlockedError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)

DOWN = SourceUnavailableError("no answer")


@pytest.fixture
def breaker():
    return SourceBreaker("kraken")


@pytest.fixture
def pass_time(monkeypatch):
    passed_s = [0.0]
    real = module.monotonic
    monkeypatch.setattr(module, "monotonic", lambda: real() + passed_s[0])

    def wait(seconds):
        passed_s[0] += seconds

    return wait


def fail(breaker, error, times=1):
    for _ in range(times):
        with pytest.raises(type(error)), breaker.asking():
            raise error


def ask(breaker):
    with breaker.asking():
        pass


def test_breaker_after_few_failures_still_asks(breaker):
    fail(breaker, DOWN, FAILURES_IN_A_ROW - 1)

    ask(breaker)

    assert breaker.state().state == "closed"


def test_breaker_after_failures_in_a_row_refuses_with_the_reason(breaker):
    fail(breaker, DOWN, FAILURES_IN_A_ROW)

    with pytest.raises(SourceUnavailableError, match=r"kraken is left alone for another .* s: no answer"):
        ask(breaker)

    state = breaker.state()
    assert state.state == "open"
    assert state.reason == "no answer"
    assert 0 < state.opens_again_in_s <= 1.0


def test_breaker_counts_failures_in_a_row_only(breaker):
    for _ in range(FAILURES_IN_A_ROW):
        fail(breaker, DOWN, FAILURES_IN_A_ROW - 1)
        ask(breaker)

    assert breaker.closed


@pytest.mark.parametrize("error", [SourceBlockedError("451"), SourceNotConfiguredError("no key")])
def test_breaker_of_a_refusing_venue_opens_at_once_for_long(breaker, error, pass_time):
    fail(breaker, error)

    pass_time(BLOCKED_S - 5)

    with pytest.raises(type(error)):
        ask(breaker)
    pass_time(10)
    ask(breaker)
    assert breaker.closed


def test_breaker_of_a_limited_venue_opens_for_as_long_as_it_asks(breaker, pass_time):
    fail(breaker, SourceRateLimitedError("too many", 17.0))

    pass_time(10)

    with pytest.raises(SourceRateLimitedError) as caught:
        ask(breaker)
    assert 6 < caught.value.retry_after_s <= 7
    pass_time(7)
    ask(breaker)
    assert breaker.closed


def test_breaker_wait_doubles_up_to_a_minute(breaker, pass_time):
    waits_s = []
    fail(breaker, DOWN, FAILURES_IN_A_ROW)
    for _ in range(9):
        waits_s.append(breaker.state().opens_again_in_s)
        pass_time(61)
        fail(breaker, DOWN)

    steps_s = [1, 2, 4, 8, 16, 32, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]
    for wait_s, step_s in zip(waits_s, steps_s, strict=True):
        assert 0.75 * step_s < wait_s <= step_s


def test_breaker_that_was_tried_well_starts_with_the_shortest_wait_again(breaker, pass_time):
    fail(breaker, DOWN, FAILURES_IN_A_ROW)
    pass_time(61)
    fail(breaker, DOWN)
    pass_time(61)
    ask(breaker)

    fail(breaker, DOWN, FAILURES_IN_A_ROW)

    assert breaker.state().opens_again_in_s <= 1.0


def test_breaker_on_trial_lets_one_call_through(breaker, pass_time):
    fail(breaker, DOWN, FAILURES_IN_A_ROW)
    pass_time(2)

    with breaker.asking():
        assert breaker.state().state == "half-open"
        with pytest.raises(SourceUnavailableError, match="being tried by another call"):
            ask(breaker)

    assert breaker.closed


def test_breaker_whose_trial_was_cancelled_tries_again(breaker, pass_time):
    fail(breaker, DOWN, FAILURES_IN_A_ROW)
    pass_time(2)

    with pytest.raises(asyncio.CancelledError), breaker.asking():
        raise asyncio.CancelledError

    ask(breaker)
    assert breaker.closed


def test_breaker_takes_a_wrong_request_for_an_answer(breaker, pass_time):
    fail(breaker, DOWN, FAILURES_IN_A_ROW)
    pass_time(2)

    fail(breaker, UnknownSymbolError("X/Y", []))

    assert breaker.closed


def test_breaker_is_not_closed_by_a_late_answer(breaker):
    with breaker.asking():
        fail(breaker, DOWN, FAILURES_IN_A_ROW)

    assert breaker.state().state == "open"


def test_breaker_change_is_logged_once(breaker, pass_time, caplog):
    caplog.set_level(logging.INFO)
    fail(breaker, DOWN, FAILURES_IN_A_ROW)
    for _ in range(3):
        pass_time(61)
        fail(breaker, DOWN)
    pass_time(61)
    ask(breaker)
    ask(breaker)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "kraken answers again" in caplog.text
