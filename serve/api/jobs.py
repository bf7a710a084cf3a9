"""Jobs of the cluster: trainings and searches that are asked for, and how far they are."""

import asyncio
import hashlib
import shlex
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response

from candlecast.errors import StackError
from candlecast.job_progress import JobState
from candlecast.schemas import JobAccepted, TrainRequest, TuneRequest
from candlecast.settings import Settings
from serve.api.access import ADMIN
from serve.api.problems import ProblemError
from serve.api.services import Services, ServicesDep

if TYPE_CHECKING:
    from cluster.submit import ClusterClient

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@lru_cache(maxsize=1)
def cluster_client() -> "ClusterClient":
    """Return the replica's client of its cluster, made when first asked for; tests override this dependency."""
    # most replicas are never asked for a job
    from cluster.submit import ClusterClient

    return ClusterClient(Settings().cluster)


ClusterDep = Annotated["ClusterClient", Depends(cluster_client)]
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"headers": {"Location": {"schema": {"type": "string"}, "description": "where the job stands"}}}
}


@router.post("/train", status_code=202, summary="Train a model", dependencies=[ADMIN], responses=_ACCEPTED)
async def train(wanted: TrainRequest, services: ServicesDep, cluster: ClusterDep, answer: Response) -> JobAccepted:
    """Submit a training; an equal one that runs already is the answer then."""
    options = wanted.model_dump(exclude_none=True, exclude={"symbols"})
    return await _submit("train", _with_symbols(services, options, wanted.symbols), cluster, answer)


@router.post(
    "/tune", status_code=202, summary="Search parameters, then train", dependencies=[ADMIN], responses=_ACCEPTED
)
async def tune(wanted: TuneRequest, services: ServicesDep, cluster: ClusterDep, answer: Response) -> JobAccepted:
    """Submit a search; an equal one that runs already is the answer then, a broken-off one goes on."""
    options = wanted.model_dump(exclude_none=True, exclude={"symbols"})
    return await _submit("tune", _with_symbols(services, options, wanted.symbols), cluster, answer)


@router.get("/{job_id}", summary="Status, progress and newest log lines of a job", dependencies=[ADMIN])
async def job(
    job_id: Annotated[str, Path(pattern=r"^[\w.-]{1,100}$", description="as it was answered, or printed first")],
    cluster: ClusterDep,
    tail: Annotated[int, Query(ge=0, le=1_000, description="log lines")] = 50,
) -> JobState:
    """Return how a job stands; a job that the cluster does not know is a 404."""
    try:
        found = await asyncio.to_thread(cluster.state, job_id, tail=tail)
    except StackError as error:
        raise _unavailable(error) from error
    if found is None:
        raise HTTPException(404, f"job {job_id!r} is not known to the cluster")
    return found


def _with_symbols(services: Services, options: Mapping[str, object], symbols: list[str] | None) -> dict[str, object]:
    # a name that is not followed never reaches a command line
    for name in symbols or ():
        services.reading.reader.symbol_id(name)
    return {**options, "symbols": ",".join(dict.fromkeys(symbols))} if symbols else dict(options)


async def _submit(
    verb: Literal["train", "tune"], options: Mapping[str, object], cluster: "ClusterClient", answer: Response
) -> JobAccepted:
    flags = [f"--{name}={value}" for name, value in sorted(options.items())]
    entrypoint = shlex.join(["python", "-m", f"jobs.{verb}", *flags])
    order = hashlib.blake2b(entrypoint.encode(), digest_size=6).hexdigest()
    try:
        job_id, submitted = await asyncio.to_thread(cluster.submit_once, entrypoint, prefix=f"{verb}-{order}-")
    except StackError as error:
        raise _unavailable(error) from error
    answer.headers["Location"] = f"/v1/jobs/{job_id}"
    return JobAccepted(id=job_id, submitted=submitted)


def _unavailable(error: StackError) -> ProblemError:
    return ProblemError(status=503, title="Cluster unavailable", detail=str(error))
