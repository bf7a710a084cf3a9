"""Bybit spot: pages of 1,000; its klines say when they are closed."""

from typing import Any

from candlecast.market.venues.dialects.dialect import SPOT_ONLY, Dialect, PushedCandle

TOPIC = "kline."
NAMES = ("open", "high", "low", "close", "volume")


def _read_message(message: Any) -> list[PushedCandle] | None:
    topic = message.get("topic") if isinstance(message, dict) else None
    if topic is None or not topic.startswith(TOPIC):
        return None
    market_id = topic.rpartition(".")[2]
    return [_read_candle(market_id, candle) for candle in message["data"]]


def _read_candle(market_id: str, candle: Any) -> PushedCandle:
    opened, high, low, close, volume = (float(candle[name]) for name in NAMES)
    return PushedCandle(market_id, int(candle["start"]), (opened, high, low, close, volume), candle["confirm"] is True)


BYBIT = Dialect(
    config=SPOT_ONLY,
    paging="parallel",
    page_candles=1_000,
    read_message=_read_message,
    # Bybit refuses a spot subscription of more.
    subscribe_at_once=10,
)
