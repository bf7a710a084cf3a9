import json

import numpy as np
import pytest

from candlecast.replay.faults.candles import CandleFault, distort
from candlecast.replay.tape import Tape
from candlecast.replay.wire.encoding import EncodedTape, RowFormat
from tests.builders import make_small_recording

N = 50
LIST = RowFormat('[{open_ms},"{open}","{high}","{low}","{close}","{volume}",{close_ms}]')
REVERSED = RowFormat('{{"start":"{open_s}","close":"{close}"}}', newest_first=True)


@pytest.fixture(scope="module")
def tape():
    return Tape.of(make_small_recording(["BTC/USDT"], N).series["BTC/USDT"])


def known(tape, n_closed, share=0.0):
    return tape.known(int(tape.opens_us[n_closed] + share * (tape.closes_us[n_closed] - tape.opens_us[n_closed])))


def test_a_page_reads_back_as_recorded(tape):
    rows = json.loads(EncodedTape(tape, LIST).page(10, 20, known(tape, 30)))

    assert [[float(value) for value in row[1:6]] for row in rows] == tape.values[10:20].tolist()
    assert [row[0] for row in rows] == (tape.opens_us[10:20] // 1_000).tolist()
    assert rows[0][6] == tape.closes_us[10] // 1_000 - 1


def test_a_page_ends_with_the_running_candle_as_far_as_it_is_known(tape):
    state = known(tape, 30, share=0.5)

    rows = json.loads(EncodedTape(tape, LIST).page(28, 50, state))

    assert len(rows) == 3
    assert [float(value) for value in rows[-1][1:6]] == list(state.running)


def test_a_page_of_the_newest_first_is_the_other_way_round(tape):
    rows = json.loads(EncodedTape(tape, REVERSED).page(10, 13, known(tape, 12, share=0.5)))

    assert [int(row["start"]) * 1_000_000 for row in rows] == tape.opens_us[[12, 11, 10]].tolist()
    assert float(rows[1]["close"]) == tape.values[11, 3]


@pytest.mark.parametrize("span", [(10, 10), (40, 50), (20, 10)])
def test_a_page_of_nothing_is_empty(tape, span):
    assert EncodedTape(tape, LIST).page(*span, known(tape, 30)) == b"[]"


@pytest.mark.parametrize("row_format", [LIST, REVERSED])
def test_revised_candles_are_cut_in_until_they_are_settled(tape, row_format):
    span = int(tape.opens_us[10]), int(tape.closes_us[12])
    fault = CandleFault("revised", *span, (1,), {"share": 1.0, "delay_candles": 2})
    revised = distort(tape, [fault], end_us=int(tape.closes_us[-1]))
    plain, encoded = EncodedTape(tape, row_format), EncodedTape(revised, row_format)

    def differing(n_closed):
        state = known(tape, n_closed)
        pages = (json.loads(page.page(0, N, state)) for page in (plain, encoded))
        rows = [a != b for a, b in zip(*pages, strict=True)]
        return np.flatnonzero(rows[::-1] if row_format.newest_first else rows).tolist()

    assert [differing(n_closed) for n_closed in (10, 11, 12, 13, 14, 15)] == [[], [10], [10, 11], [11, 12], [12], []]


def test_very_small_prices_and_missing_volumes_are_written_without_exponent():
    series = make_small_recording(["BTC/USDT"], 3).series["BTC/USDT"]
    tape = Tape.of(series)
    tape.values[1] = [1e-7, 2e-7, 5e-8, 1.5e-7, np.nan]

    page = EncodedTape(tape, LIST).page(0, 3, known(tape, 2))

    assert b'"0.0000001","0.0000002","0.00000005","0.00000015","0"' in page
