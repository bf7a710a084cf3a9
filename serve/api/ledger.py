"""The ledger: what was forecast, and what came of it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from candlecast.queries import LedgerQuery
from candlecast.schemas import LedgerLine, LedgerPage
from serve.api.services import ServicesDep
from serve.api.tables import TABLE_RESPONSES, negotiated

router = APIRouter(prefix="/v1", tags=["record"])

_TEXT = r"^[^\x00]*$"


@router.get(
    "/forecasts",
    summary="Recorded forecasts with their outcomes, the newest target first; JSON, CSV or Parquet",
    response_model=LedgerPage,
    responses=TABLE_RESPONSES,
)
async def list_forecasts(
    request: Request,
    services: ServicesDep,
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    symbol: Annotated[
        str | None, Query(max_length=200, examples=["BTC/USDT"], description="left out: all that were followed")
    ] = None,
    horizon: Annotated[int | None, Query(ge=1, le=96, description="candles ahead; left out: any")] = None,
    model: Annotated[str | None, Query(max_length=200, pattern=_TEXT, description="id; left out: any")] = None,
    start: Annotated[datetime | None, Query(description="RFC 3339; earliest target time")] = None,
    end: Annotated[datetime | None, Query(description="RFC 3339; latest target time")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[str | None, Query(max_length=64, description="next_cursor of the page before")] = None,
) -> Response:
    """Return a page of the ledger; challengers' forecasts are in it too, each under its model's id."""
    query = LedgerQuery(
        symbol=symbol,
        timeframe=timeframe,
        horizon=horizon,
        model=model,
        start=start,
        end=end,
        limit=limit,
        cursor=cursor,
    )
    page = await services.reading.record.page(query)
    return negotiated(request, page, rows=lambda: [LedgerLine.of(item) for item in page.items], row_type=LedgerLine)
