"""Are the settings read as schedules, and is equal work known as such?"""

from datetime import UTC, datetime

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.settings import Settings
from cluster.scheduling.schedules import Schedule, read_schedules

SLOT = datetime(2024, 1, 31, 6, 30, tzinfo=UTC)


def schedules(**scheduler) -> dict[str, Schedule]:
    return {one.job: one for one in read_schedules(Settings(scheduler=scheduler, _env_file=None))}


def test_read_schedules_of_defaults_runs_every_job():
    assert set(schedules()) == {"backfill", "score", "verify", "train", "news", "tune"}


def test_read_schedules_leaves_out_what_is_empty_off_or_without_news():
    assert "train" not in schedules(train=" ")
    assert schedules(enabled=False) == {}
    assert "news" not in {one.job for one in read_schedules(Settings(news={"enabled": False}, _env_file=None))}


def test_read_schedules_of_a_wrong_line_names_its_setting():
    with pytest.raises(InvalidRequestError, match=r"^CANDLECAST_SCHEDULER__TUNE must be .*'daily'$"):
        schedules(tune="daily")


def test_submission_id_is_that_of_the_slot_and_the_attempt():
    train = schedules()["train"]

    assert train.submission_id(SLOT, attempt=1) == "train-20240131T0630Z"
    assert train.submission_id(SLOT, attempt=2) == "train-20240131T0630Z-2"


@pytest.mark.parametrize(
    ("job", "entrypoint", "equal"),
    [
        ("train", "python -m jobs.train --symbols=BTC/USDT", True),
        ("train", "python -m jobs.train_sentiment --labelled x.csv", False),
        ("train", "sleep 5", False),
        ("score", "python -m jobs.score", True),
        ("score", "python -m jobs.score --verify --json", False),
        ("verify", "python -m jobs.score --json --verify", True),
    ],
)
def test_is_kind_of_looks_at_the_work_not_at_its_symbols(job, entrypoint, equal):
    assert schedules()[job].is_kind_of(entrypoint) is equal
