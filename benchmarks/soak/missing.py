"""Which forecasts are missing from the ledger, and does a named fault explain it? Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.soak.faults import Deed
from benchmarks.soak.plan import Plan
from candlecast.clock import ReplayClock

Forecast = tuple[str, datetime]
# what lies on the disk of all
_OF_ALL = frozenset({"fill_disk"})
MAKING_S, COMING_BACK_S = 0.5, 1.5
_OF_NEWS = frozenset({"rss", "newsapi", "cryptopanic"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault, in market time of one stack."""

    name: str
    start: datetime
    end: datetime


def wanted_forecasts(names: Iterable[str], first: datetime, last: datetime, candle: timedelta) -> list[Forecast]:
    """Return symbol and `as_of` of every forecast that closes from `first` to `last` ask for."""
    n_closes = int((last - first) / candle) + 1
    return [(name, first + place * candle) for name in names for place in range(n_closes)]


def faults_of(plan: Plan, deeds: Sequence[Deed], stack: int, *, clock: ReplayClock, began_wall_s: float) -> list[Fault]:
    """Return what was done to a stack, and what its markets showed, in its market time."""

    def market(second: float) -> datetime:
        wall_s = began_wall_s + second - clock.wall_anchor_s
        return clock.market_anchor + timedelta(seconds=wall_s * clock.speed)

    done = [one for one in deeds if one.stack == stack or one.kind in _OF_ALL]
    found = [Fault(one.kind, market(one.began_s), market(one.ended_s)) for one in done]
    shown: list[Mapping[str, Any]] = [one for one in plan.scripts[stack]["faults"] if one["venue"] not in _OF_NEWS]
    return found + [
        Fault(f"{one['kind']} at {one['venue']}", market(one["start_s"]), market(one["start_s"] + one["length_s"]))
        for one in shown
    ]


def split_missing(
    wanted: Iterable[Forecast],
    recorded: Collection[Forecast],
    faults: Sequence[Fault],
    candle: timedelta,
    *,
    speed: float,
) -> tuple[dict[Forecast, str], list[Forecast]]:
    """Return missing forecasts that a fault explains, by its name, and those that none does.

    A fault explains one when it lasted for as long as the forecast could be made: the whole candle after its close, but
    for the wall seconds in which none is made yet, and those in which nobody can be back.
    """
    making, coming_back = (timedelta(seconds=one * speed) for one in (MAKING_S, COMING_BACK_S))
    explained: dict[Forecast, str] = {}
    unexplained: list[Forecast] = []
    for forecast in wanted:
        if forecast in recorded:
            continue
        as_of = forecast[1]
        fault = next(
            (one for one in faults if one.start <= as_of + making and one.end >= as_of + candle - coming_back), None
        )
        if fault is None:
            unexplained.append(forecast)
        else:
            explained[forecast] = fault.name
    return explained, unexplained
