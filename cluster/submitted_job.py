"""A job as the cluster knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

_SUCCEEDED, _FAILED = "SUCCEEDED", "FAILED"
_ENDED = (_SUCCEEDED, _FAILED, "STOPPED")


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
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Return what the Jobs API tells of a submitted job."""
        return cls(
            id=told["submission_id"],
            entrypoint=told["entrypoint"],
            status=told["status"],
            message=told.get("message"),
            exit_code=told.get("driver_exit_code"),
            started_at=_moment(told.get("start_time")),
            ended_at=_moment(told.get("end_time")),
        )

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self.status in _ENDED

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return self.status == _SUCCEEDED

    @property
    def lost(self) -> bool:
        """Whether it ended because its node or its worker died, not by itself."""
        return self.status == _FAILED and self.exit_code is None


def _moment(at_ms: int | None) -> datetime | None:
    return None if not at_ms else datetime.fromtimestamp(at_ms / 1_000, UTC)
