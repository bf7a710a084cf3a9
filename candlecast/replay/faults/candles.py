"""What does a fault do to a venue's candles? Shown late, revised after a while, or never shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from candlecast.replay.tape import Revisions, Tape, count_decimals

# How far a preliminary close lies from the recorded one, and the share of the volume that is known by then.
SHIFT_BPS = (5.0, 50.0)
KNOWN_VOLUME = 0.9


@dataclass(frozen=True, slots=True)
class CandleFault:
    """What happens to the candles that close in ``(since_us, until_us]`` of market time.

    Parameters
    ----------
    kind : str
        ``late``, ``revised`` or ``outage``.
    since_us, until_us : int
        Microseconds since 1970.
    seed : tuple of int
        What its chances are drawn from, together with the symbol.
    numbers : dict
        ``share`` of the candles, ``delay_s`` (market seconds) or ``delay_candles``.
    """

    kind: str
    since_us: int
    until_us: int
    seed: tuple[int, ...]
    numbers: dict[str, float | None]


def distort(tape: Tape, faults: Sequence[CandleFault], *, end_us: int) -> Tape:
    """Return `tape` as a venue with `faults` shows it.

    Parameters
    ----------
    tape : Tape
        As recorded.
    faults : sequence of CandleFault
        Later ones work on what the earlier ones left.
    end_us : int
        End of the recording, by when every delayed truth is shown.
    """
    shown_us, settled_us = tape.shown_us.copy(), np.zeros(len(tape.opens_us), dtype=np.int64)
    kept, values = np.ones(len(tape.opens_us), dtype=bool), tape.values.copy()
    for fault in faults:
        rng = np.random.default_rng([*fault.seed, crc32(tape.symbol.name.encode())])
        hit = _choose(tape, fault, rng)
        if fault.kind == "outage":
            kept[hit] = False
        elif fault.kind == "late":
            shown_us[hit] += round((fault.numbers["delay_s"] or 0.0) * 1_000_000)
        else:
            lengths_us = (tape.closes_us - tape.opens_us)[hit]
            settled_us[hit] = shown_us[hit] + lengths_us * int(fault.numbers["delay_candles"] or 0)
            for place in hit:
                values[place] = _preliminary(tape.values[place], rng)
    # A venue shows its candles in order, and all of them when the recording ends.
    shown_us = np.maximum.accumulate(np.minimum(shown_us, end_us))
    index = np.flatnonzero(settled_us[kept])
    settled_us = np.minimum(settled_us, end_us)
    return Tape(
        symbol=tape.symbol,
        opens_us=tape.opens_us[kept],
        closes_us=tape.closes_us[kept],
        shown_us=shown_us[kept],
        values=tape.values[kept],
        adjusted=tape.adjusted[kept],
        revisions=Revisions(index, settled_us[kept][index], values[kept][index]),
    )


def _choose(tape: Tape, fault: CandleFault, rng: np.random.Generator) -> NDArray[np.int64]:
    first, last = np.searchsorted(tape.closes_us, (fault.since_us, fault.until_us), side="right").tolist()
    drawn = rng.random(len(tape.opens_us))[first:last] < (fault.numbers["share"] or 0.0)
    return np.asarray(first + np.flatnonzero(drawn))


def _preliminary(values: NDArray[np.float64], rng: np.random.Generator) -> list[float]:
    opened, high, low, close, volume = values.tolist()
    decimals = max(count_decimals(price) for price in (opened, high, low, close))
    shift = rng.uniform(*SHIFT_BPS) / 10_000 * rng.choice([-1, 1])
    # At least one unit of the last decimal, so that it differs.
    moved = max(round(abs(close * shift), decimals), 10.0**-decimals)
    early = round(close + moved, decimals) if shift > 0 else round(close - moved, decimals)
    early = early if early > 0 else round(close + moved, decimals)
    return [opened, max(high, early), min(low, early), early, round(volume * KNOWN_VOLUME, count_decimals(volume))]
