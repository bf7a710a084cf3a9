"""What is a forecast that waits for its outcome, and how is an outcome bound to it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from candlecast.schemas import Direction, Outcome

# symbol number, timeframe, horizon, model: what has a chain and a track record of its own
SeriesKey = tuple[int, str, int, str]
Band = tuple[float, float, float]

# tenths of P(up) in which promises are compared with what happened
N_BINS = 10


@dataclass(frozen=True, slots=True)
class DueForecast:
    """A recorded forecast whose target time has passed, as far as settling needs it.

    Parameters
    ----------
    id : int
        Of its row in the ledger.
    symbol_id, timeframe, horizon, model_id
        Its series and model.
    symbol, calendar : str
        Name of the symbol, and when it trades.
    made_at, as_of, target_time : datetime
        As recorded, aware UTC.
    last_close, p_up : float
        As recorded.
    direction : str
        As recorded.
    bands : tuple of (level, low, high)
        The intervals, in quote currency.
    row_hash : str
        Hash of the row.
    """

    id: int
    symbol_id: int
    timeframe: str
    horizon: int
    model_id: str
    symbol: str
    calendar: str
    made_at: datetime
    as_of: datetime
    target_time: datetime
    last_close: float
    p_up: float
    direction: Direction
    bands: tuple[Band, ...]
    row_hash: str

    @property
    def series(self) -> SeriesKey:
        """What has a chain and a track record of its own."""
        return (self.symbol_id, self.timeframe, self.horizon, self.model_id)


@dataclass(frozen=True, slots=True)
class SettledForecast:
    """A forecast and what came of it."""

    forecast: DueForecast
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Sums:
    """What settled forecasts add to the track record: column by column, one row a series, model and day.

    Parameters
    ----------
    days : mapping of str to sequence
        Columns of ``track_record_days``.
    levels : mapping of str to sequence
        Columns of ``track_record_levels``, a row for each level.
    bins : mapping of str to sequence
        Columns of ``track_record_bins``, a row for each tenth of P(up) that occurs.
    """

    days: Mapping[str, Sequence[Any]]
    levels: Mapping[str, Sequence[Any]]
    bins: Mapping[str, Sequence[Any]]


def outcome_hash(outcome: Outcome, forecast_hash: str) -> str:
    """Return the SHA-256, in hexadecimal, of an outcome and the hash of its forecast's row.

    The content is JSON with sorted keys, times in UTC with microseconds, floats in their shortest
    exact form; minus zero counts as zero.
    """
    content = {name: _canonical(value) for name, value in outcome.model_dump().items()}
    return sha256(orjson.dumps(content | {"forecast": forecast_hash}, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value + 0.0 if isinstance(value, float) else value
