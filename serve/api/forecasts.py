"""Forecasts, one or many."""

from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from candlecast.forecasts.known import Answer
from candlecast.schemas import Forecast, ForecastBatch, ForecastResults
from serve.api.admission import wait_elsewhere
from serve.api.caching import NOT_MODIFIED, is_held
from serve.api.described import problems
from serve.api.problems import ProblemError
from serve.api.services import ServicesDep
from serve.api.shortcut import life_headers

router = APIRouter(prefix="/v1/forecasts", tags=["forecasts"])


@router.get(
    "/latest",
    summary="The forecast from the newest closed candle",
    response_model=Forecast,
    responses={**NOT_MODIFIED, **problems(409)},
)
async def latest_forecast(
    request: Request,
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    horizon: Annotated[int, Query(description="candles ahead")] = 1,
) -> Response:
    """Return the recorded forecast; while a newer one is being made, the one before it, which says how old it is."""
    forecasts, series = services.reading.forecasts, (symbol, timeframe, horizon)
    [answer] = await forecasts.answers([series], ask=services.ask_forecaster)
    if isinstance(answer, dict):
        raise ProblemError(status=answer["status"], title=answer["title"], detail=answer["detail"])
    known = forecasts.board.find(series)
    headers = {} if known is None else life_headers(known)
    if known is not None and is_held(request, known.etag):
        return Response(status_code=304, headers=headers)
    return Response(answer, media_type="application/json", headers=headers)


@router.post(
    "",
    summary="Up to 1,000 forecasts; each failed item carries its problem",
    response_model=ForecastResults,
    responses=problems(408),
)
async def forecast_batch(request: Request, batch: ForecastBatch, services: ServicesDep) -> Response:
    """Return one result for each item, in order."""
    wanted = [(item.symbol, item.timeframe, item.horizon) for item in batch.items]
    forecasts = services.reading.forecasts
    if not all(map(forecasts.board.knows, wanted)):
        wait_elsewhere(request.scope)
    answers = await forecasts.answers(wanted, ask=services.ask_forecaster)
    # already the wire models' JSON: not worth reading again here
    return Response(_joined(answers), media_type="application/json")


def _joined(answers: Sequence[Answer]) -> bytes:
    parts = [
        b'{"forecast":%b,"problem":null}' % answer
        if isinstance(answer, bytes)
        else b'{"forecast":null,"problem":%b}' % orjson.dumps(answer)
        for answer in answers
    ]
    return b'{"items":[%b]}' % b",".join(parts)
