"""OKX spot: pages of 300; its candles say when they are closed."""

from typing import Any

from candlecast.market.venues.dialects.dialect import Dialect, PushedCandle

CHANNEL = "candle"
CONFIG = {
    # The zone is said by the name of the timeframe, which streams know too.
    "options": {"fetchMarkets": {"types": ["spot"]}, "fetchOHLCV": {"timezone": "HK"}},
    # OKX's plain days begin at midnight in Hong Kong.
    "timeframes": {"1d": "1Dutc"},
}


def _read_message(message: Any) -> list[PushedCandle] | None:
    # An answer to a subscription names the channel too, but has no data.
    if not isinstance(message, dict) or "data" not in message:
        return None
    told = message.get("arg") or {}
    if not str(told.get("channel", "")).startswith(CHANNEL):
        return None
    return [_read_candle(told["instId"], row) for row in message["data"]]


def _read_candle(market_id: str, row: list[str]) -> PushedCandle:
    opened, high, low, close, volume = (float(text) for text in row[1:6])
    # The last field is "1" when the candle is final.
    return PushedCandle(market_id, int(row[0]), (opened, high, low, close, volume), row[8] == "1")


OKX = Dialect(config=CONFIG, paging="parallel", page_candles=300, read_message=_read_message)
