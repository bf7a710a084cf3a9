"""Keeps a never-ending Ray Job running: submits it, watches it, submits it again."""

import asyncio
import time
from collections.abc import Callable

import structlog

from candlecast.clock import wall_s
from cluster.submit import ClusterClient

_POLL_INTERVAL_S = 2.0
_RESTART_DELAY_S = 5.0
_STOP_INTERVAL_S = 0.25
_STOP_TIMEOUT_S = 15.0

log = structlog.get_logger(__name__)


def keep_running(
    cluster: ClusterClient, entrypoint: str, *, name: str, stopped: Callable[[], bool] = lambda: False
) -> None:
    """Run `entrypoint` as a job for as long as `stopped` says no.

    Jobs of the same name that an earlier, killed owner left running are stopped first. A job that
    ends or fails is logged with its last line and submitted again after a pause; when this function
    is told to stop it stops the job too.

    Parameters
    ----------
    cluster : ClusterClient
        The cluster that runs the job.
    entrypoint : str
        Shell command of the job.
    name : str
        Prefix of the job's id.
    stopped : callable
        Asked every two wall seconds.

    Raises
    ------
    StackError
        When the cluster does not answer.
    """
    _stop_earlier(cluster, f"{name}-")
    while not stopped():
        job_id = cluster.submit(entrypoint, submission_id=f"{name}-{wall_s() * 1_000:.0f}")
        log.debug("job submitted", job=job_id, entrypoint=entrypoint)
        try:
            _watch(cluster, job_id, stopped=stopped)
        finally:
            if cluster.status(job_id) in ("PENDING", "RUNNING"):
                cluster.stop(job_id)


def _stop_earlier(cluster: ClusterClient, prefix: str) -> None:
    # until they have ended: what an earlier job stops at its end, a later one may have started
    deadline_s = time.monotonic() + _STOP_TIMEOUT_S
    for job_id in cluster.running(prefix):
        cluster.stop(job_id)
    while cluster.running(prefix) and time.monotonic() < deadline_s:
        time.sleep(_STOP_INTERVAL_S)


def _watch(cluster: ClusterClient, job_id: str, *, stopped: Callable[[], bool]) -> None:
    while not stopped():
        if (status := cluster.status(job_id)) not in ("PENDING", "RUNNING"):
            log.error("job ended, submitting it again", job=job_id, status=status, last=cluster.last_line(job_id))
            time.sleep(_RESTART_DELAY_S)
            return
        time.sleep(_POLL_INTERVAL_S)


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
