"""Can anyone tell that the record was not touched? Rows of the ledger and the chain of their hashes.

Each row holds the SHA-256 of what it says and of the hash of the row before it, in its series
(symbol, timeframe, horizon) and model. So no row can be changed, dropped or slipped in later
without breaking every hash that follows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from candlecast.schemas import Forecast

GENESIS = "0" * 64

Series = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is recorded: a forecast and the digest of the features that it was made from."""

    forecast: Forecast
    features_digest: str

    @property
    def series(self) -> Series:
        """Symbol, timeframe, horizon and model: what has a chain of its own."""
        forecast = self.forecast
        return (forecast.symbol, forecast.timeframe, forecast.horizon, forecast.model.id)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A recorded entry; `id` ascends in the order of recording."""

    id: int
    entry: LedgerEntry
    row_hash: str
    previous_hash: str


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """A row of the ledger that does not fit, and why; id 0 stands for the end of the chain."""

    row_id: int
    reason: str


def row_hash(entry: LedgerEntry, previous_hash: str) -> str:
    """Return the SHA-256, in hexadecimal, of `previous_hash` and the content of `entry`.

    The content is JSON with sorted keys, times in UTC with microseconds, floats in their shortest
    exact form; NaN counts as null and minus zero as zero. Algorithm and training time of the model
    belong to the model's row, not to the content.
    """
    forecast = entry.forecast
    content = forecast.model_dump(exclude={"model", "data"}) | {
        "model_id": forecast.model.id,
        "coverage_recent": forecast.model.coverage_recent,
        "data": forecast.data.model_dump(),
        "features_digest": entry.features_digest,
        "previous_hash": previous_hash,
    }
    plain = orjson.dumps(content, default=_in_utc, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    # A decimal column knows no minus zero.
    for end in (b",", b"}"):
        plain = plain.replace(b":-0.0" + end, b":0.0" + end)
    return sha256(plain).hexdigest()


def verify_chain(rows: Iterable[LedgerRow], *, head: str | None = None) -> list[ChainBreak]:
    """Recompute the chain of one series.

    Parameters
    ----------
    rows : iterable of LedgerRow
        All rows of one series and model, in the order of recording.
    head : str, optional
        Hash that the last row must have; finds rows cut off at the end.

    Returns
    -------
    list of ChainBreak
        Empty when the record is whole.
    """
    breaks = []
    expected = GENESIS
    for row in rows:
        if row.previous_hash != expected:
            breaks.append(ChainBreak(row.id, "does not follow the row before it: a row was removed or slipped in"))
        if row_hash(row.entry, row.previous_hash) != row.row_hash:
            breaks.append(ChainBreak(row.id, "does not match its own hash: it was changed"))
        expected = row.row_hash
    if head is not None and expected != head:
        breaks.append(ChainBreak(0, "the last row is not the head of the chain: rows were cut off"))
    return breaks


def _in_utc(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"a row of the ledger holds no {type(value).__name__}")
