"""Live prices."""

from typing import Annotated

from fastapi import APIRouter, Query

from candlecast.errors import InvalidRequestError
from candlecast.schemas import PriceResults
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["market"])

_LONGEST_LIST = 20_000
# as many as one batch of forecasts holds; near names are looked for of each that is not known
_MOST_NAMES = 1_000


@router.get("/prices", summary="Live price, its 24 h change, source and age; an unknown symbol carries its problem")
async def list_prices(
    services: ServicesDep,
    symbols: Annotated[
        str,
        Query(
            max_length=_LONGEST_LIST, description="comma-separated, up to 1,000; empty: all", examples=["BTC/USDT,AAPL"]
        ),
    ] = "",
) -> PriceResults:
    """Return one result for each symbol, in order."""
    names = [name.strip().upper() for name in symbols.split(",") if name.strip()]
    if len(names) > _MOST_NAMES:
        raise InvalidRequestError(f"symbols must name at most {_MOST_NAMES}, were {len(names)}; ask in parts")
    return await services.reading.prices.prices(names)
