from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlecast.replay.tape import Tape, decimal_text, microseconds, partial_candle
from tests.builders import make_small_recording

RISING = np.array([100.0, 106.0, 97.0, 103.0, 60.0])
FALLING = np.array([103.0, 106.0, 97.0, 100.0, 60.0])
PRICE = st.integers(1, 10_000_000).map(lambda cents: cents / 100)


def shown(tape, moment):
    return tape.known(microseconds(moment))


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        (RISING, 0.0, (100.0, 100.0, 100.0, 100.0, 0.0)),
        (RISING, 1 / 6, (100.0, 100.0, 98.0, 98.0, 10.0)),
        (RISING, 0.5, (100.0, 102.0, 97.0, 102.0, 30.0)),
        (RISING, 5 / 6, (100.0, 106.0, 97.0, 104.0, 50.0)),
        (FALLING, 1 / 6, (103.0, 104.0, 103.0, 104.0, 10.0)),
        (FALLING, 0.5, (103.0, 106.0, 102.0, 102.0, 30.0)),
        (FALLING, 5 / 6, (103.0, 106.0, 97.0, 98.0, 50.0)),
    ],
)
def test_partial_candle_walks_its_path(values, share, expected):
    assert tuple(partial_candle(values, share)) == expected


@given(prices=st.tuples(PRICE, PRICE, PRICE, PRICE), volume=PRICE, share=st.floats(0, 0.999))
def test_partial_candle_never_leaves_the_final_range(prices, volume, share):
    low, high = min(prices), max(prices)
    values = np.array([prices[0], high, low, prices[1], volume])

    candle = partial_candle(values, share)

    assert low <= candle.low <= min(candle.open, candle.close)
    assert max(candle.open, candle.close) <= candle.high <= high
    assert 0 <= candle.volume <= volume


@given(value=st.floats(1e-12, 1e15))
def test_decimal_text_reads_back_as_the_same_float(value):
    text = decimal_text(value)

    assert float(text) == value
    assert "e" not in text


def test_tape_knows_only_what_has_opened():
    tape = Tape.of(make_small_recording(["BTC/USDT"], 10).series["BTC/USDT"])
    opened = make_small_recording(["BTC/USDT"], 10).start

    before = shown(tape, opened - timedelta(seconds=1))
    inside = shown(tape, opened + timedelta(hours=2, minutes=30))
    at_close = shown(tape, opened + timedelta(hours=3) - timedelta(microseconds=1))
    closed = shown(tape, opened + timedelta(hours=10))

    assert (before.n_closed, before.n_visible) == (0, 0)
    assert (inside.n_closed, inside.n_visible) == (2, 3)
    assert (at_close.n_closed, at_close.n_visible) == (2, 3)
    assert (closed.n_closed, closed.n_visible) == (10, 10)


def test_tape_in_a_gap_shows_no_running_candle():
    recording = make_small_recording(["BTC/USDT"], 60, gap_share=0.3)
    tape = Tape.of(recording.series["BTC/USDT"])
    steps = np.diff(tape.opens_us)
    last_before = int(np.argmax(steps > 3_600_000_000))
    gap_start = recording.series["BTC/USDT"].candles["close_time"][last_before].to_pydatetime()

    known = shown(tape, gap_start + timedelta(minutes=10))

    assert known.running is None
    assert known.n_visible == last_before + 1
