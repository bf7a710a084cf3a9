"""Makes what is missing, records it in one transaction, and remembers what the record says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from candlecast.clock import Clock
from candlecast.errors import CandlecastError, InsufficientHistoryError, StaleDataError
from candlecast.features.table import WARM_UP_CANDLES
from candlecast.forecasts import ledger
from candlecast.forecasts.champions import Champion
from candlecast.forecasts.counting import count_recorded
from candlecast.forecasts.entries import attributed, ledger_entry
from candlecast.forecasts.ledger import LedgerEntry
from candlecast.forecasts.maker import BatchMaker, Moment
from candlecast.forecasts.missed import missed_since
from candlecast.forecasts.path import due_time, require_history
from candlecast.forecasts.windows import SeriesWindows
from candlecast.market.series import CandleArrays, moment_of
from candlecast.market.symbols import Symbol
from candlecast.schemas import Forecast
from candlecast.storage.postgres.misses import Miss, MissStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.telemetry.meters import CANDLE_READ_S, FEATURES_S, PREDICT_S, RECORD_S


@dataclass(frozen=True, slots=True)
class Wanted:
    """A forecast that is wanted: of which symbol, by which model, and whether users see it."""

    name: str
    contender: Champion
    seen: bool = True

    @property
    def series(self) -> ledger.Series:
        """What has a chain of its own in the ledger."""
        facts = self.contender.model.facts
        return (self.name, facts.timeframe, facts.horizon, self.contender.id)


@dataclass(frozen=True, slots=True)
class Desk:
    """What works on one timeframe: the newest candles, and the maker over them."""

    windows: SeriesWindows
    maker: BatchMaker


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a batch.

    Parameters
    ----------
    found : tuple of Forecast or CandlecastError
        As recorded, in the order of what was wanted; or why there is none.
    new : tuple of Forecast
        Those of them that were made now.
    candles : mapping of str to CandleArrays
        The newest candles of the followed symbols.
    """

    found: tuple[Forecast | CandlecastError, ...]
    new: tuple[Forecast, ...]
    candles: Mapping[str, CandleArrays]


