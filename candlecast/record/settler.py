"""Settles what is due: once, in order, from what is stored."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from candlecast.clock import Clock
from candlecast.market.timeframes import timeframe_s
from candlecast.record.evidence import CloseHistory, Evidence, RecordCounts
from candlecast.record.grading import summarise
from candlecast.record.outcomes import DueForecast, SeriesKey, SettledForecast
from candlecast.record.settle import known_before, reach, settle
from candlecast.storage.postgres.close_history import CloseHistoryStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.outcomes import OutcomeStore

BATCH = 2_000
# a forecast may be committed a little after its target time, and its symbol's candle may come late
_OVERLAP_CANDLES = 10
_START_OF_TIME = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of settling did.

    Parameters
    ----------
    settled : list of SettledForecast
        All that got an outcome, whether known or not.
    n_waiting : int
        Forecasts whose target time has passed and whose candle is waited for.
    """

    settled: list[SettledForecast] = field(default_factory=list)
    n_waiting: int = 0

    @property
    def n_known(self) -> int:
        """Return how many outcomes are known."""
        return sum(one.outcome.realised_close is not None for one in self.settled)


class Settler:
    """Gives every recorded forecast its outcome, from closed candles alone; safe to run twice at once.

    Parameters
    ----------
    database : Database
        Ledger, candles and gaps.
    clock : Clock
        Market time.
    timeframe : str
        The followed timeframe; how far back each round looks again depends on it.
    """

    def __init__(self, database: Database, *, clock: Clock, timeframe: str) -> None:
        self._outcomes = OutcomeStore(database)
        self._closes = CloseHistoryStore(database)
        self._clock = clock
        self._overlap = timedelta(seconds=_OVERLAP_CANDLES * timeframe_s(timeframe))
        self._read_until: datetime | None = None
        self._noted: datetime | None = None
        self._waiting: dict[int, DueForecast] = {}
        self._counts: dict[SeriesKey, tuple[date, RecordCounts]] = {}

    def round(self) -> Round:
        """Settle what is due now.

        Raises
        ------
        StorageError
            When the database does not answer; what was settled before stays so.
        """
        now = self._clock.now()
        settled: list[SettledForecast] = []
        waiting: dict[int, DueForecast] = {}
        for batch in self._batches(now):
            # day by day: the naive forecasters of a day know the record of the days before
            for _, part in groupby(sorted(batch, key=_day), key=_day):
                judged, left = self._judge(list(part), now=now)
                settled += self._outcomes.record(judged, summarise=summarise)
                waiting |= {one.id: one for one in left}
        self._note(now, waiting=waiting)
        return Round(settled, len(waiting))

    def _batches(self, now: datetime) -> Iterator[Sequence[DueForecast]]:
        since = self._since(now)
        known = dict(self._waiting)
        if known:
            yield list(known.values())
        page = self._outcomes.due(since=since, until=now, limit=BATCH)
        while page:
            yield [one for one in page if one.id not in known]
            page = self._outcomes.due(since=since, until=now, after=page[-1], limit=BATCH) if len(page) == BATCH else []

    def _since(self, now: datetime) -> datetime:
        if self._read_until is None or self._read_until > now:
            mark = self._outcomes.settled_until()
            self._waiting = {}
            # a recording that begins anew leaves forecasts behind that lie before the mark
            self._read_until = mark if mark <= now else _START_OF_TIME
        return self._read_until

    def _note(self, now: datetime, *, waiting: dict[int, DueForecast]) -> None:
        # those that wait are remembered, so that one of them does not have all later ones read again; who begins anew
        # finds them behind the mark
        self._waiting, self._read_until = waiting, now - self._overlap
        first = min((one.target_time for one in waiting.values()), default=now)
        mark = min(first - timedelta(microseconds=1), self._read_until)
        if mark != self._noted:
            self._outcomes.note_settled(mark)
            self._noted = mark

    def _judge(self, due: Sequence[DueForecast], *, now: datetime) -> tuple[list[SettledForecast], list[DueForecast]]:
        evidence = self._evidence(due, now=now)
        found = list(zip(due, settle(due, evidence), strict=True))
        settled = [SettledForecast(one, outcome) for one, outcome in found if outcome is not None]
        return settled, [one for one, outcome in found if outcome is None]

    def _evidence(self, due: Sequence[DueForecast], *, now: datetime) -> Evidence:
        groups: dict[tuple[str, str], list[DueForecast]] = defaultdict(list)
        for one in due:
            groups[one.timeframe, one.calendar].append(one)
        histories: dict[tuple[int, str], CloseHistory] = {}
        for (timeframe, calendar), part in groups.items():
            first, last = min(one.as_of for one in part), max(one.target_time for one in part)
            since = first - reach(timeframe, calendar=calendar)
            symbols = sorted({one.symbol_id for one in part})
            histories |= self._closes.read(symbols, timeframe, since=since, until=last)
        places = sorted({(one.symbol_id, one.timeframe) for one in due})
        outages = self._outcomes.outages(places, since=min(one.as_of for one in due))
        return Evidence(histories, outages, self._records(due), now)

    def _records(self, due: Sequence[DueForecast]) -> dict[SeriesKey, RecordCounts]:
        day = _day(due[0])
        ends = {
            one.series: known_before(day, timeframe=one.timeframe, horizon=one.horizon, calendar=one.calendar)
            for one in due
        }
        unread: dict[date, list[SeriesKey]] = defaultdict(list)
        for key, end in ends.items():
            if self._counts.get(key, (None, None))[0] != end:
                unread[end].append(key)
        for end, keys in unread.items():
            read = self._outcomes.counts(keys, before=end)
            self._counts |= {key: (end, read.get(key, RecordCounts())) for key in keys}
        return {key: self._counts[key][1] for key in ends}


def _day(forecast: DueForecast) -> date:
    return forecast.as_of.date()
