"""How good the forecasts were, beside naive ones."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from candlecast.queries import TrackRecordQuery
from candlecast.schemas import TrackRecords
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["record"])


@router.get("/track-record", summary="Figures of the settled forecasts, each beside its baselines")
async def read_track_record(
    services: ServicesDep,
    symbol: Annotated[str | None, Query(max_length=200, examples=["BTC/USDT"])] = None,
    timeframe: Annotated[str | None, Query(max_length=200, examples=["1h"])] = None,
    horizon: Annotated[int | None, Query(ge=1, le=96, description="candles ahead")] = None,
    model: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="id")] = None,
    window: Annotated[str, Query(max_length=200, description="days back, as 30d, or all", examples=["30d"])] = "30d",
    by: Annotated[Literal["symbol"] | None, Query(description="symbol: one record a symbol")] = None,
    days: Annotated[bool, Query(description="tell what each UTC day came to as well")] = False,
) -> TrackRecords:
    """Return one record a timeframe, horizon and model; what is left out of the query is any."""
    query = TrackRecordQuery(
        symbol=symbol,
        timeframe=timeframe,
        horizon=horizon,
        model=model,
        window=window,
        by_symbol=by is not None,
        days=days,
    )
    return await services.reading.record.track_record(query)
