"""Is the process up, and can it forecast?"""

from fastapi import APIRouter, Response

from candlecast.schemas import Readiness
from serve.api.services import ServicesDep

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process is up")
async def healthz() -> dict[str, str]:
    """Return ok; touches no dependency."""
    return {"status": "ok"}


@router.get("/readyz", summary="Each dependency and the age of the data", responses={503: {"model": Readiness}})
async def readyz(services: ServicesDep, response: Response) -> Readiness:
    """Return every check; 503 when forecasts cannot be served."""
    readiness = await services.reading.readiness.check()
    response.status_code = 200 if readiness.ready else 503
    return readiness
