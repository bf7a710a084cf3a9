"""Do two schedulers at the same time run each slot once, with Redis and without?"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from candlecast.cron import CronLine
from candlecast.settings import Settings
from candlecast.storage.postgres.schedule import ScheduledRun, ScheduleStore
from candlecast.storage.redis_link import RedisLink
from cluster.scheduling import loop
from cluster.scheduling.scheduler import Scheduler
from cluster.scheduling.schedules import Schedule
from tests.fake_cluster import FakeCluster, fake_cluster
from tests.unit.cluster.scheduling.test_scheduler import NOON, FakeClock

TRAIN = Schedule("train", "python -m jobs.train", CronLine("0 * * * *"))
HOURS = [NOON + timedelta(hours=hour) for hour in range(3)]


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    with fake_cluster() as running:
        yield running


async def run_two(cluster: FakeCluster, database, url: str) -> list[str]:
    """Let two schedulers look at three slots as fast as they can; return the ids of what was submitted."""
    clock, store = FakeClock(), ScheduleStore(database)
    store.keep(ScheduledRun("train", NOON - timedelta(hours=1), 0, None, "skipped"))
    links = [RedisLink(url) for _ in range(2)]
    loops = [
        asyncio.create_task(
            loop._look_for_ever(Scheduler([TRAIN], clock=clock, record=store, jobs=cluster.client(), at_once=2), link)
        )
        for link in links
    ]
    for clock.moment in HOURS:
        job_id = TRAIN.submission_id(clock.moment, attempt=1)
        while (newest := store.newest()["train"]).state != "succeeded" or newest.slot != clock.moment:
            if job_id in cluster.jobs:
                cluster.end(job_id, "SUCCEEDED", exit_code=0, said="candlecast: job ended")
            await asyncio.sleep(0.01)
    for task in loops:
        task.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    for link in links:
        await link.close()
    return [body["submission_id"] for body in cluster.taken]


@pytest.mark.parametrize("with_redis", [True, False])
def test_two_schedulers_run_each_slot_once(cluster, database, valkey, monkeypatch, with_redis):
    for name in ("_PAUSE_S", "_PAUSE_WHILE_RUNNING_S", "_LEAST_PAUSE_S"):
        monkeypatch.setattr(loop, name, 0.01)

    submitted = asyncio.run(asyncio.wait_for(run_two(cluster, database, valkey.url if with_redis else ""), 60))

    assert submitted == [TRAIN.submission_id(hour, attempt=1) for hour in HOURS]


def test_keep_schedules_waits_for_its_database_and_then_begins(cluster, database, postgres, monkeypatch):
    monkeypatch.setattr(loop, "_OPEN_AGAIN_AFTER_S", 0.01)
    settings = Settings(
        database={"url": postgres.app_url},
        cluster={"jobs_url": cluster.url},
        market={"symbols": "BTC/USDT"},
        _env_file=None,
    )
    opened, tries = loop.open_database, []

    def open_late(settings):
        tries.append(settings)
        return opened(settings if len(tries) > 1 else Settings(_env_file=None))

    monkeypatch.setattr(loop, "open_database", open_late)

    async def begin() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(loop.keep_schedules(settings, delay_s=0), 1)

    asyncio.run(begin())

    assert "train" in ScheduleStore(database).newest()
    assert len(tries) == 2
    assert cluster.taken == []
