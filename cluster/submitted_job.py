"""A job as the cluster knows it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from ray.job_submission import JobDetails, JobStatus


@dataclass(frozen=True, slots=True)
class SubmittedJob:
    """One submission.

    Parameters
    ----------
    id : str
        As it was submitted, or given by the cluster.
    entrypoint : str
        Shell command.
    status : str
        PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.
    message : str or None
        What the cluster says of it.
    exit_code : int or None
        Of its driver; None while that runs, and when it was lost with its node.
    started_at, ended_at : datetime or None
        Wall time, aware UTC.
    """

    id: str
    entrypoint: str
    status: str
    message: str | None = None
    exit_code: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def of(cls, job: JobDetails) -> Self:
        """Return what Ray's client tells of a submitted job."""
        return cls(
            id=str(job.submission_id),
            entrypoint=job.entrypoint,
            status=job.status.value,
            message=job.message,
            exit_code=job.driver_exit_code,
            started_at=_moment(job.start_time),
            ended_at=_moment(job.end_time),
        )

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return JobStatus(self.status).is_terminal()

    @property
    def lost(self) -> bool:
        """Whether it ended because its node or its worker died, not by itself."""
        return self.status == JobStatus.FAILED and self.exit_code is None


def _moment(at_ms: int | None) -> datetime | None:
    return None if not at_ms else datetime.fromtimestamp(at_ms / 1_000, UTC)
