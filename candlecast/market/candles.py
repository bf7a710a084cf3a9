"""What is a candle? Symbols, timeframes and the frame that every part passes on.

A candles frame is a ``pandas.DataFrame``, ascending by ``open_time``, with the columns of
`CANDLE_COLUMNS`: ``open_time`` and ``close_time`` (``datetime64[us, UTC]``), ``open``, ``high``,
``low``, ``close``, ``volume`` (float64, in quote and base units of the venue). A crypto candle is
half-open ``[open_time, close_time)``. Only closed candles are stored.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import pandas as pd

from candlecast.errors import InvalidRequestError

AssetClass = Literal["crypto", "stock"]
# stream: pushed at its close · rest: asked for in time, or history · failover: from another than the home venue ·
# late: got well after its close · repaired: fills a hole, or replaces what was stored
Quality = Literal["stream", "rest", "failover", "late", "repaired"]

TIMEFRAMES_S: dict[str, int] = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}
PRICE_COLUMNS = ("open", "high", "low", "close", "volume")
CANDLE_COLUMNS = ("open_time", "close_time", *PRICE_COLUMNS)
TIME_DTYPE = "datetime64[us, UTC]"

_MAX_NAME = 40
_NAME = re.compile(r"[A-Z0-9]+/[A-Z0-9]+|\^?[A-Z0-9][A-Z0-9.\-=]*")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A market that is followed: its name, kind, home venue and calendar."""

    name: str
    asset_class: AssetClass
    venue: str
    calendar: str

    @classmethod
    def parse(cls, name: str, *, home: str = "binance") -> "Symbol":
        """Read ``BTC/USDT`` as a crypto pair of the venue `home`, ``AAPL`` as a stock of New York.

        Raises
        ------
        InvalidRequestError
            When `name` is neither ``BASE/QUOTE`` nor a ticker of letters, digits and ``. - ^ =``.
        """
        text = name.strip().upper()
        if len(text) > _MAX_NAME or not _NAME.fullmatch(text):
            shown = repr(name[:_MAX_NAME])
            raise InvalidRequestError(f"symbol {shown} is not a symbol; write a pair as BTC/USDT, a stock as AAPL")
        if "/" in text:
            return cls(text, "crypto", home, "24/7")
        return cls(text, "stock", "yahoo", "XNYS")


def timeframe_s(timeframe: str) -> int:
    """Return the length of `timeframe` in seconds.

    Raises
    ------
    InvalidRequestError
        When `timeframe` is none of `TIMEFRAMES_S`; the message lists them.
    """
    if timeframe not in TIMEFRAMES_S:
        near = get_close_matches(timeframe, TIMEFRAMES_S, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InvalidRequestError(f"timeframe must be one of {', '.join(TIMEFRAMES_S)}, was {timeframe[:20]!r}{hint}")
    return TIMEFRAMES_S[timeframe]


def empty_candles() -> pd.DataFrame:
    """Return a candles frame with no row."""
    times = {name: pd.Series(dtype=TIME_DTYPE) for name in ("open_time", "close_time")}
    return pd.DataFrame(times | {name: pd.Series(dtype="float64") for name in PRICE_COLUMNS})
