"""Forecasts, one or many."""

from typing import Annotated

from fastapi import APIRouter, Query

from candlecast.schemas import Forecast, ForecastBatch, ForecastResult, ForecastResults
from serve.api.problems import ProblemError
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1/forecasts", tags=["forecasts"])


@router.get("/latest", summary="The forecast from the newest closed candle")
async def latest_forecast(
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    horizon: Annotated[int, Query(description="candles ahead")] = 1,
) -> Forecast:
    """Return the recorded forecast; the first call for a candle makes and records it."""
    [answer] = await services.forecaster.forecasts.remote([(symbol, timeframe, horizon)])
    result = ForecastResult(**answer)
    if result.problem is not None:
        raise ProblemError(status=result.problem.status, title=result.problem.title, detail=result.problem.detail)
    assert result.forecast is not None
    return result.forecast


@router.post("", summary="Up to 1,000 forecasts; each failed item carries its problem")
async def forecast_batch(batch: ForecastBatch, services: ServicesDep) -> ForecastResults:
    """Return one result for each item, in order."""
    items = [(item.symbol, item.timeframe, item.horizon) for item in batch.items]
    answers = await services.forecaster.forecasts.remote(items)
    return ForecastResults(items=[ForecastResult(**answer) for answer in answers])
