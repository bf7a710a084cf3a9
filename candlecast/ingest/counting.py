"""How many candles came from where, and how late? Counted once a write, for metrics."""

from collections import Counter
from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.ingest.intake import Taken
from candlecast.market.series import moment_of
from candlecast.telemetry.meters import CANDLE_LAG_S, CANDLE_WRITES, CANDLES


def count_taken(taken: Taken, *, now: datetime) -> None:
    """Count one write: its candles by source, what became of them, and the lag of the oldest live one of each source.

    Parameters
    ----------
    taken : Taken
        What was written.
    now : datetime
        Market time after it.
    """
    rows, written = taken.candles, taken.written
    for outcome, n in (
        ("inserted", written.inserted),
        ("revised", written.revised),
        ("unchanged", written.unchanged),
        ("rejected", taken.n_rejected),
    ):
        if n:
            CANDLE_WRITES.labels(outcome).inc(n)
    sources = rows["source"].tolist()
    for (source, quality), n in Counter(zip(sources, rows["quality"].tolist(), strict=True)).items():
        CANDLES.labels(source, quality).inc(n)
    closes_us = _microseconds(rows["close_time"])
    # history is known since its close
    live = np.flatnonzero(_microseconds(rows["known_at"]) > closes_us)
    oldest_us: dict[str, int] = {}
    for place in live.tolist():
        source, close_us = sources[place], int(closes_us[place])
        oldest_us[source] = min(close_us, oldest_us.get(source, close_us))
    for source, close_us in oldest_us.items():
        CANDLE_LAG_S.labels(source).observe((now - moment_of(close_us)).total_seconds())


def _microseconds(times: "pd.Series[pd.Timestamp]") -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return times.to_numpy(dtype="datetime64[us]").view(np.int64)
