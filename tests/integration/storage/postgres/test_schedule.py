"""Is what was done about each slot kept, what ended left alone, and old slots forgotten?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from candlecast.storage.postgres.schedule import ScheduledRun, ScheduleStore
from tests.storage_builders import START

DAY = timedelta(days=1)


@pytest.fixture
def store(database) -> ScheduleStore:
    return ScheduleStore(database)


def make_run(day: int = 0, *, job: str = "train", **changes) -> ScheduledRun:
    return replace(ScheduledRun(job, START + day * DAY, 1, f"{job}-{day}", "running"), **changes)


def left_out(day: int) -> ScheduledRun:
    return make_run(day, attempt=0, job_id=None, state="skipped", detail="train-1 still ran")


def test_newest_and_submitted_are_told_apart(store):
    for run in (make_run(0, state="failed"), left_out(1), make_run(0, job="tune")):
        store.keep(run)

    newest, submitted = store.newest(), store.submitted()

    assert (newest["train"].slot, newest["train"].state) == (START + DAY, "skipped")
    assert (submitted["train"].job_id, submitted["train"].state) == ("train-0", "failed")
    assert newest["tune"].changed_at is not None
    assert [run.job_id for run in store.running()] == ["tune-0"]


def test_keep_of_an_end_stands_against_a_late_scheduler(store):
    store.keep(make_run())
    store.keep(make_run(attempt=2, job_id="train-0-2"))
    store.keep(make_run(state="lost"))
    assert store.newest()["train"].job_id == "train-0-2"

    store.keep(make_run(attempt=2, job_id="train-0-2", state="succeeded", detail="promoted"))
    store.keep(make_run(attempt=2, job_id="train-0-2"))

    assert (store.newest()["train"].state, store.newest()["train"].detail) == ("succeeded", "promoted")


def test_prune_keeps_the_newest_and_what_runs(store):
    store.keep(make_run(0))
    for day in range(1, 5):
        store.keep(make_run(day, state="succeeded"))
    store.keep(left_out(5))

    assert sorted(store.prune(n_kept=3)) == ["train-1", "train-2"]
    assert [run.job_id for run in store.running()] == ["train-0"]


def test_forget_after_a_moment_lets_the_market_begin_again(store):
    for day in range(3):
        store.keep(make_run(day, state="succeeded"))

    store.forget_after(START + DAY)

    assert store.newest()["train"].slot == START + DAY
