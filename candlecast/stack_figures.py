"""How is the stack as a whole? What its stores tell, for metrics; what one process does, its meters tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from candlecast.clock import Clock
from candlecast.record.alarms import DriftState
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.drift import DriftStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.postgres.track_record import RecordScope, Summary, TrackRecordStore
from candlecast.storage.postgres.use import DatabaseUse, JobTally, UseStore
from candlecast.storage.process_pages import ProcessPages
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.redis_use import RedisUse, read_use

# of the track record that is told
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StoredFigures:
    """What the database tells.

    Parameters
    ----------
    now : datetime
        Market time at which it was asked.
    champions : sequence of ModelRecord
        The models that serve.
    record : Summary
        Settled forecasts whose `as_of` lies within `WINDOW`.
    drifts : sequence of DriftState
        What may drift.
    jobs : sequence of JobTally
        Scheduled jobs by what became of them.
    use : DatabaseUse
        Size and connections.
    """

    now: datetime
    champions: Sequence[ModelRecord]
    record: Summary
    drifts: Sequence[DriftState]
    jobs: Sequence[JobTally]
    use: DatabaseUse


class StackFigures:
    """Asks the stores; belongs to one event loop.

    Parameters
    ----------
    database : Database
        The truth.
    link : RedisLink
        Where processes tell their pages.
    clock : Clock
        Market time.
    timeframe : str
        The followed timeframe.
    """

    def __init__(self, database: Database, *, link: RedisLink, clock: Clock, timeframe: str) -> None:
        self._models = ModelStore(database)
        self._record = TrackRecordStore(database)
        self._drift = DriftStore(database)
        self._use = UseStore(database)
        self._link = link
        self._pages = ProcessPages(link)
        self._clock = clock
        self._timeframe = timeframe

    def stored(self) -> StoredFigures:
        """Return what the database tells; blocks.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        now = self._clock.now()
        return StoredFigures(
            now=now,
            champions=[one for one in self._models.standing() if one.status == "champion"],
            record=self._record.summary(RecordScope(timeframe=self._timeframe, since=(now - WINDOW).date())),
            drifts=self._drift.states(self._timeframe),
            jobs=self._use.jobs(),
            use=self._use.database(),
        )

    async def redis(self) -> RedisUse | None:
        """Return what Redis tells of itself, None when it does not answer."""
        return await read_use(self._link)

    async def processes(self) -> Mapping[str, str] | None:
        """Return what each process tells of itself, as Prometheus text, None when Redis does not answer."""
        return await self._pages.read()
