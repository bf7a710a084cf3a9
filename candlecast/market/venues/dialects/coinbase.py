"""Coinbase Advanced without keys: pages of 300, newest first."""

from typing import Any

from candlecast.market.venues.dialects.dialect import Dialect, PageRequest, Rows

PAGE_CANDLES = 300
FIELDS = ("open", "high", "low", "close", "volume")


async def _fetch_page(client: Any, request: PageRequest) -> Rows:
    query = {
        "product_id": request.market["id"],
        "granularity": client.timeframes[request.timeframe],
        # Both ends count.
        "start": str(request.first_ms // 1_000),
        "end": str((request.end_ms - 1) // 1_000),
    }
    answer = await client.v3PublicGetBrokerageMarketProductsProductIdCandles(query)
    return [[1_000 * int(row["start"]), *(row[name] for name in FIELDS)] for row in answer["candles"]]


COINBASE = Dialect(paging="parallel", page_candles=PAGE_CANDLES, fetch_page=_fetch_page)