class Batches:
    """Settles what is wanted; for one thread at a time.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    clock : Clock
        Market time.
    open_desk : callable
        Makes the desk of a timeframe.
    record : PredictionStore
        Where forecasts are recorded.
    misses : MissStore
        Where those are counted that were not made.
    """

    def __init__(
        self,
        *,
        symbols: Mapping[str, tuple[Symbol, int]],
        clock: Clock,
        open_desk: Callable[[str], Desk],
        record: PredictionStore,
        misses: MissStore,
    ) -> None:
        self._symbols = symbols
        self._clock = clock
        self._open_desk = open_desk
        self._record = record
        self._misses = misses
        self._desks: dict[str, Desk] = {}
        self._newest: dict[ledger.Series, Forecast | None] = {}
        self._counted_to: dict[ledger.Series, datetime] = {}
        self._opened_at = clock.now()

    def check(self, timeframe: str, names: Iterable[str] | None = None) -> None:
        """Have those symbols read anew whose stored candles are not those that are held.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        self._desk(timeframe).windows.check(self._symbols if names is None else names)

    def doubt(self, timeframe: str, closes: Mapping[str, datetime]) -> None:
        """Check the symbols of which a candle was written that is older than the newest one held.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        windows = self._desk(timeframe).windows
        if doubtful := [name for name, close in closes.items() if windows.is_past(name, close)]:
            windows.check(doubtful)

    def settle(self, timeframe: str, wanted: Sequence[Wanted]) -> Settled:
        """Return what the record says of each, after making what it lacks and recording that in one transaction.

        Raises
        ------
        StorageError
            When the database does not answer; nothing is recorded then.
        """
        desk = self._desk(timeframe)
        with CANDLE_READ_S.time():
            candles = desk.windows.update(self._clock.now())
        self._recall(wanted)
        now = self._clock.now()
        found = {one.series: self._known(one, candles.get(one.name), now) for one in wanted}
        missing = [one for one in wanted if found[one.series] is None]
        entries = self._make(desk, missing, candles, now) if missing else []
        self._count_misses(wanted, candles, now)
        recorded = self._recorded(entries, missing) if entries else []
        told = zip(missing, recorded, strict=True)
        made = {one.series: attributed(forecast, one.contender) for one, forecast in told}
        self._newest |= made
        self._counted_to |= {series: forecast.as_of for series, forecast in made.items()}
        answers = [found[one.series] or made[one.series] for one in wanted]
        return Settled(tuple(answers), tuple(made[one.series] for one in missing if one.seen), candles)

    def _desk(self, timeframe: str) -> Desk:
        if timeframe not in self._desks:
            self._desks[timeframe] = self._open_desk(timeframe)
        return self._desks[timeframe]

    def _recall(self, wanted: Sequence[Wanted]) -> None:
        unknown = {one.series: one.contender for one in wanted if one.series not in self._newest}
        if unknown:
            recorded = self._record.newest(list(unknown))
            self._newest |= dict.fromkeys(unknown)
            self._newest |= {series: attributed(found, unknown[series]) for series, found in recorded.items()}

    def _known(self, one: Wanted, candles: CandleArrays | None, now: datetime) -> Forecast | CandlecastError | None:
        # None: to be made
        symbol, _ = self._symbols[one.name]
        _, timeframe, horizon, _ = one.series
        if candles is None:
            return InsufficientHistoryError(
                f"{one.name} {timeframe} has no stored candle yet; wait for the backfill or run `candlecast backfill`"
            )
        as_of, recorded = moment_of(int(candles.close_us[-1])), self._newest[one.series]
        if recorded is not None and recorded.as_of == as_of:
            return recorded
        due = due_time(as_of, timeframe, horizon, symbol.calendar)
        if due <= now:
            return recorded or StaleDataError(
                f"newest {timeframe} candle of {one.name} closed at {as_of:%Y-%m-%d %H:%M}Z and its target time "
                f"{due:%Y-%m-%d %H:%M}Z has passed; wait for the next candle or check /readyz"
            )
        if len(candles) < WARM_UP_CANDLES:
            try:
                require_history(len(candles), symbol=symbol, timeframe=timeframe, as_of=as_of)
            except InsufficientHistoryError as error:
                return error
        return None

    def _recorded(self, entries: Sequence[LedgerEntry], missing: Sequence[Wanted]) -> list[Forecast]:
        with RECORD_S.time():
            recorded = self._record.record(entries)
        count_recorded(recorded, seen=[one.seen for one in missing])
        return recorded

    def _make(
        self, desk: Desk, missing: Sequence[Wanted], candles: Mapping[str, CandleArrays], now: datetime
    ) -> list[LedgerEntry]:
        with FEATURES_S.time():
            moment = Moment.of(list(dict.fromkeys(one.name for one in missing)), candles)
        made: dict[ledger.Series, LedgerEntry] = {}
        for contender, seen in dict.fromkeys((one.contender.id, one.seen) for one in missing):
            some = [one for one in missing if (one.contender.id, one.seen) == (contender, seen)]
            names = [one.name for one in some]
            with PREDICT_S.time():
                values = desk.maker.make(moment, names, some[0].contender, made_at=now, explained=seen)
            made |= {one.series: ledger_entry(values[one.name], some[0].contender) for one in some}
        return [made[one.series] for one in missing]

    def _count_misses(self, wanted: Sequence[Wanted], candles: Mapping[str, CandleArrays], now: datetime) -> None:
        ready = [one.series for one in wanted if len(candles.get(one.name, ())) >= WARM_UP_CANDLES]
        suspected = [series for series in ready if self._missed(series, candles, now)]
        if not suspected:
            return
        # another replica may have made them
        for series, forecast in self._record.newest(suspected).items():
            self._counted_to[series] = max(self._accounted_to(series), forecast.as_of)
        missed = {series: self._missed(series, candles, now) for series in suspected}
        self._misses.record([miss for some in missed.values() for miss in some])
        self._counted_to |= {series: some[-1].as_of for series, some in missed.items() if some}

    def _accounted_to(self, series: ledger.Series) -> datetime:
        recorded = self._newest.get(series)
        return self._counted_to.get(series, recorded.as_of if recorded else self._opened_at)

    def _missed(self, series: ledger.Series, candles: Mapping[str, CandleArrays], now: datetime) -> list[Miss]:
        name, timeframe, horizon, model_id = series
        since, scope = self._accounted_to(series), (timeframe, horizon, model_id)
        return missed_since(candles[name], since=since, series=self._symbols[name], scope=scope, now=now)
