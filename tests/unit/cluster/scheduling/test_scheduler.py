"""Is each slot run once, none beside its like, and what was missed or lost made up for once?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from candlecast.cron import CronLine
from candlecast.errors import StackError
from candlecast.storage.postgres.schedule import ScheduledRun
from cluster.scheduling.scheduler import MAX_ATTEMPTS, Scheduler
from cluster.scheduling.schedules import Schedule
from tests.fake_cluster import FakeCluster, fake_cluster

NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRAIN = Schedule("train", "python -m jobs.train", CronLine("0 * * * *"))
TUNE = Schedule("tune", "python -m jobs.tune", CronLine("0 * * * *"))


@dataclass
class FakeClock:
    moment: datetime = NOON - timedelta(minutes=30)

    def now(self) -> datetime:
        return self.moment

    def wall_s_until(self, moment: datetime) -> float:
        return (moment - self.moment).total_seconds()

    def ended(self) -> bool:
        return False


class FakeRecord:
    """Rows in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, datetime], ScheduledRun] = {}

    def newest(self) -> dict[str, ScheduledRun]:
        return {run.job: run for run in sorted(self.rows.values(), key=lambda run: run.slot)}

    def running(self) -> list[ScheduledRun]:
        return [run for run in self.rows.values() if run.state == "running"]

    def keep(self, run: ScheduledRun) -> None:
        self.rows[run.job, run.slot] = replace(run)

    def prune(self, *, n_kept: int) -> list[str]:
        return []

    def states(self) -> list[str]:
        return [f"{run.job} {run.slot:%H} {run.state}" for run in self.rows.values()]


class Stand:
    """A scheduler that looked once before the first slot."""

    def __init__(self, cluster: FakeCluster, *schedules: Schedule, at_once: int = 2) -> None:
        self.cluster, self.clock, self.record = cluster, FakeClock(), FakeRecord()
        self.scheduler = self.another(*schedules, at_once=at_once)
        self.scheduler.look()
        self.clock.moment = NOON

    def another(self, *schedules: Schedule, at_once: int = 2) -> Scheduler:
        jobs = self.cluster.client()
        return Scheduler(schedules or (TRAIN,), clock=self.clock, record=self.record, jobs=jobs, at_once=at_once)

    def look(self, *, after: timedelta = timedelta(0)) -> int:
        self.clock.moment += after
        return self.scheduler.look()

    def ids(self) -> list[str]:
        return [body["submission_id"] for body in self.cluster.taken]


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    with fake_cluster() as running:
        yield running


def test_slot_that_comes_is_run_once(cluster):
    stand = Stand(cluster)

    assert stand.ids() == []
    assert [stand.look(), stand.look()] == [1, 1]
    cluster.end("train-20240131T1200Z", "SUCCEEDED", exit_code=0, said="candlecast: model m2 is promoted\n")
    assert stand.look() == 0
    assert stand.ids() == ["train-20240131T1200Z"]
    assert stand.record.newest()["train"].detail == "model m2 is promoted"
    assert stand.record.states() == ["train 11 skipped", "train 12 succeeded"]


def test_slots_that_were_missed_are_made_up_for_by_the_newest(cluster):
    stand = Stand(cluster)

    stand.look(after=5 * HOUR)
    stand.look(after=HOUR / 2)

    assert stand.ids() == ["train-20240131T1700Z"]


def test_slot_whose_like_still_runs_is_left_out_and_said(cluster):
    stand = Stand(cluster)
    cluster.add("by-hand", entrypoint="python -m jobs.train --symbols=BTC/USDT")

    stand.look()
    cluster.end("by-hand", "SUCCEEDED", exit_code=0)
    stand.look(after=HOUR / 2)

    assert stand.ids() == []
    assert stand.record.newest()["train"].detail == "by-hand still ran"
    assert stand.look(after=HOUR / 2) == 1


def test_slots_above_the_limit_wait_for_their_turn(cluster):
    stand = Stand(cluster, TRAIN, TUNE, at_once=1)

    stand.look()
    waiting = stand.ids()
    cluster.end(waiting[0], "FAILED", exit_code=1, said="candlecast: no candles")
    stand.look()

    assert waiting == ["train-20240131T1200Z"]
    assert stand.ids()[1:] == ["tune-20240131T1200Z"]
    assert "train 12 failed" in stand.record.states()


def test_two_schedulers_that_look_in_turn_run_a_slot_once(cluster):
    stand = Stand(cluster)
    other = stand.another()
    # the other saw the slot due before the first one wrote that it submitted it
    before = dict(stand.record.newest())
    stand.look()
    stand.record.newest = lambda: before

    other.look()

    assert stand.ids() == ["train-20240131T1200Z"]
    assert "train 12 running" in stand.record.states()


def test_scheduler_broken_off_before_it_wrote_finds_its_job(cluster):
    stand = Stand(cluster)
    stand.look()
    del stand.record.rows["train", NOON]

    assert stand.look() == 1
    assert stand.ids() == ["train-20240131T1200Z"]


@pytest.mark.parametrize("forgotten", [True, False], ids=["cluster began anew", "node died"])
def test_job_that_was_lost_is_submitted_again_a_few_times(cluster, forgotten):
    stand = Stand(cluster)
    stand.look()

    for _ in range(MAX_ATTEMPTS + 1):
        for job_id in list(cluster.jobs):
            cluster.jobs.pop(job_id) if forgotten else cluster.end(job_id, "FAILED")
        stand.look()

    slot = "train-20240131T1200Z"
    assert stand.ids() == [slot, f"{slot}-2", f"{slot}-3"]
    assert stand.record.newest()["train"].state == "lost"


def test_job_that_was_lost_gives_way_to_its_next_slot(cluster):
    stand = Stand(cluster)
    stand.look()
    cluster.jobs.clear()

    stand.look(after=HOUR)

    assert stand.ids()[1:] == ["train-20240131T1300Z"]
    assert stand.record.states()[1:] == ["train 12 lost", "train 13 running"]


def test_cluster_that_refuses_leaves_the_slot_due(cluster):
    stand = Stand(cluster)
    cluster.refusals = ["out of memory"]

    with pytest.raises(StackError, match="out of memory"):
        stand.look()

    assert stand.look() == 1


def test_wall_s_until_next_is_that_of_the_first_slot(cluster):
    stand = Stand(cluster, TRAIN, TUNE)

    assert stand.scheduler.wall_s_until_next() == 3_600
