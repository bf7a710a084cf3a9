import numpy as np
import pytest

from candlecast.market.candles import CANDLE_COLUMNS
from candlecast.replay.faults.candles import CandleFault, distort
from candlecast.replay.tape import Tape
from tests.builders import make_small_recording

HOUR_US = 3_600_000_000
N = 100


@pytest.fixture(scope="module")
def tape():
    return Tape.of(make_small_recording(["BTC/USDT"], N).series["BTC/USDT"])


def hit(tape, kind, first, last, seed=(1, 0), **numbers):
    """Return the fault of candles number `first` to `last` (excluded), at the end of the recording."""
    since_us, until_us = int(tape.opens_us[first]), int(tape.opens_us[last])
    fault = CandleFault(kind, since_us, until_us, seed, {"share": 1.0} | numbers)
    return distort(tape, [fault], end_us=int(tape.closes_us[-1]))


def test_an_outage_leaves_its_candles_out_for_good(tape):
    faulty = hit(tape, "outage", 10, 15)

    assert faulty.opens_us.tolist() == [*tape.opens_us[:10], *tape.opens_us[15:]]
    assert len(faulty.values) == len(faulty.adjusted) == len(faulty.shown_us) == N - 5
    assert faulty.known(int(tape.closes_us[-1])).n_closed == N - 5


def test_a_late_candle_is_hidden_until_its_delay_is_over(tape):
    faulty = hit(tape, "late", 10, 11, delay_s=600)
    close_us = int(tape.closes_us[10])

    before, at_close, still, shown = (
        faulty.known(close_us + offset_us) for offset_us in (-1, 0, 599_999_999, 600_000_000)
    )

    assert (before.n_closed, before.n_visible) == (10, 11)
    assert (at_close.n_closed, at_close.n_visible) == (10, 10)
    assert (still.n_closed, still.n_visible) == (10, 10)
    assert (shown.n_closed, shown.n_visible) == (11, 12)


def test_late_candles_are_shown_in_order_and_all_by_the_end(tape):
    faulty = hit(tape, "late", 90, N - 1, delay_s=5 * 3_600)

    assert (np.diff(faulty.shown_us) >= 0).all()
    assert (faulty.shown_us >= tape.closes_us).all()
    assert faulty.shown_us[-1] == tape.closes_us[-1]


def test_a_revised_candle_is_valid_and_differs_until_its_delay_is_over(tape):
    faulty = hit(tape, "revised", 10, 20, delay_candles=2)
    close_us = int(tape.closes_us[12])

    early = faulty.rows(12, 13, faulty.known(close_us))[0]
    settled = faulty.rows(12, 13, faulty.known(close_us + 2 * HOUR_US))[0]

    opened, high, low, close, volume = early
    assert (opened, close != tape.values[12, 3], volume < tape.values[12, 4]) == (tape.values[12, 0], True, True)
    assert low <= min(opened, close) <= max(opened, close) <= high
    assert settled.tolist() == tape.values[12].tolist()


@pytest.mark.parametrize("kind", ["late", "revised"])
def test_the_truth_is_whole_when_the_recording_ends(tape, kind):
    faulty = hit(tape, kind, 50, N - 1, delay_s=1e6, delay_candles=1_000)
    known = faulty.known(int(tape.closes_us[-1]))

    assert known.n_closed == N
    assert np.array_equal(faulty.rows(0, N, known), tape.values)


def test_a_share_hits_the_same_candles_for_the_same_seed(tape):
    first, again, other = (
        hit(tape, "revised", 0, N - 1, seed=seed, share=0.5, delay_candles=1).revisions
        for seed in ((1, 0), (1, 0), (2, 0))
    )

    assert first.index.tolist() == again.index.tolist() != other.index.tolist()
    assert np.array_equal(first.values, again.values)
    assert 30 < len(first.index) < 70


def test_faults_of_one_tape_add_up(tape):
    end_us = int(tape.closes_us[-1])
    spans = {kind: (int(tape.opens_us[a]), int(tape.opens_us[b])) for kind, a, b in SPANS}
    faults = [CandleFault(kind, *span, (1, 0), NUMBERS) for kind, span in spans.items()]

    faulty = distort(tape, faults, end_us=end_us)

    assert len(faulty.opens_us) == N - 5
    assert faulty.revisions.index.tolist() == [15, 16, 17, 18, 19]
    assert faulty.revisions.settled_us[0] == faulty.shown_us[15] + HOUR_US == tape.closes_us[20] + 2 * HOUR_US


SPANS = (("late", 20, 25), ("revised", 20, 25), ("outage", 10, 15))
NUMBERS = {"share": 1.0, "delay_s": 3_600.0, "delay_candles": 1.0}


def test_prices_of_few_decimals_still_differ_when_revised():
    series = make_small_recording(["BTC/USDT"], 5).series["BTC/USDT"]
    coarse = Tape.of(series)
    coarse.values[:] = [2.0, 2.0, 2.0, 2.0, 7.0]

    faulty = hit(coarse, "revised", 0, 4, delay_candles=1)

    assert (faulty.revisions.values[:, 3] != 2.0).all()
    assert (faulty.revisions.values[:, :4] > 0).all()
    assert len(CANDLE_COLUMNS) == 2 + faulty.revisions.values.shape[1]
