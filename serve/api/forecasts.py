"""Forecasts, one or many."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from candlecast.schemas import Forecast, ForecastBatch, ForecastResult, ForecastResults
from candlecast.storage.cache import Series
from serve.api.problems import ProblemError
from serve.api.services import Services, ServicesDep

router = APIRouter(prefix="/v1/forecasts", tags=["forecasts"])


@router.get("/latest", summary="The forecast from the newest closed candle")
async def latest_forecast(
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    horizon: Annotated[int, Query(description="candles ahead")] = 1,
) -> Forecast:
    """Return the recorded forecast; the first call for a candle makes and records it."""
    [result] = await _forecasts(services, [(symbol, timeframe, horizon)])
    if result.problem is not None:
        raise ProblemError(status=result.problem.status, title=result.problem.title, detail=result.problem.detail)
    assert result.forecast is not None
    return result.forecast


@router.post("", summary="Up to 1,000 forecasts; each failed item carries its problem")
async def forecast_batch(batch: ForecastBatch, services: ServicesDep) -> ForecastResults:
    """Return one result for each item, in order."""
    items = [(item.symbol, item.timeframe, item.horizon) for item in batch.items]
    return ForecastResults(items=await _forecasts(services, items))


async def _forecasts(services: Services, wanted: Sequence[Series]) -> list[ForecastResult]:
    known = await services.reading.forecasts.find(wanted)
    missing = list(dict.fromkeys(series for series in wanted if series not in known))
    results = {series: ForecastResult(forecast=forecast) for series, forecast in known.items()}
    if missing:
        answers = [ForecastResult(**answer) for answer in await services.forecaster.forecasts.remote(missing)]
        results |= zip(missing, answers, strict=True)
        await services.reading.forecasts.keep([answer.forecast for answer in answers if answer.forecast is not None])
    return [results[series] for series in wanted]
