"""Which candles are the newest of each followed symbol? Kept in memory, and read anew at any doubt."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import numpy as np

from candlecast.features.table import WARM_UP_CANDLES
from candlecast.features.targets import CLEAN_PAST_CANDLES, MAX_HORIZON_CANDLES
from candlecast.market.series import CandleArrays, arrays_of, microseconds_of, moment_of
from candlecast.market.timeframes import timeframe_s
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.series_reads import SeriesReads

KEPT_CANDLES = WARM_UP_CANDLES + MAX_HORIZON_CANDLES + CLEAN_PAST_CANDLES + 8
# a symbol whose newest candle lies further behind is asked for by itself, so that all others are asked for little
_ABREAST_CANDLES = 64


class SeriesWindows:
    """The last `KEPT_CANDLES` stored candles of every followed symbol.

    PostgreSQL has the truth: each update reads what came since, and the newest candle that is held
    once more. A symbol is read anew when that differs, when `check` finds that anything else was
    added or revised, and after `forget`.

    Parameters
    ----------
    timeframe : str
        Of the candles.
    numbers : mapping of str to int
        Database numbers of the followed symbols, by name.
    reads : SeriesReads
        Reads of many series.
    candles : CandleStore
        Reads of one series.

    Attributes
    ----------
    timeframe : str
        As given.
    """

    def __init__(self, timeframe: str, *, numbers: Mapping[str, int], reads: SeriesReads, candles: CandleStore) -> None:
        self.timeframe = timeframe
        self._numbers = numbers
        self._reads = reads
        self._candles = candles
        self._held: dict[str, CandleArrays] = {}
        self._epochs: dict[str, int] = {}

    def epoch(self, name: str) -> int:
        """Return how often the symbol was read anew: what was derived from its candles before is void."""
        return self._epochs.get(name, 0)

    def update(self, until: datetime) -> dict[str, CandleArrays]:
        """Return the windows of all symbols that have candles, with all that had closed at `until`.

        Raises
        ------
        StorageError
            When the database does not answer; what is held stays as it was.
        """
        for names in self._abreast():
            self._extend(names, until)
        self._load([name for name in self._numbers if name not in self._held], until)
        return dict(self._held)

    def check(self, names: Iterable[str]) -> None:
        """Forget those of `names` whose stored candles are not the held ones any more.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        held = {self._numbers[name]: name for name in names if name in self._held}
        spans = {number: _span(self._held[name]) for number, name in held.items()}
        states = self._reads.states(self.timeframe, spans)
        for number, name in held.items():
            candles = self._held[name]
            if states.get(number) != (len(candles), int(candles.known_us.sum())):
                self.forget(name)

    def is_past(self, name: str, close: datetime) -> bool:
        """Tell whether a newer candle than the one that closed at `close` is held."""
        return name in self._held and microseconds_of(close) < self._held[name].close_us[-1]

    def forget(self, name: str) -> None:
        """Have a symbol read anew by the next update."""
        self._held.pop(name, None)

    def _abreast(self) -> list[list[str]]:
        newest = {name: int(candles.open_us[-1]) for name, candles in self._held.items()}
        bound = max(newest.values(), default=0) - _ABREAST_CANDLES * timeframe_s(self.timeframe) * 1_000_000
        near = [name for name, open_us in newest.items() if open_us >= bound]
        return [names for names in (near, [name for name in newest if newest[name] < bound]) if names]

    def _extend(self, names: Collection[str], until: datetime) -> None:
        start = moment_of(min(int(self._held[name].open_us[-1]) for name in names))
        numbers = [self._numbers[name] for name in names]
        found = self._reads.since(numbers, self.timeframe, start=start, until=until)
        for name in names:
            came = found.get(self._numbers[name])
            if came is None or not self._append(name, came):
                self.forget(name)

    def _append(self, name: str, came: CandleArrays) -> bool:
        held = self._held[name]
        place = int(np.searchsorted(came.open_us, held.open_us[-1]))
        same = place < len(came) and came.known_us[place] == held.known_us[-1]
        if not same or not np.array_equal(came.values[:, place], held.values[:, -1], equal_nan=True):
            return False
        if place + 1 < len(came):
            self._held[name] = held.joined(came.newest(len(came) - place - 1)).newest(KEPT_CANDLES)
        return True

    def _load(self, names: Collection[str], until: datetime) -> None:
        if not names:
            return
        start = until - timedelta(seconds=(KEPT_CANDLES + 1) * timeframe_s(self.timeframe))
        numbers = [self._numbers[name] for name in names]
        near = self._reads.since(numbers, self.timeframe, start=start, until=until)
        for name in names:
            candles = near.get(self._numbers[name])
            if candles is None or len(candles) < KEPT_CANDLES:
                # holes, nights or a short history: the last ones reach further back
                candles = self._read(name, until)
            self._epochs[name] = self.epoch(name) + 1
            if len(candles):
                self._held[name] = candles.newest(KEPT_CANDLES)

    def _read(self, name: str, until: datetime) -> CandleArrays:
        return arrays_of(self._candles.read(self._numbers[name], self.timeframe, until=until, limit=KEPT_CANDLES))


def _span(candles: CandleArrays) -> tuple[datetime, datetime]:
    return moment_of(int(candles.open_us[0])), moment_of(int(candles.open_us[-1]))
