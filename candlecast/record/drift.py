"""Do the forecasts get worse? Their loss and their coverage, candle by candle as they settle."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import numpy as np
import pandas as pd

from candlecast.evaluation.metrics import wilson_interval
from candlecast.evaluation.paired import log_losses
from candlecast.record.outcomes import SettledForecast

RECENT_CANDLES = 500
MIN_CANDLES = 100
COVERAGE_MARGIN = 0.05
GRADED_LEVELS = (0.80, 0.90)
# chance of a false alarm at one cut, see ADWIN (Bifet and Gavalda 2007)
ADWIN_DELTA = 0.002


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether something drifts, and what was found."""

    alarm: bool
    detail: str


@dataclass(frozen=True, slots=True)
class CandleScore:
    """How the forecasts from one close did, all symbols together.

    Parameters
    ----------
    as_of : datetime
        The close.
    log_loss : float
        Mean, in nats.
    inside : tuple of float
        Share inside the interval of each of `GRADED_LEVELS`; NaN where it was not given.
    """

    as_of: datetime
    log_loss: float
    inside: tuple[float, ...]


class RecordMonitor:
    """Watches the settled forecasts of one model and horizon.

    Symbols move together, so that the forecasts from one close count as one observation; targets of
    far horizons overlap, so that as many closes in a row as a target is far count as one.

    Parameters
    ----------
    horizon : int
        Candles ahead, at least 1.
    """

    def __init__(self, horizon: int = 1) -> None:
        # imported here: it takes seconds, and only who watches needs it
        from river.drift import ADWIN

        self._adwin = cast("Any", ADWIN)(delta=ADWIN_DELTA)
        self._horizon = horizon
        self._overlapping: list[float] = []
        self._recent: deque[CandleScore] = deque(maxlen=RECENT_CANDLES)
        self._n_candles = 0
        self._worse_at: int | None = None
        self._change = ""

    def observe(self, score: CandleScore) -> None:
        """Add what settled next."""
        self._n_candles += 1
        self._recent.append(score)
        self._overlapping.append(score.log_loss)
        if len(self._overlapping) < self._horizon:
            return
        before = self._adwin.estimation
        self._adwin.update(float(np.mean(self._overlapping)))
        self._overlapping.clear()
        if self._adwin.drift_detected:
            after = self._adwin.estimation
            self._worse_at = self._n_candles if after > before else None
            self._change = f"mean log loss went from {before:.4f} to {after:.4f} nats by {score.as_of:%Y-%m-%d %H:%M}Z"

    def loss(self) -> Finding:
        """Return whether the log loss rose in the last `RECENT_CANDLES` candles."""
        if self._worse_at is not None and self._n_candles - self._worse_at < RECENT_CANDLES:
            return Finding(True, f"{self._change}; train again")
        return Finding(False, f"mean log loss {self._adwin.estimation:.4f} nats over {self._n_candles:,} candles")

    def coverage(self) -> Finding:
        """Return whether the 80 or 90 % intervals hold a share that is surely not theirs.

        That is: more than `COVERAGE_MARGIN` off, over the last `RECENT_CANDLES` candles, with the
        level outside the 95 % Wilson interval of as many draws as targets lie in them one after another.
        """
        told = []
        for place, level in enumerate(GRADED_LEVELS):
            shares = np.array([score.inside[place] for score in self._recent])
            known = shares[np.isfinite(shares)]
            if len(known) < MIN_CANDLES:
                return Finding(False, f"{len(known)} candles have settled, {MIN_CANDLES} are needed")
            share = float(known.mean())
            draws = max(1, len(known) // self._horizon)
            low, high = wilson_interval(round(share * draws), draws)
            told.append(f"{100 * level:.0f} % intervals held {100 * share:.1f} % of {len(known)} candles")
            if abs(share - level) > COVERAGE_MARGIN and not low <= level <= high:
                return Finding(True, f"{told[-1]}; train again")
        return Finding(False, ", ".join(told))


def settled_frame(settled: Sequence[SettledForecast]) -> pd.DataFrame:
    """Return known outcomes with the columns `close_time`, `p_up`, `log_return`, `inside_80` and `inside_90`."""
    rows = [
        (one.forecast.as_of, one.forecast.p_up, change, *(_inside(one, change, level) for level in GRADED_LEVELS))
        for one in settled
        if (change := one.outcome.realised_log_return) is not None
    ]
    return pd.DataFrame(rows, columns=["close_time", "p_up", "log_return", *map(_column, GRADED_LEVELS)])


def candle_scores(frame: pd.DataFrame) -> list[CandleScore]:
    """Return how the forecasts from each close did, ascending.

    Parameters
    ----------
    frame : DataFrame
        Columns of `settled_frame`; of levels that are missing nothing is known.
    """
    up = (frame["log_return"].to_numpy(np.float64) > 0.0).astype(np.float64)
    values = pd.DataFrame({"loss": log_losses(frame["p_up"].to_numpy(np.float64), up)})
    for name in map(_column, GRADED_LEVELS):
        values[name] = frame[name].to_numpy(np.float64) if name in frame else np.nan
    means = values.groupby(pd.DatetimeIndex(frame["close_time"])).mean()
    return [
        CandleScore(pd.Timestamp(str(as_of)).to_pydatetime(), float(row[0]), tuple(float(share) for share in row[1:]))
        for as_of, *row in means.itertuples()
    ]


def _inside(settled: SettledForecast, change: float, level: float) -> float:
    close = settled.forecast.last_close
    bands = {given: (low, high) for given, low, high in settled.forecast.bands}
    if level not in bands:
        return float("nan")
    low, high = (float(np.log(edge / close)) for edge in bands[level])
    return float(low <= change <= high)


def _column(level: float) -> str:
    return f"inside_{round(100 * level)}"
