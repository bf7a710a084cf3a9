"""Symbols and their stored candles."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from candlecast.queries import CandleQuery
from candlecast.schemas import Candle, CandlePage, SymbolStatus
from serve.api.caching import NOT_MODIFIED, cached_until
from serve.api.services import ServicesDep
from serve.api.tables import TABLE_RESPONSES, negotiated

router = APIRouter(prefix="/v1", tags=["market"])


@router.get("/symbols", summary="Followed symbols and how fresh they are")
async def list_symbols(services: ServicesDep) -> list[SymbolStatus]:
    """Return all followed symbols, in the order in which they were given."""
    reading = services.reading
    return await reading.reader.symbols(model_ready=await reading.readiness.model_ready())


@router.get(
    "/candles",
    summary="Closed candles, ascending; JSON, CSV or Parquet",
    response_model=CandlePage,
    responses={**TABLE_RESPONSES, **NOT_MODIFIED},
)
async def list_candles(
    request: Request,
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    start: Annotated[datetime | None, Query(description="RFC 3339; earliest open time")] = None,
    end: Annotated[datetime | None, Query(description="RFC 3339; latest close time")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 500,
    cursor: Annotated[str | None, Query(max_length=64, description="next_cursor of the page before")] = None,
    include_partial: Annotated[bool, Query(description="tell the running candle too, apart from the others")] = False,
) -> Response:
    """Return a page of candles; without `start` and `cursor` the newest `limit` ones.

    A timeframe that is a multiple of the followed one is answered with candles made of whole groups.
    """
    reader = services.reading.reader
    query = CandleQuery(symbol=symbol, timeframe=timeframe, start=start, end=end, limit=limit, cursor=cursor)
    page = await reader.candles(query)
    if include_partial:
        part = await services.reading.running.find(symbol, reader.timeframe)
        page = page.model_copy(update={"partial": await reader.running(symbol, timeframe, part=part)})
    answer = negotiated(request, page, rows=lambda: page.candles, row_type=Candle)
    newest = page.candles[-1].close_time if page.candles else None
    # what comes after a page that is full changes nothing in it
    until = end if page.next_cursor is None else newest
    holds_s = 0.0 if include_partial else reader.holds_s(symbol, timeframe, newest=newest, until=until)
    return cached_until(request, answer, max_age_s=holds_s)
