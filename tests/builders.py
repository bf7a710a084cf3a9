"""Objects for tests: sensible defaults, every part may be overridden."""

from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.clock import ReplayClock, wall_s
from candlecast.market.calendars import to_microseconds
from candlecast.replay.recordings import Recording
from candlecast.replay.synthetic import FIRST_OPEN, make_recording
from candlecast.sentiment.aggregate import Stories


def make_candles(
    n: int = 300,
    *,
    seed: int = 7,
    symbol: str = "BTC/USDT",
    timeframe: str = "1h",
    start: datetime = FIRST_OPEN,
    gap_share: float = 0.0,
) -> pd.DataFrame:
    """Return a candles frame of `n` generated candles (fewer by `gap_share`)."""
    recording = make_small_recording([symbol], n, seed=seed, timeframe=timeframe, start=start, gap_share=gap_share)
    return recording.series[symbol].candles


def make_small_recording(
    symbols: list[str],
    n: int = 300,
    *,
    seed: int = 7,
    timeframe: str = "1h",
    start: datetime = FIRST_OPEN,
    gap_share: float = 0.0,
) -> Recording:
    """Return a recording of `n` generated candles a symbol."""
    return make_recording(symbols, timeframe=timeframe, n_candles=n, seed=seed, start=start, gap_share=gap_share)


def make_frozen_clock(now: datetime, end: datetime) -> ReplayClock:
    """Return a replay clock that stands still at `now`."""
    return ReplayClock(wall_anchor_s=wall_s() + 1e9, market_anchor=now, end=end, speed=1.0)


def make_stories(candles: pd.DataFrame, *, n: int = 400, seed: int = 11) -> Stories:
    """Return `n` scored stories, spread over the candles, each known some minutes after it was told."""
    rng = np.random.default_rng(seed)
    opens = to_microseconds(pd.DatetimeIndex(candles["open_time"]))
    known = np.sort(rng.integers(opens[0], opens[-1], n))
    return Stories(known, known - rng.integers(0, 3_600_000_000, n), rng.uniform(-1.0, 1.0, n))
