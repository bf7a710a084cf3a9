"""What is to be done about each job now: submit it, leave it out, or find out how it ended?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from candlecast.clock import Clock
from candlecast.errors import StackError
from candlecast.storage.postgres.schedule import RunState, ScheduledRun
from cluster.scheduling.schedules import Schedule
from cluster.submitted_job import SubmittedJob

# a job that takes its cluster or its node with it is not tried for ever
MAX_ATTEMPTS = 3
N_KEPT = 50

_ENDS: dict[str, RunState] = {"SUCCEEDED": "succeeded", "FAILED": "failed", "STOPPED": "stopped"}

log = structlog.get_logger(__name__)


class Jobs(Protocol):
    """The cluster's jobs, as `cluster.submit.ClusterClient` has them."""

    def jobs(self) -> Sequence[SubmittedJob]:
        """Return all jobs that the cluster knows."""
        ...

    def submit(self, entrypoint: str, *, submission_id: str | None = None) -> str:
        """Submit a job; an id that is known is refused."""
        ...

    def last_line(self, job_id: str) -> str:
        """Return how a job ended."""
        ...

    def forget(self, job_id: str) -> None:
        """Let the cluster forget a job that ended."""
        ...


class Record(Protocol):
    """What was done about each slot, as `candlecast.storage.postgres.schedule.ScheduleStore` keeps it."""

    def newest(self) -> Mapping[str, ScheduledRun]:
        """Return the newest slot of each job that was decided."""
        ...

    def running(self) -> Sequence[ScheduledRun]:
        """Return what was submitted and has not ended."""
        ...

    def keep(self, run: ScheduledRun) -> None:
        """Store what was done about a slot."""
        ...

    def prune(self, *, n_kept: int) -> Sequence[str]:
        """Forget old slots; return the ids of their jobs."""
        ...


class Scheduler:
    """Looks at the schedules; each look may be repeated, broken off, and made by two at the same time.

    Parameters
    ----------
    schedules : sequence of Schedule
        What runs by itself.
    clock : Clock
        Market time.
    record : Record
        Outlives the cluster.
    jobs : Jobs
        Of the cluster.
    at_once : int
        Scheduled jobs that run at a time; others wait.
    """

    def __init__(
        self, schedules: Sequence[Schedule], *, clock: Clock, record: Record, jobs: Jobs, at_once: int
    ) -> None:
        self._schedules = schedules
        self._clock = clock
        self._record = record
        self._jobs = jobs
        self._at_once = at_once

    def look(self) -> int:
        """Note what ended, submit what is due, and return how many scheduled jobs run now.

        A slot that came while nobody looked is made up for once, by the newest one of its job. A
        job whose kind still runs has its slot left out. One that was lost with its node or its
        cluster is submitted again, `MAX_ATTEMPTS` times in all, until its next slot is due.

        Raises
        ------
        StackError
            When the cluster does not answer.
        StorageError
            When the database does not answer.
        """
        open_runs, due = self._record.running(), self._due()
        if not open_runs and not due:
            return 0
        known = {job.id: job for job in self._jobs.jobs()}
        waiting = {schedule.job for schedule, _ in due}
        running = [run for run in open_runs if self._goes_on(run, known, superseded=run.job in waiting)]
        n_running = len(running)
        for schedule, slot in due:
            n_running += self._decide(schedule, slot, known, free=n_running < self._at_once)
        return n_running

    def wall_s_until_next(self) -> float:
        """Return wall seconds until the next slot of any job; infinity when none comes."""
        now = self._clock.now()
        moments = [self._clock.wall_s_until(schedule.line.next(now)) for schedule in self._schedules]
        return min(moments, default=float("inf"))

    def _due(self) -> list[tuple[Schedule, datetime]]:
        now, newest, due = self._clock.now(), self._record.newest(), []
        for schedule in self._schedules:
            slot, decided = schedule.line.latest(now), newest.get(schedule.job)
            if decided is None:
                detail = "the schedule begins with the next slot"
                self._record.keep(ScheduledRun(schedule.job, slot, 0, None, "skipped", detail))
            elif decided.slot < slot:
                due.append((schedule, slot))
        return due

    def _goes_on(self, run: ScheduledRun, known: Mapping[str, SubmittedJob], *, superseded: bool) -> bool:
        found = known.get(str(run.job_id))
        if found is not None and not found.ended:
            return True
        if found is not None and not found.lost:
            self._end(run, _ENDS[found.status], self._jobs.last_line(found.id))
            return False
        why = "the cluster knows it no more" if found is None else found.message or "its node was lost"
        schedule = next((one for one in self._schedules if one.job == run.job), None)
        if schedule is None or superseded or run.attempt >= MAX_ATTEMPTS or _rival(schedule, known.values()):
            self._end(run, "lost", why)
            return False
        log.warning("a scheduled job was lost, it is submitted again", job=run.job, job_id=run.job_id, reason=why)
        return self._submit(schedule, run.slot, attempt=run.attempt + 1)

    def _end(self, run: ScheduledRun, state: RunState, detail: str) -> None:
        self._record.keep(replace(run, state=state, detail=detail))
        tell = log.info if state == "succeeded" else log.warning
        tell("a scheduled job ended", job=run.job, job_id=run.job_id, state=state, last=detail)

    def _decide(self, schedule: Schedule, slot: datetime, known: Mapping[str, SubmittedJob], *, free: bool) -> bool:
        own = known.get(schedule.submission_id(slot, attempt=1))
        # submitted by a scheduler that ended before it wrote so
        if own is None and (rival := _rival(schedule, known.values())) is not None:
            detail = f"{rival.id} still ran"
            self._record.keep(ScheduledRun(schedule.job, slot, 0, None, "skipped", detail))
            log.warning("a slot is left out", job=schedule.job, slot=slot.isoformat(), reason=detail)
            return False
        return (free or own is not None) and self._submit(schedule, slot, attempt=1)

    def _submit(self, schedule: Schedule, slot: datetime, *, attempt: int) -> bool:
        job_id = schedule.submission_id(slot, attempt=attempt)
        event = "a scheduled job is submitted"
        try:
            self._jobs.submit(schedule.entrypoint, submission_id=job_id)
        except StackError:
            # refused, because another scheduler, or this one before it was broken off, has submitted it
            if job_id not in {job.id for job in self._jobs.jobs()}:
                raise
            event = "a scheduled job is submitted already"
        self._record.keep(ScheduledRun(schedule.job, slot, attempt, job_id, "running"))
        log.info(event, job=schedule.job, job_id=job_id, slot=slot.isoformat())
        for old in self._record.prune(n_kept=N_KEPT):
            self._jobs.forget(old)
        return True


def _rival(schedule: Schedule, jobs: Iterable[SubmittedJob]) -> SubmittedJob | None:
    # whoever submitted it: two trainings at a time get into each other's way
    return next((job for job in jobs if not job.ended and schedule.is_kind_of(job.entrypoint)), None)
