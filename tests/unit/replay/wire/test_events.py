import numpy as np
import pytest

from candlecast.replay.faults.candles import CandleFault, distort
from candlecast.replay.tape import Tape
from candlecast.replay.wire.events import NEVER_US, events_between, next_event_us
from tests.builders import make_small_recording

MINUTE_US = 60_000_000
N = 40


@pytest.fixture(scope="module")
def tape():
    return Tape.of(make_small_recording(["BTC/USDT"], N, gap_share=0.2).series["BTC/USDT"])


def walk(tape, start_us, n_updates=2):
    """Return all events, each fetched when it is due."""
    found, now_us = [], start_us
    while (due_us := next_event_us(tape, now_us, n_updates=n_updates)) < NEVER_US:
        found += events_between(tape, now_us, due_us, n_updates=n_updates)
        now_us = due_us
    return found


def test_every_candle_is_updated_twice_and_closed_once_as_recorded(tape):
    events = walk(tape, int(tape.opens_us[0]) - 1)

    expected = [(place, closed) for place in range(len(tape.opens_us)) for closed in (False, False, True)]
    assert [(event.place, event.closed) for event in events] == expected
    closed = [event for event in events if event.closed]
    assert np.array_equal([event.values for event in closed], tape.values)
    assert [event.due_us for event in closed] == tape.closes_us.tolist()
    assert [event.due_us - int(tape.opens_us[0]) for event in events[:2]] == [20 * MINUTE_US, 40 * MINUTE_US]


def test_a_stream_that_lags_skips_updates_but_never_a_close(tape):
    until_us = int(tape.opens_us[20]) + 30 * MINUTE_US

    events = list(events_between(tape, int(tape.opens_us[0]), until_us, n_updates=2))

    assert [event.place for event in events if event.closed] == list(range(20))
    assert [event.place for event in events if not event.closed] == [20]


def test_nothing_happens_between_two_events(tape):
    opened_us = int(tape.opens_us[3])

    assert list(events_between(tape, opened_us + 1, opened_us + 20 * MINUTE_US - 1, n_updates=2)) == []


def test_a_stream_without_updates_has_closes_alone(tape):
    events = walk(tape, int(tape.opens_us[0]) - 1, n_updates=0)

    assert [event.place for event in events] == list(range(len(tape.opens_us)))
    assert all(event.closed for event in events)


def test_a_late_candle_closes_late_and_holds_up_the_next(tape):
    fault = CandleFault("late", int(tape.opens_us[3]), int(tape.closes_us[3]), (1,), {"share": 1.0, "delay_s": 1_800})
    late = distort(tape, [fault], end_us=int(tape.closes_us[-1]))

    events = walk(late, int(late.opens_us[3]))

    close = next(event for event in events if event.place == 3 and event.closed)
    assert close.due_us == tape.closes_us[3] + 30 * MINUTE_US
    assert events.index(close) == 2
    assert [event.due_us for event in events] == sorted(event.due_us for event in events)


def test_a_revised_candle_closes_with_its_preliminary_figures(tape):
    span = int(tape.opens_us[3]), int(tape.closes_us[3])
    fault = CandleFault("revised", *span, (1,), {"share": 1.0, "delay_candles": 2})
    revised = distort(tape, [fault], end_us=int(tape.closes_us[-1]))

    [close] = [event for event in walk(revised, span[0]) if event.place == 3 and event.closed]

    assert close.values.tolist() == revised.revisions.values[0].tolist() != tape.values[3].tolist()
