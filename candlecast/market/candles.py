"""What is a candle? The frame that every part passes on.

A candles frame is a ``pandas.DataFrame``, ascending by ``open_time``, with the columns of
`CANDLE_COLUMNS`: ``open_time`` and ``close_time`` (``datetime64[us, UTC]``), ``open``, ``high``,
``low``, ``close``, ``volume`` (float64, in quote and base units of the venue). A crypto candle is
half-open ``[open_time, close_time)``. Only closed candles are stored.
"""

from typing import Literal

import pandas as pd

# stream: pushed at its close · rest: asked for in time, or history · failover: from another than the home venue ·
# late: got well after its close · repaired: fills a hole, or replaces what was stored
Quality = Literal["stream", "rest", "failover", "late", "repaired"]

PRICE_COLUMNS = ("open", "high", "low", "close", "volume")
CANDLE_COLUMNS = ("open_time", "close_time", *PRICE_COLUMNS)
TIME_DTYPE = "datetime64[us, UTC]"


def empty_candles() -> pd.DataFrame:
    """Return a candles frame with no row."""
    times = {name: pd.Series(dtype=TIME_DTYPE) for name in ("open_time", "close_time")}
    return pd.DataFrame(times | {name: pd.Series(dtype="float64") for name in PRICE_COLUMNS})
