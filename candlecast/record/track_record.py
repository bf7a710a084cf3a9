"""How good were the forecasts, and how good would naive ones have been? Figures of the settled record."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from candlecast.evaluation.bootstrap import UNKNOWN, Bounds, DayBlocks
from candlecast.evaluation.metrics import Array, wilson_interval
from candlecast.market.timeframes import timeframe_s
from candlecast.record.days import record_days
from candlecast.record.outcomes import N_BINS
from candlecast.schemas import RecordFigure, ReliabilityBin, TrackRecord
from candlecast.storage.postgres.track_record import Summary

COST_BPS = 10.0
Group = tuple[str | None, str, int, str]


@dataclass(frozen=True, slots=True)
class _Days:
    """Sums a day of one group, and whole days to draw from."""

    sums: pd.DataFrame
    blocks: DayBlocks

    def total(self, name: str) -> float:
        return float(self.sums[name].sum())

    def mean(self, name: str, n: str = "n") -> float | None:
        return _ratio(self.total(name), self.total(n))

    def bounds(self, name: str, n: str = "n", *, less: float = 0.0) -> Bounds:
        low, high = self.blocks.ratio(self._array(name), self._array(n))
        return low - less, high - less

    def _array(self, name: str) -> Array:
        return self.sums[name].to_numpy(dtype=np.float64).copy()


def track_records(
    summary: Summary, *, champions: frozenset[str], cost_bps: float = COST_BPS, days: bool = False
) -> list[TrackRecord]:
    """Return one record for each group of a summary, ascending by timeframe, horizon, model and symbol.

    Parameters
    ----------
    summary : Summary
        Sums by day.
    champions : frozenset of str
        Ids of the models that serve.
    cost_bps : float
        Of buying or selling one unit, at least 0.
    days : bool
        Tell what each day came to as well.
    """
    groups = {_group(key): part for key, part in summary.days.groupby(_KEYS, sort=True, dropna=False)}
    levels, bins = (
        {_group(key): part for key, part in frame.groupby(_KEYS, dropna=False)}
        for frame in (summary.levels, summary.bins)
    )
    missed = {group: n for group, n in summary.misses.items() if group not in groups}
    records = [
        _record(group, sums, levels.get(group), bins.get(group), missed=summary.misses.get(group, 0), cost_bps=cost_bps)
        for group, sums in groups.items()
    ]
    if days:
        told = [record_days(sums, levels.get(group)) for group, sums in groups.items()]
        records = [one.model_copy(update={"days": each}) for one, each in zip(records, told, strict=True)]
    records += [_empty(group, n_missed=n) for group, n in missed.items()]
    known = [one.model_copy(update={"champion": one.model_id in champions}) for one in records]
    return sorted(known, key=lambda one: (one.timeframe, one.horizon, not one.champion, one.model_id, one.symbol or ""))


_KEYS = ["symbol", "timeframe", "horizon", "model_id"]


def _group(key: Hashable) -> Group:
    assert isinstance(key, tuple)
    symbol, timeframe, horizon, model_id = key
    return (symbol if isinstance(symbol, str) else None, str(timeframe), int(horizon), str(model_id))


def _record(
    group: Group,
    sums: pd.DataFrame,
    levels: pd.DataFrame | None,
    bins: pd.DataFrame | None,
    *,
    missed: int,
    cost_bps: float,
) -> TrackRecord:
    symbol, timeframe, horizon, model_id = group
    days = _days(sums, timeframe=timeframe, horizon=horizon)
    figures = [*_direction_figures(days), *_edge_figures(days, cost_bps=cost_bps)]
    for level, part in levels.groupby("level") if levels is not None else ():
        figures += _level_figures(float(str(level)), _days(part, timeframe=timeframe, horizon=horizon))
    return TrackRecord(
        symbol=symbol,
        timeframe=timeframe,
        horizon=horizon,
        model_id=model_id,
        champion=False,
        first_day=sums["day"].min(),
        last_day=sums["day"].max(),
        n=int(days.total("n")),
        n_unsettled=int(days.total("n_unsettled")),
        n_missed=missed,
        figures=figures,
        reliability=[] if bins is None else _reliability(bins),
    )


def _empty(group: Group, *, n_missed: int) -> TrackRecord:
    symbol, timeframe, horizon, model_id = group
    return TrackRecord(
        symbol=symbol,
        timeframe=timeframe,
        horizon=horizon,
        model_id=model_id,
        champion=False,
        first_day=None,
        last_day=None,
        n=0,
        n_unsettled=0,
        n_missed=n_missed,
        figures=[],
        reliability=[],
    )


def _days(sums: pd.DataFrame, *, timeframe: str, horizon: int) -> _Days:
    moments = pd.DatetimeIndex(pd.to_datetime(sums["day"], utc=True))
    return _Days(sums, DayBlocks.of(moments, target_span_s=float(horizon * timeframe_s(timeframe))))


def _direction_figures(days: _Days) -> list[RecordFigure]:
    n, last = int(days.total("n")), days.total("rises") + days.total("falls")
    persisted = days.total("ups_after_rise") + days.total("falls") - days.total("ups_after_fall")
    naive = {"always_up": days.mean("ups"), "last_direction": _ratio(persisted, last)}
    figures = [
        _share("accuracy", int(days.total("hits")), n, beside=naive),
        _share("accuracy_of_calls", int(days.total("call_hits")), int(days.total("calls")), beside=naive),
    ]
    for metric in ("brier", "log_loss"):
        beside = {
            "always_up": days.mean(f"{metric}_always_up"),
            "last_direction": _ratio(days.total(f"{metric}_last_direction"), last),
        }
        figures.append(_figure(metric, days.mean(metric), days.bounds(metric), n, beside=beside))
    return figures


def _edge_figures(days: _Days, *, cost_bps: float) -> list[RecordFigure]:
    # each call is entered and left by itself: costs count in full
    gross, n = days.mean("edge_bps", "call_fills"), int(days.total("call_fills"))
    naive = {
        "always_up": days.mean("edge_always_up_bps", "fills"),
        "last_direction": days.mean("edge_last_direction_bps", "last_fills"),
    }
    figures = []
    for metric, cost in (("edge_bps", 0.0), ("edge_after_costs_bps", 2.0 * cost_bps)):
        beside = {name: _less(value, cost) for name, value in naive.items()}
        bounds = days.bounds("edge_bps", "call_fills", less=cost)
        figures.append(_figure(metric, _less(gross, cost), bounds, n, beside=beside))
    return figures


def _level_figures(level: float, days: _Days) -> list[RecordFigure]:
    n, percent = int(days.total("n")), round(100 * level)
    found = []
    for metric, name in (("coverage", "covered"), ("interval_score", "score"), ("width", "width")):
        beside: dict[str, float | None] = {"level": level} if metric == "coverage" else {}
        beside["histvol"] = days.mean(f"histvol_{name}", "histvol_n")
        found.append(_figure(f"{metric}_{percent}", days.mean(name), days.bounds(name), n, beside=beside))
    return found


def _reliability(bins: pd.DataFrame) -> list[ReliabilityBin]:
    found = []
    for row in bins.to_dict("records"):
        place, n, ups = int(row["bin"]), int(row["n"]), int(row["ups"])
        low, high = wilson_interval(ups, n)
        found.append(
            ReliabilityBin(
                low=place / N_BINS,
                high=(place + 1) / N_BINS,
                n=n,
                promised=row["p_up"] / n,
                happened=ups / n,
                happened_low=low,
                happened_high=high,
            )
        )
    return found


def _share(metric: str, hits: int, n: int, *, beside: Mapping[str, float | None]) -> RecordFigure:
    bounds = wilson_interval(hits, n) if n else UNKNOWN
    return _figure(metric, _ratio(hits, n), bounds, n, beside=beside)


def _figure(
    metric: str, value: float | None, bounds: Bounds, n: int, *, beside: Mapping[str, float | None]
) -> RecordFigure:
    low, high = (bound if math.isfinite(bound) else None for bound in bounds)
    return RecordFigure(metric=metric, value=value, low=low, high=high, n=n, beside=dict(beside))


def _ratio(above: float, below: float) -> float | None:
    return above / below if below else None


def _less(value: float | None, cost: float) -> float | None:
    return None if value is None else value - cost
