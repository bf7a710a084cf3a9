"""Trained models: what is known of them, and which one serves."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from candlecast.model_desk import detail
from candlecast.reading import publish_promoted
from candlecast.schemas import ModelDetail, ModelPage, ModelState, RollbackRequest
from candlecast.storage.postgres.model_pages import ModelQuery
from candlecast.storage.postgres.models import ModelRecord
from serve.api.access import ADMIN
from serve.api.services import Services, ServicesDep

router = APIRouter(prefix="/v1/models", tags=["models"])

ModelId = Annotated[str, Path(pattern=r"^[\w.-]{1,100}$", description="as /v1/models lists it")]


@router.get("", summary="Models, newest first")
async def list_models(
    services: ServicesDep,
    timeframe: Annotated[str | None, Query(max_length=8, pattern=r"^\w*$")] = None,
    horizon: Annotated[int | None, Query(ge=1, le=96, description="candles ahead")] = None,
    status: ModelState | None = None,
    cursor: Annotated[str | None, Query(max_length=128, description="next_cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> ModelPage:
    """Return a page of models; one model by itself tells its figures too."""
    wanted = ModelQuery(timeframe=timeframe, horizon=horizon, status=status, limit=limit)
    return await services.reading.models.page(wanted, cursor=cursor)


@router.get("/{model_id}", summary="Metrics, importance, parameters, data span and digest of one model")
async def one_model(model_id: ModelId, services: ServicesDep) -> ModelDetail:
    """Return all that is known of a model, but not where its files lie."""
    found = await services.reading.models.find(model_id)
    if found is None:
        raise _unknown(model_id)
    return found


@router.post("/rollback", summary="Let the champion before the present one serve again", dependencies=[ADMIN])
async def roll_back(wanted: RollbackRequest, services: ServicesDep) -> ModelDetail:
    """Return the model that serves now; asked again, the one before that."""
    return await _announced(services, await services.reading.models.roll_back(wanted.timeframe, wanted.horizon))


@router.post("/{model_id}/promote", summary="Let a model serve, whatever its figures say", dependencies=[ADMIN])
async def promote(model_id: ModelId, services: ServicesDep) -> ModelDetail:
    """Return the model, now champion of its timeframe and horizon; every replica loads it within seconds."""
    record = await services.reading.models.promote(model_id)
    if record is None:
        raise _unknown(model_id)
    return await _announced(services, record)


async def _announced(services: Services, record: ModelRecord) -> ModelDetail:
    reading = services.reading
    await publish_promoted(reading.cache, reading.reader.names, record)
    return detail(record)


def _unknown(model_id: str) -> HTTPException:
    return HTTPException(404, f"model {model_id!r} is not registered; /v1/models lists those that are")
