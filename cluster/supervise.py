"""Keeps ingestion going on a cluster from outside of it, and follows a job to its end."""

import asyncio
import time
from collections.abc import Callable

import structlog

from candlecast.clock import wall_s
from cluster.resources import DUTIES, SUPERVISOR
from cluster.submit import ClusterClient

INGEST = "python -m jobs.ingest"
_JOBS = "ingest-"
_ACTORS = {SUPERVISOR, DUTIES}
_LOOK_INTERVAL_S = 2.0
_AGAIN_AFTER_S = 5.0
_EARLIER_TIMEOUT_S = 30.0

log = structlog.get_logger(__name__)


def keep_ingesting(
    cluster: ClusterClient, entrypoint: str = INGEST, *, stopped: Callable[[], bool] = lambda: False
) -> None:
    """Have ingestion begun by a job that ends, and begun again whenever an actor of it is gone.

    A job that fails is logged with its last line and submitted again after a pause. Ctrl-C and SIGTERM have
    ingestion stopped by another job, whose end is not waited for.

    Parameters
    ----------
    cluster : ClusterClient
        Where candles shall be followed.
    entrypoint : str
        Shell command of the job.
    stopped : callable
        Asked before each look; True ends the looking, and leaves ingestion alone.

    Raises
    ------
    StackError
        When the cluster does not answer.
    """
    begun = False
    try:
        while not stopped():
            if not (begun and cluster.actors() >= _ACTORS):
                begun = _begin(cluster, entrypoint)
            time.sleep(_LOOK_INTERVAL_S)
    except KeyboardInterrupt:
        cluster.submit(f"{INGEST} --stop", submission_id=_new_id())
        raise


def _begin(cluster: ClusterClient, entrypoint: str) -> bool:
    # an earlier one may stop what this one begins; one that was lost with its cluster looks pending for long
    deadline_s = time.monotonic() + _EARLIER_TIMEOUT_S
    while cluster.running(_JOBS) and time.monotonic() < deadline_s:
        time.sleep(_LOOK_INTERVAL_S)
    job_id = cluster.submit(entrypoint, submission_id=_new_id())
    log.info("ingestion is begun", job=job_id, entrypoint=entrypoint)
    while (status := cluster.status(job_id)) in ("PENDING", "RUNNING"):
        time.sleep(_LOOK_INTERVAL_S)
    if status == "SUCCEEDED":
        return True
    log.error("ingestion has not begun, it is tried again", job=job_id, status=status, last=cluster.last_line(job_id))
    time.sleep(_AGAIN_AFTER_S)
    return False


def _new_id() -> str:
    return f"{_JOBS}{wall_s() * 1_000:.0f}"


def follow(cluster: ClusterClient, entrypoint: str, *, show: Callable[[str], None]) -> int:
    """Submit `entrypoint`, show its id and each line that it prints, and return its exit code.

    Ctrl-C stops the job.

    Raises
    ------
    StackError
        When the cluster does not answer or refuses the job.
    """
    job_id = cluster.submit(entrypoint)
    show(f"job {job_id}")

    async def tail() -> None:
        async for line in cluster.logs(job_id):
            show(line)

    try:
        asyncio.run(tail())
    except KeyboardInterrupt:
        cluster.stop(job_id)
        raise
    return cluster.exit_code(job_id)
