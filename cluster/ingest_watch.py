"""Does the supervisor of ingestion answer, and how is its crew? Looked at by another actor, as long as both live."""

import asyncio
import time
from typing import Any

import ray
import structlog
from ray.exceptions import RayError

from cluster.detached import CALL_TIMEOUT_S, find_actor
from cluster.ingestion import describe
from cluster.resources import SUPERVISOR

SILENT_S, INTERVAL_S = 90.0, 5.0

log = structlog.get_logger(__name__)


class IngestWatch:
    """Tells what changes, and ends a supervisor that hangs, so that the cluster begins it again.

    One that is gone is not missed here: who keeps ingestion going has it begun again.

    Parameters
    ----------
    name : str
        Of the supervisor.
    silent_s : float
        Wall seconds without any answer after which it hangs; one that is being restarted answers later.
    interval_s : float
        Wall seconds between two looks.
    """

    def __init__(self, name: str = SUPERVISOR, *, silent_s: float = SILENT_S, interval_s: float = INTERVAL_S) -> None:
        self._name = name
        self._silent_s = silent_s
        self._interval_s = interval_s
        self._told = ""
        self._heard_s = time.monotonic()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._look()
            await asyncio.sleep(self._interval_s)

    async def _look(self) -> None:
        # these two wait for the cluster, which may be away
        supervisor = await asyncio.to_thread(find_actor, self._name)
        line = "" if supervisor is None else await _status_of(supervisor)
        if line is not None:
            self._heard_s = time.monotonic()
            self._tell(line)
        elif time.monotonic() - self._heard_s > self._silent_s:
            log.error("the supervisor of ingestion hangs, it is ended", silent_s=self._silent_s)
            await asyncio.to_thread(ray.kill, supervisor, no_restart=False)
            self._heard_s = time.monotonic()

    def _tell(self, line: str) -> None:
        if line and line != self._told:
            log.info(line)
        self._told = line


async def _status_of(supervisor: Any) -> str | None:
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            return describe(await supervisor.status.remote())
    except (RayError, TimeoutError):
        # it is being restarted, busy, or hangs
        return None
