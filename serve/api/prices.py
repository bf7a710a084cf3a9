"""Live prices."""

from typing import Annotated

from fastapi import APIRouter, Query

from candlecast.schemas import PriceResults
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["market"])

_LONGEST_LIST = 20_000


@router.get("/prices", summary="Live price, its 24 h change, source and age; an unknown symbol carries its problem")
async def list_prices(
    services: ServicesDep,
    symbols: Annotated[
        str, Query(max_length=_LONGEST_LIST, description="comma-separated; empty: all", examples=["BTC/USDT,AAPL"])
    ] = "",
) -> PriceResults:
    """Return one result for each symbol, in order."""
    names = [name.strip().upper() for name in symbols.split(",") if name.strip()]
    return await services.reading.prices.prices(names)
