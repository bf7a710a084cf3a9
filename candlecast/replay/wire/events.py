"""What happens to a candle while a stream is watched? Updates while it runs, and one closing message."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from candlecast.replay.tape import Known, Tape, microseconds, partial_candle

# Late enough for any market, early enough for a datetime.
NEVER_US = microseconds(datetime(9000, 1, 1, tzinfo=UTC))


class CandleEvent(NamedTuple):
    """A candle that changed at `due_us` (market time): number `place` of its tape."""

    due_us: int
    place: int
    values: NDArray[np.float64]
    closed: bool


def next_event_us(tape: Tape, after_us: int, *, n_updates: int) -> int:
    """Return when the first event later than `after_us` is due, `NEVER_US` when there is none."""
    index = int(np.searchsorted(tape.shown_us, after_us, side="right"))
    if index == len(tape.opens_us):
        return NEVER_US
    opened_us, shown_us = int(tape.opens_us[index]), int(tape.shown_us[index])
    step_us = _step_us(tape, index, n_updates)
    n_past = max(0, (after_us - opened_us) // step_us)
    return opened_us + (n_past + 1) * step_us if n_past < n_updates else shown_us


def events_between(tape: Tape, after_us: int, until_us: int, *, n_updates: int) -> Iterator[CandleEvent]:
    """Yield what happened in ``(after_us, until_us]``, in order.

    Parameters
    ----------
    tape : Tape
        Whose candles.
    after_us, until_us : int
        Market times in microseconds.
    n_updates : int
        Updates a candle, evenly spread over its time; those of candles that have closed by
        `until_us` are left out, so that a stream that lags catches up.

    Yields
    ------
    CandleEvent
        Figures as known at the event: of a candle that is revised later, the preliminary ones.
    """
    first, last = np.searchsorted(tape.shown_us, (after_us, until_us), side="right").tolist()
    for index in range(first, last):
        due_us = int(tape.shown_us[index])
        values = tape.rows(index, index + 1, Known(due_us, index + 1, None))[0]
        yield CandleEvent(due_us, index, values, closed=True)
    if last == len(tape.opens_us) or n_updates == 0:
        return
    opened_us, step_us = int(tape.opens_us[last]), _step_us(tape, last, n_updates)
    # Nothing of a candle is told before the one before it has closed.
    after_us = max(after_us, int(tape.shown_us[last - 1])) if last else after_us
    for number in range(1, n_updates + 1):
        due_us = opened_us + number * step_us
        if after_us < due_us <= until_us:
            candle = partial_candle(tape.values[last], number / (n_updates + 1))
            yield CandleEvent(due_us, last, np.array(candle), closed=False)


def _step_us(tape: Tape, index: int, n_updates: int) -> int:
    return int(tape.closes_us[index] - tape.opens_us[index]) // (n_updates + 1)
