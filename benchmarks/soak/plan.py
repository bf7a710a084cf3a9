"""What goes wrong, and when? A schedule drawn from a seed; pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.soak.extent import DAY_S, Extent, Market

Kind = Literal[
    "kill_api",
    "kill_forecaster",
    "kill_ingest_actor",
    "kill_supervisor",
    "kill_duties",
    "kill_worker",
    "kill_redis",
    "kill_postgres",
    "fill_disk",
    "retrain",
    "promote",
]
KILLS: tuple[Kind, ...] = (
    "kill_api",
    "kill_ingest_actor",
    "kill_postgres",
    "kill_forecaster",
    "kill_redis",
    "kill_duties",
    "kill_supervisor",
)
DISK_S = 6.0
# at first the readers get going, at the end what was late comes
LEAD_S = 10.0
MOST_TAIL_S = 60.0
LEAST_FAULT_S, MOST_FAULT_S = 4.0, 15.0
_VENUES = ("binance", "binance", "binance", "kraken")
_FEEDS = ("rss", "newsapi", "cryptopanic")
_FEED_KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "error", "status": 502},
    {"kind": "html"},
    {"kind": "malformed"},
    {"kind": "rate_limit"},
    {"kind": "huge_title"},
    {"kind": "future"},
    {"kind": "empty"},
    {"kind": "timeout", "share": 0.5},
)


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a stack.

    Parameters
    ----------
    kind : str
        What.
    stack : int
        Place of the stack.
    at_s : float
        Wall seconds after the course began.
    length_s : float
        Wall seconds that it lasts; 0: a moment.
    draw : float
        From 0 to below 1: chooses among processes.
    """

    kind: Kind
    stack: int
    at_s: float
    length_s: float = 0.0
    draw: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """All that goes wrong: acts in the order of time, and for each stack a script of the replay server."""

    seed: int
    acts: tuple[Act, ...]
    scripts: tuple[dict[str, Any], ...]


def make_plan(extent: Extent, *, seed: int) -> Plan:
    """Return the schedule of a soak; the same arguments give the same one."""
    rng = random.Random(seed)
    acts, scripts = [], []
    for stack, market in enumerate(extent.markets):
        acts += list(_acts(extent, stack, rng))
        faults = [*_venue_faults(extent, market, rng), *_feed_faults(extent, rng)]
        scripts.append({"seed": seed + stack, "faults": sorted(faults, key=lambda fault: fault["start_s"])})
    return Plan(seed, tuple(sorted(acts, key=lambda act: (act.at_s, act.stack))), tuple(scripts))


def _acts(extent: Extent, stack: int, rng: random.Random) -> Iterator[Act]:
    last_s = _last_s(extent)
    # stacks take turns, so that each kill is seen by itself
    step_s = extent.fault_every_s * len(extent.markets)
    at_s, turn = LEAD_S + stack * extent.fault_every_s, 3 * stack
    while at_s < last_s:
        yield Act(KILLS[turn % len(KILLS)], stack, round(at_s + rng.uniform(0, step_s / 4), 1), draw=rng.random())
        at_s, turn = at_s + step_s, turn + 1
    day_s = DAY_S / extent.speed
    for begins_s in _days(extent):
        yield Act("retrain", stack, round(begins_s + 2 + 5 * stack, 1))
        if day_s <= extent.course_s:
            # while the training runs
            yield Act("kill_worker", stack, round(begins_s + 20 + 5 * stack, 1), draw=rng.random())
        length_s = min(day_s, extent.course_s)
        yield Act("promote", stack, round(begins_s + 0.6 * length_s, 1))
        # all stacks lie on one disk
        if stack == 0:
            yield Act("fill_disk", stack, round(begins_s + 0.72 * length_s, 1), length_s=DISK_S)


def _days(extent: Extent) -> list[float]:
    """Return when each market day of the course begins, in wall seconds; of a shorter course the only one."""
    day_s = DAY_S / extent.speed
    return [place * day_s for place in range(max(1, int(extent.course_s / day_s)))]


def _venue_faults(extent: Extent, market: Market, rng: random.Random) -> Iterator[dict[str, Any]]:
    kinds = list(_venue_kinds(market))
    order: list[dict[str, Any]] = []
    at_s = LEAD_S / 2
    while at_s < _last_s(extent):
        order = order or rng.sample(kinds, len(kinds))
        length_s = rng.uniform(LEAST_FAULT_S, min(MOST_FAULT_S, extent.fault_every_s))
        yield {"venue": rng.choice(_VENUES), "start_s": round(at_s, 2), "length_s": round(length_s, 2), **order.pop()}
        # one venue at a time: what all of them lack, nobody can have
        at_s += length_s + rng.uniform(0.3, 0.7) * extent.fault_every_s


def _venue_kinds(market: Market) -> Iterator[dict[str, Any]]:
    candle_s = market.candle_s
    yield {"kind": "rate_limit", "retry_after_s": 1}
    yield {"kind": "blocked", "share": 0.7}
    yield {"kind": "error", "status": 502}
    yield {"kind": "timeout", "share": 0.3}
    yield {"kind": "slow", "delay_s": 1.0}
    yield {"kind": "html", "share": 0.5}
    yield from ({"kind": kind} for kind in ("drop", "freeze", "duplicated", "out_of_order"))
    yield {"kind": "truncated", "share": 0.5}
    yield {"kind": "malformed", "share": 0.5}
    yield {"kind": "late", "delay_s": 0.3 * candle_s}
    yield {"kind": "revised", "share": 0.3, "delay_candles": 2}
    # the clock of the venue jumps ahead, or back
    yield {"kind": "skew", "skew_s": 0.3 * candle_s}
    yield {"kind": "skew", "skew_s": -0.3 * candle_s}


def _feed_faults(extent: Extent, rng: random.Random) -> Iterator[dict[str, Any]]:
    at_s = LEAD_S
    while at_s < _last_s(extent):
        kind = rng.choice(_FEED_KINDS)
        length_s = round(rng.uniform(LEAST_FAULT_S, 3 * MOST_FAULT_S), 2)
        yield {"venue": rng.choice(_FEEDS), "start_s": round(at_s, 2), "length_s": length_s, **kind}
        at_s += length_s + rng.uniform(0.5, 1.5) * extent.fault_every_s


def _last_s(extent: Extent) -> float:
    return extent.course_s - min(MOST_TAIL_S, extent.course_s / 4)
