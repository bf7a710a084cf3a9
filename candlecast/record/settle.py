"""What came of a forecast? Read off closed candles alone; a hole is a reason, never a guess."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

from candlecast.evaluation.baselines import HISTVOL_CANDLES, histvol
from candlecast.evaluation.execution import LATE_SHARE
from candlecast.market.calendars import ALWAYS_OPEN, target_time
from candlecast.market.timeframes import timeframe_s
from candlecast.record.evidence import NO_HISTORY, Array, CloseHistory, Evidence, RecordCounts
from candlecast.record.outcomes import DueForecast
from candlecast.schemas import LastDirection, Outcome

WAIT_CANDLES = 96
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def reach(timeframe: str, *, calendar: str) -> timedelta:
    """Return how long before `as_of` the candles are needed: those of HistVol, over nights and holidays too."""
    candles = timedelta(seconds=timeframe_s(timeframe) * (HISTVOL_CANDLES + 2))
    return candles if calendar == ALWAYS_OPEN else 6 * candles + timedelta(days=5)


@lru_cache(maxsize=1_024)
def known_before(day: date, *, timeframe: str, horizon: int, calendar: str) -> date:
    """Return the UTC day before which every `as_of` had its target when a forecast of `day` could first be made.

    Targets of far horizons reach into later days: who forecasts knows no record of them yet.
    """
    begins = datetime.combine(day, time.min, UTC)
    end = begins
    while horizon > 1 and target_time(end, timeframe=timeframe, horizon=horizon - 1, calendar=calendar) > begins:
        end -= timedelta(days=1)
    return end.date()


def settle(due: Sequence[DueForecast], evidence: Evidence) -> list[Outcome | None]:
    """Return the outcome of each forecast, None while its candle may still come.

    The realised return is taken from the recorded last close; for symbols with sessions, whose
    stored prices are scaled anew with each dividend and split, from the stored close at `as_of`.
    The candle is waited for until its gap is settled as an outage, or `WAIT_CANDLES` candles, a
    day at least.

    Parameters
    ----------
    due : sequence of DueForecast
        Their target times lie at `evidence.now` or before.
    evidence : Evidence
        What is known.
    """
    present = {place: history.present() for place, history in evidence.histories.items()}
    closes = [_closes_then(one, evidence.histories.get(_place(one), NO_HISTORY)) for one in due]
    sigmas = _histvols(closes, [one.horizon for one in due])
    return [
        _outcome(one, evidence, present.get(_place(one), NO_HISTORY), then=then, sigma=sigma)
        for one, then, sigma in zip(due, closes, sigmas, strict=True)
    ]


def _outcome(
    forecast: DueForecast, evidence: Evidence, present: CloseHistory, *, then: Array, sigma: float | None
) -> Outcome | None:
    realised = _realised(forecast, present)
    reason = None if realised else _objection(forecast, evidence.outages.get(_place(forecast), ()), now=evidence.now)
    if not realised and reason is None:
        return None
    counts = evidence.counts.get(forecast.series, RecordCounts())
    direction: LastDirection | None = None if len(then) < 2 else "up" if then[-1] > then[-2] else "down"
    return Outcome(
        settled_at=evidence.now,
        realised_close=realised.get("close"),
        realised_log_return=realised.get("log_return"),
        realised_volatility=realised.get("volatility"),
        held_log_return=realised.get("held"),
        unsettled_reason=reason,
        last_direction=direction,
        histvol=sigma,
        p_always_up=counts.p_always_up(),
        p_last_direction=None if direction is None else counts.p_after(direction),
    )


def _realised(forecast: DueForecast, present: CloseHistory) -> dict[str, float | None]:
    """Return close, log return, volatility and held log return at the target time; empty when it has no candle."""
    target_us = _us(forecast.target_time)
    last = int(np.searchsorted(present.close_us, target_us))
    if last == len(present.close_us) or present.close_us[last] != target_us:
        return {}
    first = int(np.searchsorted(present.close_us, _us(forecast.as_of), side="right"))
    filled = int(np.searchsorted(present.open_us, _fill_us(forecast)))
    path = [math.log(close) for close in (_base_close(forecast, present), *present.close[first : last + 1].tolist())]
    squares = sum((after - before) ** 2 for before, after in pairwise(path))
    return {
        "close": float(present.close[last]),
        "log_return": path[-1] - path[0],
        "volatility": math.sqrt(squares) if len(path) == forecast.horizon + 1 else None,
        "held": path[-1] - math.log(present.open[filled]) if filled <= last else None,
    }


def _fill_us(forecast: DueForecast) -> int:
    """Return from when on an open could be acted on, as backtests do: one that was made late, at a later one."""
    late = forecast.made_at - forecast.as_of > LATE_SHARE * timedelta(seconds=timeframe_s(forecast.timeframe))
    return _us(forecast.made_at if late else forecast.as_of)


def _closes_then(forecast: DueForecast, history: CloseHistory) -> Array:
    """Return the closes that HistVol takes, as they were known when the forecast was made."""
    end = int(np.searchsorted(history.close_us, _us(forecast.as_of), side="right"))
    # a close that was revised is there more than once
    near = history.take(slice(max(0, end - 2 * (HISTVOL_CANDLES + 1)), end)).known_at(_us(forecast.made_at))
    return near.close[-(HISTVOL_CANDLES + 1) :]


def _histvols(closes: Sequence[Array], horizons: Sequence[int]) -> list[float | None]:
    """Return HistVol of each window of closes, None where it is too short; all in one go."""
    n = HISTVOL_CANDLES + 1
    known = [place for place, window in enumerate(closes) if len(window) == n]
    found: list[float | None] = [None] * len(closes)
    if known:
        # the first return of each window is unknown, so that none reaches into the window before
        returns = np.diff(np.log(np.vstack([closes[place] for place in known])), prepend=np.nan)
        sigmas = histvol(returns.ravel(), horizon=1)[n - 1 :: n]
        for place, sigma in zip(known, sigmas.tolist(), strict=True):
            found[place] = sigma * math.sqrt(horizons[place]) if math.isfinite(sigma) else None
    return found


def _base_close(forecast: DueForecast, present: CloseHistory) -> float:
    row = int(np.searchsorted(present.close_us, _us(forecast.as_of)))
    stored = row < len(present.close_us) and present.close_us[row] == _us(forecast.as_of)
    return float(present.close[row]) if stored and forecast.calendar != ALWAYS_OPEN else forecast.last_close


def _objection(forecast: DueForecast, outages: Sequence[tuple[datetime, datetime]], *, now: datetime) -> str | None:
    target = forecast.target_time
    span = next((span for span in outages if span[0] < target <= span[1]), None)
    if span is not None:
        return f"outage: no venue has the candles from {span[0]:%Y-%m-%d %H:%M}Z to {span[1]:%Y-%m-%d %H:%M}Z"
    waited = max(timedelta(days=1), timedelta(seconds=WAIT_CANDLES * timeframe_s(forecast.timeframe)))
    if now < target + waited:
        return None
    return f"the candle that closes at {target:%Y-%m-%d %H:%M}Z did not come within {waited}"


def _place(forecast: DueForecast) -> tuple[int, str]:
    return forecast.symbol_id, forecast.timeframe


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
