"""Binance spot: pages of 1,000 read as they come, and klines that say when they are closed."""

from collections.abc import Mapping
from typing import Any

from candlecast.market.venues.dialects.dialect import SPOT_ONLY, Dialect, PageRequest, PushedCandle, Rows

PAGE_CANDLES = 1_000
ROW_FIELDS = 12
WEIGHT_A_MINUTE = 6_000
USED_WEIGHT = "x-mbx-used-weight-1m"


async def _fetch_page(client: Any, request: PageRequest) -> Rows:
    query = {
        "symbol": request.market["id"], "interval": request.timeframe, "limit": PAGE_CANDLES,
        "startTime": request.first_ms, "endTime": request.end_ms - 1,
    }  # fmt: skip
    rows: Rows = await client.publicGetKlines(query)
    if not isinstance(rows, list) or any(len(row) != ROW_FIELDS for row in rows):
        raise ValueError(f"no list of rows of {ROW_FIELDS} fields")
    return rows


async def _fetch_price(client: Any, market: Mapping[str, Any]) -> Any:
    # A third of the weight of a day's ticker.
    return (await client.publicGetTickerPrice({"symbol": market["id"]}))["price"]


async def _ping(client: Any) -> None:
    await client.publicGetPing()


def _read_message(message: Any) -> tuple[PushedCandle, ...] | None:
    if not isinstance(message, dict) or message.get("e") != "kline":
        return None
    kline = message["k"]
    values = (float(kline["o"]), float(kline["h"]), float(kline["l"]), float(kline["c"]), float(kline["v"]))
    return (PushedCandle(kline["s"], int(kline["t"]), values, kline["x"] is True),)


def _used_share(headers: Mapping[str, str]) -> float | None:
    text = next((value for name, value in headers.items() if name.lower() == USED_WEIGHT), "")
    return int(text) / WEIGHT_A_MINUTE if text.isdecimal() else None


BINANCE = Dialect(
    config=SPOT_ONLY,
    paging="parallel",
    page_candles=PAGE_CANDLES,
    fetch_page=_fetch_page,
    fetch_price=_fetch_price,
    ping=_ping,
    read_message=_read_message,
    subscribe_at_once=200,
    used_share=_used_share,
)
