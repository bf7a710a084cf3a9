"""Whose track record does the address of the page ask for?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from candlecast.queries import LedgerQuery, TrackRecordQuery
from candlecast.schemas import TrackRecord
from ui.address import Address

WINDOWS = {"7d": "7 days", "30d": "30 days", "90d": "90 days", "365d": "a year", "all": "all"}
DEFAULT_WINDOW = "30d"
_LONGEST_HORIZON = 96


@dataclass(frozen=True, slots=True)
class WantedRecord:
    """Whose record a reader wants to see.

    Parameters
    ----------
    window : str
        A name of `WINDOWS`.
    symbol : str or None
        None: all together.
    timeframe, model : str or None
        None: that of a serving model.
    horizon : int
        Candles ahead.
    """

    window: str
    horizon: int
    symbol: str | None = None
    timeframe: str | None = None
    model: str | None = None

    @classmethod
    def of(cls, address: Address, *, horizon: int) -> "WantedRecord":
        """Read the address; what makes no sense there counts as absent."""
        window = address.text("window")
        return cls(
            window=window if window in WINDOWS else DEFAULT_WINDOW,
            horizon=_horizon(address.text("horizon")) or horizon,
            symbol=address.text("symbol") or None,
            timeframe=address.text("tf") or None,
            model=address.text("model").replace("\x00", "") or None,
        )

    def choose(self, records: Sequence[TrackRecord]) -> TrackRecord | None:
        """Return the record on show: what fits model, timeframe and horizon best, a champion's first."""
        fits = {"model_id": self.model, "timeframe": self.timeframe, "horizon": self.horizon}
        left = list(records)
        for name, value in fits.items():
            left = [record for record in left if value is not None and getattr(record, name) == value] or left
        return next(iter(sorted(left, key=lambda record: (not record.champion, -record.n))), None)

    def series(self, choice: TrackRecord, *, symbol: str | None, by_symbol: bool = False) -> TrackRecordQuery:
        """Return the question for the record of one model and horizon."""
        return TrackRecordQuery(
            symbol=symbol,
            timeframe=choice.timeframe,
            horizon=choice.horizon,
            model=choice.model_id,
            window=self.window,
            by_symbol=by_symbol,
            days=not by_symbol,
        )

    def ledger(self, choice: TrackRecord, *, limit: int, start: datetime | None = None) -> LedgerQuery:
        """Return the question for the forecasts behind a record, the newest target first."""
        return LedgerQuery(
            symbol=self.symbol,
            timeframe=choice.timeframe,
            horizon=choice.horizon,
            model=choice.model_id,
            start=start,
            limit=limit,
        )

    def about(self, choice: TrackRecord) -> str:
        """Return what names the record on show."""
        fields = (self.symbol or "all symbols", choice.timeframe, f"{choice.horizon}", choice.model_id, self.window)
        return " ".join(fields)

    def query(self, choice: TrackRecord) -> str:
        """Return the address that asks for exactly the record on show."""
        told = {"tf": choice.timeframe, "horizon": str(choice.horizon), "model": choice.model_id, "window": self.window}
        return urlencode(told | ({"symbol": self.symbol} if self.symbol else {}))


def window_start(window: str, now: datetime) -> datetime | None:
    """Return the first moment of a window as the API counts it: whole UTC days; None for all."""
    if window == "all":
        return None
    day = (now.astimezone(UTC) - timedelta(days=int(window.removesuffix("d")))).date()
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _horizon(text: str) -> int | None:
    horizon = int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0
    return horizon if 1 <= horizon <= _LONGEST_HORIZON else None
