"""Jobs of the cluster: how far they are."""

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from candlecast.errors import StackError
from candlecast.job_progress import JobState
from candlecast.settings import Settings
from serve.api.problems import ProblemError

if TYPE_CHECKING:
    from cluster.submit import ClusterClient

router = APIRouter(prefix="/v1", tags=["jobs"])


@lru_cache(maxsize=1)
def cluster_client() -> "ClusterClient":
    """Return the replica's client of its cluster, made when first asked for; tests override this dependency."""
    # most replicas are never asked for a job
    from cluster.submit import ClusterClient

    return ClusterClient(Settings().cluster)


@router.get("/jobs/{job_id}", summary="Status, progress and newest log lines of a job")
async def job(
    job_id: Annotated[str, Path(pattern=r"^[\w.-]{1,100}$", description="as `candlecast tune` prints it first")],
    cluster: Annotated["ClusterClient", Depends(cluster_client)],
    tail: Annotated[int, Query(ge=0, le=1_000, description="log lines")] = 50,
) -> JobState:
    """Return how a job stands; a job that the cluster does not know is a 404."""
    try:
        found = await asyncio.to_thread(cluster.state, job_id, tail=tail)
    except StackError as error:
        raise ProblemError(status=503, title="Cluster unavailable", detail=str(error)) from error
    if found is None:
        raise HTTPException(404, f"job {job_id!r} is not known to the cluster")
    return found
