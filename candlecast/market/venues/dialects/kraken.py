"""Kraken: never more than the newest 720 candles, in one call."""

from typing import Any

from candlecast.market.timeframes import timeframe_s
from candlecast.market.venues.dialects.dialect import Dialect, PageRequest, Rows


async def _fetch_page(client: Any, request: PageRequest) -> Rows:
    step_s = timeframe_s(request.timeframe)
    # `since` is the newest candle that the caller has already.
    since_s = max(0, request.first_ms // 1_000 - step_s)
    answer = await client.publicGetOHLC({"pair": request.market["id"], "interval": step_s // 60, "since": since_s})
    # Kraken may name the pair otherwise than it was asked.
    [rows] = (rows for name, rows in answer["result"].items() if name != "last")
    return [[1_000 * opened, *prices, volume] for opened, *prices, _, volume, _ in rows]


KRAKEN = Dialect(paging="single", fetch_page=_fetch_page)
