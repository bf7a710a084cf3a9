"""What was done about each slot of the schedule? The table ``scheduled_runs``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg2.extensions import cursor as Cursor

from candlecast.storage.postgres.database import Database

RunState = Literal["running", "succeeded", "failed", "stopped", "lost", "skipped"]

_COLUMNS = "job, slot, attempt, job_id, state, detail"
_SELECT = f"SELECT {_COLUMNS}, changed_at FROM scheduled_runs"
_NEWEST = f"SELECT DISTINCT ON (job) {_COLUMNS}, changed_at FROM scheduled_runs {{}} ORDER BY job, slot DESC"
_KEEP = f"""
INSERT INTO scheduled_runs ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (job, slot) DO UPDATE
    SET (attempt, job_id, state, detail, changed_at)
        = (excluded.attempt, excluded.job_id, excluded.state, excluded.detail, clock_timestamp())
    WHERE scheduled_runs.attempt <= excluded.attempt AND scheduled_runs.state = 'running'
"""
_PRUNE = """
DELETE FROM scheduled_runs AS run USING (
    SELECT job, slot, row_number() OVER (PARTITION BY job ORDER BY slot DESC) AS age FROM scheduled_runs
) AS aged
WHERE run.job = aged.job AND run.slot = aged.slot AND aged.age > %s AND run.state <> 'running'
RETURNING run.job_id
"""


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """What was done about one slot.

    Parameters
    ----------
    job : str
        As ``train``.
    slot : datetime
        Market time at which it was due, aware UTC.
    attempt : int
        How often it was submitted; 0: not at all.
    job_id : str or None
        Of the newest submission.
    state : str
        ``running`` until it ended; ``lost`` when its cluster forgot it or its node died; ``skipped`` when it was not
        submitted.
    detail : str
        Why, in words; how it ended, in its own.
    changed_at : datetime or None
        Wall time of the newest change; None before it is stored.
    """

    job: str
    slot: datetime
    attempt: int
    job_id: str | None
    state: RunState
    detail: str = ""
    changed_at: datetime | None = None


class ScheduleStore:
    """Rows of ``scheduled_runs``; every method raises `StorageError` when the database is down.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> dict[str, ScheduledRun]:
        """Return the newest slot of each job that was decided."""
        return {run.job: run for run in self._read(_NEWEST.format(""))}

    def submitted(self) -> dict[str, ScheduledRun]:
        """Return the newest slot of each job that was submitted."""
        return {run.job: run for run in self._read(_NEWEST.format("WHERE attempt > 0"))}

    def running(self) -> Sequence[ScheduledRun]:
        """Return what was submitted and has not ended, the oldest slot first."""
        return self._read(f"{_SELECT} WHERE state = 'running' ORDER BY slot, job")

    def keep(self, run: ScheduledRun) -> None:
        """Store what was done about a slot; what ended stays as it ended."""
        with self._database.transaction() as cursor:
            cursor.execute(_KEEP, (run.job, run.slot, run.attempt, run.job_id, run.state, run.detail))

    def prune(self, *, n_kept: int) -> list[str]:
        """Forget all but the newest `n_kept` slots of each job; return the ids of the jobs that are forgotten."""
        with self._database.transaction() as cursor:
            cursor.execute(_PRUNE, (n_kept,))
            return [job_id for (job_id,) in cursor.fetchall() if job_id is not None]

    def forget_after(self, moment: datetime) -> None:
        """Forget the slots after `moment`: the market began again at an earlier time."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM scheduled_runs WHERE slot > %s", (moment,))

    def _read(self, query: str) -> list[ScheduledRun]:
        with self._database.transaction() as cursor:
            cursor.execute(query)
            return _runs(cursor)


def _runs(cursor: Cursor) -> list[ScheduledRun]:
    return [ScheduledRun(*row) for row in cursor.fetchall()]
