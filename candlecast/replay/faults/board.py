"""Which faults of the loaded script are at work now, and whom do they hit?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from candlecast.clock import ReplayClock, wall_s
from candlecast.replay.faults.candles import CandleFault
from candlecast.replay.faults.script import Fault, FaultScript
from candlecast.replay.tape import microseconds

CANDLE_KINDS = ("late", "revised", "outage")


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that hits something now.

    Parameters
    ----------
    fault : Fault
        What goes wrong.
    left_s : float
        Wall seconds until the fault is over.
    chance : Random
        Where the effect draws from.
    """

    fault: Fault
    left_s: float
    chance: Random


class FaultBoard:
    """The loaded script at the wall clock, for all venues of a replay.

    Parameters
    ----------
    clock : ReplayClock
        Market time, which tells the market span of a fault.
    """

    def __init__(self, clock: ReplayClock) -> None:
        self.script = FaultScript()
        self.version = 0
        self._clock = clock
        self._loaded_at_s = wall_s()
        self._n_draws: list[int] = []

    @property
    def elapsed_s(self) -> float:
        """Wall seconds since the script was loaded."""
        return wall_s() - self._loaded_at_s

    def load(self, script: FaultScript) -> None:
        """Replace the script; its times count from now."""
        self.script = script
        self.version += 1
        self._loaded_at_s = wall_s()
        self._n_draws = [0] * len(script.faults)

    def strike(self, kind: str, venue: str, symbol: str | None = None, *, drawn: bool = True) -> Strike | None:
        """Return the first fault of `kind` that hits now, None when none does.

        Parameters
        ----------
        kind : str
            One of `KINDS`.
        venue : str
            Where.
        symbol : str, optional
            What the request or message is about.
        drawn : bool
            Whether a fault that hits a share draws for this call; otherwise it hits.
        """
        elapsed_s = self.elapsed_s
        for number, fault in enumerate(self.script.faults):
            left_s = fault.start_s + fault.length_s - elapsed_s
            at_work = fault.kind == kind and elapsed_s >= fault.start_s and left_s > 0
            if at_work and fault.concerns(venue, symbol):
                self._n_draws[number] += 1
                chance = Random(f"{self.script.seed}/{number}/{self._n_draws[number]}")
                if not drawn or chance.random() < (fault.numbers.get("share", 1.0) or 0.0):
                    return Strike(fault, left_s, chance)
        return None

    def skew_us(self, venue: str) -> int:
        """Return by how many microseconds of market time the clock of `venue` is ahead now."""
        strike = self.strike("skew", venue) if self.script.faults else None
        return 0 if strike is None else round((strike.fault.numbers["skew_s"] or 0.0) * 1_000_000)

    def frozen_us(self, venue: str, now_us: int) -> int:
        """Return the market time, in microseconds, whose page of news `venue` shows now: `now_us` unless frozen."""
        strike = self.strike("freeze", venue) if self.script.faults else None
        return now_us if strike is None else min(now_us, self._market_us(strike.fault.start_s))

    def candle_faults(self, venue: str, symbol: str) -> list[CandleFault]:
        """Return what happens to the candles of `symbol` at `venue`, in the order of the script."""
        return [
            CandleFault(
                kind=fault.kind,
                since_us=self._market_us(fault.start_s) if fault.since_us is None else fault.since_us,
                until_us=self._until_us(fault),
                seed=(self.script.seed, number),
                numbers=fault.numbers,
            )
            for number, fault in enumerate(self.script.faults)
            if fault.kind in CANDLE_KINDS and fault.concerns(venue, symbol)
        ]

    def _until_us(self, fault: Fault) -> int:
        return self._market_us(fault.start_s + fault.length_s) if fault.until_us is None else fault.until_us

    def _market_us(self, offset_s: float) -> int:
        # Market time at a wall time; the clock itself tells only that of now.
        clock = self._clock
        run_s = max(0.0, self._loaded_at_s + offset_s - clock.wall_anchor_s) * clock.speed
        return min(microseconds(clock.end), microseconds(_later(clock.market_anchor, run_s)))


def _later(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=min(seconds, timedelta(days=36_500).total_seconds()))
