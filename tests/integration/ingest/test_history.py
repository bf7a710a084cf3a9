"""Whatever comes in, is revised, goes missing and is repaired: do the tables say what a plain model says?"""

from datetime import datetime, timedelta
from itertools import count

import numpy as np
import pandas as pd
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from candlecast.ingest.intake import Intake, Origin, deliver
from candlecast.market.gaps import find_holes
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.known_candles import KnownCandleStore
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.fuzz.budget import LONG, searched
from tests.storage_builders import START

HOUR = timedelta(hours=1)
N_HOURS = 20
LIVE = START + N_HOURS * HOUR
NAMES = count()
# smaller ones are looked for by `make fuzz` only, which takes minutes
SETTINGS = searched(8, stateful_step_count=40) if LONG else searched(8, stateful_step_count=15, phases=[Phase.generate])
Told = tuple[datetime, float]

hours = st.integers(0, N_HOURS - 1)
closes_told = st.sampled_from([100.0, 100.5, 101.0])
runs = st.tuples(hours, st.lists(closes_told, min_size=6, max_size=N_HOURS))
batches = st.one_of(
    runs.map(lambda run: dict(zip(range(run[0], N_HOURS), run[1], strict=False))),
    st.dictionaries(hours, closes_told, min_size=1, max_size=8),
)


class History(RuleBasedStateMachine):
    """One series; `told` holds, for each hour, what its close was said to be, and since when."""

    database = None

    def __init__(self) -> None:
        super().__init__()
        symbol = Symbol.parse(f"S{next(NAMES)}/USDT")
        self.number = SymbolStore(self.database).ensure([symbol])[symbol.name]
        self.candles, self.gaps = CandleStore(self.database), GapStore(self.database)
        self.known = KnownCandleStore(self.database)
        self.intake = Intake(
            timeframe="1h",
            symbols={self.number: symbol},
            candles=self.candles,
            quarantine=QuarantineStore(self.database),
        )
        self.now = LIVE
        self.told: dict[int, list[Told]] = {}
        self.asked: set[int] = set()

    @rule(
        closes=batches,
        only_missing=st.booleans(),
        broken=st.sets(hours, max_size=3),
        n_old=st.sampled_from([0, N_HOURS // 2]),
    )
    def take(self, closes, only_missing, broken, n_old):
        """Rows come in, in any order, some of them impossible; the first `n_old` hours are history."""
        self.now += timedelta(minutes=1)
        frame = rows_of(closes, broken)
        origin = Origin(
            self.number, "test", "rest", asked_at=self.now, received_at=self.now, live_since=START + n_old * HOUR
        )
        taken = self.intake.take([deliver(frame, origin, only_missing=only_missing)], now=self.now)

        sound = {hour: close for hour, close in closes.items() if hour not in broken}
        new = [hour for hour in sound if hour not in self.told]
        revised = [
            hour
            for hour, close in sound.items()
            if hour in self.told and self.told[hour][-1][1] != close and not only_missing
        ]
        assert taken.n_rejected == len(closes.keys() & broken)
        assert (taken.written.inserted, taken.written.revised) == (len(new), len(revised))
        known = {hour: START + (hour + 1) * HOUR if hour < n_old else self.now for hour in sound}
        for hour in new:
            self.told[hour] = [(known[hour], sound[hour])]
        for hour in revised:
            # what replaces another one counts since the newest of those that came with it
            self.told[hour].append((max(known.values()), sound[hour]))

    @precondition(lambda self: self.told)
    @rule()
    def look_through(self):
        """The series is looked through, all of it."""
        self.now += timedelta(minutes=1)
        first, last = min(self.told), max(self.told)
        span = self.gaps.widen(self.number, "1h", START + first * HOUR, START + (last + 1) * HOUR)
        stored = self.candles.open_times(self.number, "1h", start=span[0], end=span[1])
        holes = find_holes(stored, start=span[0], end=span[1], timeframe="1h", calendar="24/7")
        self.gaps.record(self.number, "1h", holes, span=span, noticed_at=self.now)

        listed = [gap for gap in self.gaps.list("1h", symbol_id=self.number) if gap.status != "repaired"]
        missing = {hour for gap in listed for hour in hours_of(gap.hole)}
        assert missing == set(range(first, last + 1)) - self.told.keys()
        assert sum(gap.hole.n_candles for gap in listed) == len(missing)
        # what nobody has stays so as long as it has not grown
        assert all(set(hours_of(gap.hole)) <= self.asked for gap in listed if gap.status == "outage")

    @rule()
    def give_up(self):
        """No venue has what is missing now."""
        gaps = self.gaps.list("1h", "open", self.number)
        assert self.gaps.mark_outage([gap.id for gap in gaps], settled_at=self.now) == len(gaps)
        self.asked |= {hour for gap in gaps for hour in hours_of(gap.hole)}

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def repair(self, data):
        """A venue has part of what is missing after all."""
        missing = sorted(set(range(min(self.told), max(self.told))) - self.told.keys())
        if missing:
            some = data.draw(st.sets(st.sampled_from(missing), min_size=1))
            self.take(dict.fromkeys(some, 100.0), True, set(), 0)
        self.look_through()

    @invariant()
    def says_what_the_model_says(self):
        """All reads agree with the model, now and as of any moment before."""
        expected = {hour: told[-1][1] for hour, told in sorted(self.told.items())}
        for found in (
            self.candles.read(self.number, "1h", until=self.now),
            self.candles.page(self.number, "1h", start=START, limit=1_000),
        ):
            assert closes_of(found) == expected
        assert self.candles.count(self.number, "1h") == len(expected)
        for moment in (self.now, self.now - timedelta(minutes=2), START + 6 * HOUR):
            then = {hour: known_at(told, moment) for hour, told in sorted(self.told.items())}
            known = self.known.read(self.number, "1h", until=self.now, limit=1_000)
            found = known.at(moment, until=self.now, limit=1_000)
            assert closes_of(found) == {hour: close for hour, close in then.items() if close is not None}


def known_at(told: list[Told], moment: datetime) -> float | None:
    """Return the close that counted at `moment`."""
    return next((close for since, close in reversed(told) if since <= moment), None)


def rows_of(closes: dict[int, float], broken: set[int]) -> pd.DataFrame:
    """Return a candles frame, its rows in the order of `closes`; the high of a broken one is below its low."""
    opens = pd.DatetimeIndex([START + hour * HOUR for hour in closes]).as_unit("us")
    close = np.array(list(closes.values()))
    high = np.where([hour in broken for hour in closes], 1.0, 102.0)
    return pd.DataFrame(
        {"open_time": opens, "close_time": opens + HOUR, "open": 100.0, "high": high, "low": 99.0,
         "close": close, "volume": 1.0}
    )  # fmt: skip


def closes_of(frame: pd.DataFrame) -> dict[int, float]:
    """Return closes by hour, in the order of the rows."""
    return {(opened - START) // HOUR: close for opened, close in zip(frame["open_time"], frame["close"], strict=True)}


def hours_of(hole) -> range:
    """Return the hours of a hole."""
    return range((hole.start - START) // HOUR, (hole.end - START) // HOUR)


def test_history_of_a_series_is_what_a_plain_model_says(database):
    History.database = database

    run_state_machine_as_test(History, settings=SETTINGS)
