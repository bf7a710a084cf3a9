"""Indicators for charts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from candlecast.schemas import IndicatorSeries
from serve.api.caching import NOT_MODIFIED, cached_until
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["market"])


@router.get(
    "/indicators",
    summary="Indicators aligned with the candles",
    response_model=IndicatorSeries,
    responses={**NOT_MODIFIED},
)
async def list_indicators(
    request: Request,
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    names: Annotated[
        str, Query(max_length=4_000, description="comma-separated groups or columns of docs/indicators.md")
    ] = "rsi,macd,bollinger",
    limit: Annotated[int, Query(ge=1, le=5_000)] = 500,
) -> Response:
    """Return each column at the newest `limit` closed candles; null while an indicator is not known yet."""
    reading = services.reading
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    found = await reading.indicators.series(symbol, timeframe, names=wanted, limit=limit)
    answer = Response(found.model_dump_json(), media_type="application/json")
    newest = found.close_times[-1] if found.close_times else None
    return cached_until(request, answer, max_age_s=reading.reader.holds_s(symbol, timeframe, newest=newest))
