"""Does `candlecast schedule` say when each job is due and how it ended last?"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from candlecast.storage.postgres.schedule import ScheduledRun, ScheduleStore
from jobs.cli import app

SLOT = datetime(2024, 1, 31, 6, 30, tzinfo=UTC)


@pytest.fixture
def asked(database, postgres, monkeypatch):
    """Return a function that asks for the list of one job that ran and was left out since."""
    for job in ("score", "verify", "news", "backfill", "tune"):
        monkeypatch.setenv(f"CANDLECAST_SCHEDULER__{job.upper()}", "")
    monkeypatch.setenv("CANDLECAST_SCHEDULER__TRAIN", "30 6 * * *")
    monkeypatch.setenv("CANDLECAST_DATABASE__URL", postgres.app_url)
    store = ScheduleStore(database)
    store.keep(ScheduledRun("train", SLOT, 1, "train-20240131T0630Z", "failed", "no candles"))
    store.keep(ScheduledRun("train", SLOT + timedelta(days=1), 0, None, "skipped", "mine still ran"))

    def ask(*flags: str) -> str:
        told = CliRunner().invoke(app, ["schedule", *flags])
        assert told.exit_code == 0, told.output
        return told.output

    return ask


def test_schedule_for_people_is_a_line_a_job(asked):
    (line,) = asked().strip().splitlines()

    assert line.startswith("train    30 6 * * *      next 20")
    assert line.endswith("last 2024-01-31 06:30Z failed: no candles; 2024-02-01 06:30Z left out: mine still ran")


def test_schedule_for_programs_is_one_object(asked):
    (job,) = json.loads(asked("--json"))["jobs"]

    assert 0 <= job["wall_s_until_next"] <= 86_400
    assert (job["last"]["state"], job["last"]["job_id"]) == ("failed", "train-20240131T0630Z")
    assert job["skipped"]["detail"] == "mine still ran"


def test_schedule_that_is_off_says_which_setting(asked, monkeypatch):
    monkeypatch.setenv("CANDLECAST_SCHEDULER__ENABLED", "false")

    assert "CANDLECAST_SCHEDULER__ENABLED is false" in asked()
