"""Settles the record for ever, looks for drift, and lets a challenger that is surely better take over."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta

import structlog

from candlecast.clock import Clock
from candlecast.errors import CandlecastError
from candlecast.market.timeframes import timeframe_s
from candlecast.record.alarms import DriftState
from candlecast.record.challenge import Challenge, find_challenges
from candlecast.record.drift_watch import DriftWatch
from candlecast.record.settler import Round, Settler
from candlecast.registry import Registry
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelRecord
from candlecast.telemetry.meters import SETTLED, SETTLING_WAITING

SHORTEST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
# a candle is stored a little after its close
_AFTER_CLOSE_S = 1.0
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

Tell = Callable[[ModelRecord], Awaitable[None]]

log = structlog.get_logger(__name__)


class Scorer:
    """Runs a round after each close, but no more than one in `SHORTEST_PAUSE_S` wall seconds.

    Parameters
    ----------
    settler : Settler
        Gives forecasts their outcomes.
    watch : DriftWatch
        Finds drift in them.
    promoter : LedgerPromoter or None
        Lets challengers take over; None: they never do by themselves.
    cache : Cache
        Where ``drift`` and ``models`` are told.
    clock : Clock
        Market time.
    timeframe : str
        The followed timeframe.
    """

    def __init__(
        self,
        *,
        settler: Settler,
        watch: DriftWatch,
        promoter: "LedgerPromoter | None",
        cache: Cache,
        clock: Clock,
        timeframe: str,
    ) -> None:
        self._settler = settler
        self._watch = watch
        self._promoter = promoter
        self._cache = cache
        self._clock = clock
        self._timeframe = timeframe

    async def run(self) -> None:
        """Work until cancelled; while the database is away, or a round fails, what is due waits."""
        while True:
            waiting = 0
            try:
                done, changed = await asyncio.to_thread(self._work)
                waiting = done.n_waiting
                await self._tell(changed)
                if self._promoter is not None:
                    await self._promoter.look(self._clock.now())
            except CandlecastError as error:
                log.warning("forecasts are not settled, it is tried again", reason=str(error))
            except Exception:
                # the only loop that settles: whatever failed is tried again
                log.exception("a round of settling failed")
            await asyncio.sleep(self._pause_s(waiting))

    def _work(self) -> tuple[Round, list[DriftState]]:
        try:
            done = self._settler.round()
            SETTLED.labels("known").inc(done.n_known)
            SETTLED.labels("never known").inc(len(done.settled) - done.n_known)
            SETTLING_WAITING.set(done.n_waiting)
            return done, self._watch.look(done.settled)
        except Exception:
            # part of it may have settled: the watch must not miss it
            self._watch.forget()
            raise

    async def _tell(self, changed: Sequence[DriftState]) -> None:
        for state in changed:
            log.warning("drift" if state.alarm else "drift is over", **state.event)
            await self._cache.publish("drift", state.event)

    def _pause_s(self, n_waiting: int) -> float:
        step, now = timedelta(seconds=timeframe_s(self._timeframe)), self._clock.now()
        next_close = now + step - (now - _EPOCH) % step
        until_s = SHORTEST_PAUSE_S if n_waiting else self._clock.wall_s_until(next_close) + _AFTER_CLOSE_S
        return min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, until_s))


class LedgerPromoter:
    """Looks at the ledger once a market day, and promotes a challenger that is surely better.

    Parameters
    ----------
    database : Database
        The record.
    registry : Registry
        Where models are promoted.
    timeframe : str
        Of the models.
    tell : callable
        Tells all replicas of a model that was promoted.
    """

    def __init__(self, database: Database, *, registry: Registry, timeframe: str, tell: Tell) -> None:
        self._database = database
        self._registry = registry
        self._timeframe = timeframe
        self._tell = tell
        self._looked: date | None = None

    async def look(self, now: datetime) -> list[ModelRecord]:
        """Promote who deserves it and return them; nothing is looked at twice on one UTC day of market time.

        Raises
        ------
        StorageError, ModelIntegrityError
            When the database does not answer, or the files of a winner are damaged.
        """
        if self._looked == now.date():
            return []
        found = await asyncio.to_thread(find_challenges, self._database, self._timeframe, now=now)
        self._looked = now.date()
        promoted = [await self._promote(one, now) for one in winners(found)]
        return [one for one in promoted if one is not None]

    async def _promote(self, won: Challenge, now: datetime) -> ModelRecord | None:
        serving = await asyncio.to_thread(self._registry.champion, self._timeframe, won.champion.horizon)
        if serving.id != won.champion.id:
            log.info("challenger not promoted, another model serves by now", model=won.challenger.id, now=serving.id)
            return None
        record = await asyncio.to_thread(self._registry.promote, won.challenger.id, promoted_at=now)
        log.info("challenger promoted", model=record.id, before=won.champion.id, why=won.verdict.why)
        await self._tell(record)
        return record


def winners(found: Sequence[Challenge]) -> list[Challenge]:
    """Return the first challenge of each horizon whose challenger takes over."""
    taken: dict[int, Challenge] = {}
    for one in found:
        if one.verdict.promote:
            taken.setdefault(one.champion.horizon, one)
    return list(taken.values())
