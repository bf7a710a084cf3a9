"""How far is each series known without a hole, and when is its next candle due?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from candlecast.market.calendars import ALWAYS_OPEN, target_time
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s


@dataclass(slots=True)
class Progress:
    """Where one followed series stands.

    Parameters
    ----------
    symbol : Symbol
        Which one.
    symbol_id : int
        Its database number.
    timeframe : str
        Of its candles.
    whole_until : datetime, optional
        Close up to which every candle was stored, or asked for and not there; None: nothing yet.
    open_of_newest : datetime, optional
        Open of the candle that closes at `whole_until`.
    streaming : bool
        Whether the present connection tells of this symbol, and no candle before it is missing.
    asking : bool
        Whether a REST call for it is under way.
    ask_at_s : float
        Monotonic second before which REST is not asked again.
    failures : int
        REST calls in a row that brought nothing new.
    source, quality : str
        Of the newest stored candle.
    """

    symbol: Symbol
    symbol_id: int
    timeframe: str
    whole_until: datetime | None = None
    open_of_newest: datetime | None = None
    streaming: bool = False
    asking: bool = False
    ask_at_s: float = 0.0
    failures: int = 0
    source: str = ""
    quality: str = ""

    @property
    def length(self) -> timedelta:
        """Length of a candle."""
        return timedelta(seconds=timeframe_s(self.timeframe))

    def next_close(self) -> datetime | None:
        """Return when the candle after `whole_until` closes, None when nothing is stored yet."""
        if self.whole_until is None:
            return None
        if self.symbol.calendar == ALWAYS_OPEN:
            return self.whole_until + self.length
        return target_time(self.whole_until, timeframe=self.timeframe, horizon=1, calendar=self.symbol.calendar)

    def overdue(self, now: datetime) -> timedelta:
        """Return for how long the next candle has been closed, negative before; the longest when nothing is stored."""
        due = self.next_close()
        return timedelta.max if due is None else now - due

    def stored(self, *, opened: datetime, closed: datetime, source: str, quality: str) -> None:
        """Note a stored candle; only the one that comes next moves `whole_until`."""
        if self.whole_until is None or closed == self.next_close():
            self._reach(opened=opened, closed=closed, source=source, quality=quality)

    def asked(self, *, opened: datetime, closed: datetime, source: str, quality: str) -> None:
        """Note the newest candle of a REST answer that began at `whole_until`: what it lacks is a matter of review."""
        if self.whole_until is None or closed > self.whole_until:
            self._reach(opened=opened, closed=closed, source=source, quality=quality)

    def _reach(self, *, opened: datetime, closed: datetime, source: str, quality: str) -> None:
        self.whole_until, self.open_of_newest = closed, opened
        self.source, self.quality = source, quality
        self.failures, self.ask_at_s = 0, 0.0
