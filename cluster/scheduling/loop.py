"""Who looks at the schedules, and how often?"""

import asyncio
import math

import structlog

from candlecast.bootstrap import open_database, open_market
from candlecast.clock import Clock
from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.settings import Settings
from candlecast.storage.locks import hold
from candlecast.storage.postgres.schedule import ScheduleStore
from candlecast.storage.redis_link import RedisLink
from cluster.scheduling.scheduler import Scheduler
from cluster.scheduling.schedules import read_schedules
from cluster.submit import ClusterClient

# a stack that starts needs its CPUs for the first forecast and the page
DELAY_S = 30.0

_LOCK, _LOCK_TTL_S = "scheduler", 30.0
_PAUSE_S, _PAUSE_WHILE_RUNNING_S, _LEAST_PAUSE_S = 15.0, 5.0, 0.5
_OPEN_AGAIN_AFTER_S = 5.0

log = structlog.get_logger(__name__)


async def keep_schedules(settings: Settings, *, delay_s: float = DELAY_S) -> None:
    """Submit what is due, for ever; waits for ever when the settings ask for no schedule at all.

    Several may do so at the same time: the lock lets one look, and where Redis is away the ids of the
    submissions keep each slot from being run twice.

    Parameters
    ----------
    settings : Settings
        Schedules, market, database, Redis and cluster.
    delay_s : float
        Wall seconds before the first look.

    Raises
    ------
    InvalidRequestError
        When a schedule is no cron line.
    """
    schedules = read_schedules(settings)
    if not schedules:
        log.info("no job runs by itself")
        await asyncio.Event().wait()
    await asyncio.sleep(delay_s)
    clock, record = await _opened(settings)
    jobs = ClusterClient(settings.cluster)
    scheduler = Scheduler(schedules, clock=clock, record=record, jobs=jobs, at_once=settings.scheduler.at_once)
    lines = {schedule.job: schedule.line.text for schedule in schedules}
    log.info("jobs run by themselves", now=clock.now().isoformat(timespec="seconds"), **lines)
    await _look_for_ever(scheduler, RedisLink(settings.redis.url.get_secret_value()))


async def _opened(settings: Settings) -> tuple[Clock, ScheduleStore]:
    while True:
        try:
            clock = (await asyncio.to_thread(open_market, settings)).clock
            record = ScheduleStore(open_database(settings))
            await asyncio.to_thread(record.forget_after, clock.now())
        except InvalidRequestError:
            raise
        except CandlecastError as error:
            log.warning("the scheduler cannot begin, it tries again", reason=str(error), pause_s=_OPEN_AGAIN_AFTER_S)
        else:
            return clock, record
        await asyncio.sleep(_OPEN_AGAIN_AFTER_S)


async def _look_for_ever(scheduler: Scheduler, link: RedisLink) -> None:
    told = ""
    while True:
        n_running = 0
        async with hold(link, _LOCK, ttl_s=_LOCK_TTL_S) as ours:
            try:
                n_running = await asyncio.to_thread(scheduler.look) if ours else 0
            except CandlecastError as error:
                # what is due stays due
                if str(error) != told:
                    log.warning("the schedules wait", reason=str(error))
                told = str(error)
            else:
                told = ""
        await asyncio.sleep(_pause_s(scheduler, n_running))


def _pause_s(scheduler: Scheduler, n_running: int) -> float:
    longest = _PAUSE_WHILE_RUNNING_S if n_running else _PAUSE_S
    until_next = scheduler.wall_s_until_next()
    return max(_LEAST_PAUSE_S, min(longest, until_next if math.isfinite(until_next) else longest))
