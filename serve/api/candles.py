"""Symbols and their stored candles."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from candlecast.market.reader import CandleQuery
from candlecast.schemas import CandlePage, SymbolStatus
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["market"])


@router.get("/symbols", summary="Followed symbols and how fresh they are")
async def list_symbols(services: ServicesDep) -> list[SymbolStatus]:
    """Return all followed symbols, in the order in which they were given."""
    reading = services.reading
    return await reading.reader.symbols(model_ready=await reading.readiness.model_ready())


@router.get("/candles", summary="Closed candles, ascending")
async def list_candles(
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    timeframe: Annotated[str, Query(max_length=200, examples=["1h"])],
    start: Annotated[datetime | None, Query(description="RFC 3339; earliest open time")] = None,
    end: Annotated[datetime | None, Query(description="RFC 3339; latest close time")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 500,
    cursor: Annotated[str | None, Query(max_length=64, description="next_cursor of the page before")] = None,
) -> CandlePage:
    """Return a page of candles; without `start` and `cursor` the newest `limit` ones."""
    query = CandleQuery(symbol, timeframe, start=start, end=end, limit=limit, cursor=cursor)
    return await services.reading.reader.candles(query)
