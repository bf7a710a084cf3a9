"""How do many symbols share one way into the database? Whatever waits is written together."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from candlecast.clock import Clock
from candlecast.errors import StorageError
from candlecast.ingest.intake import Delivery, Intake, Taken
from candlecast.market.calendars import close_times, to_times
from candlecast.market.candles import PRICE_COLUMNS, Quality
from candlecast.market.validation import SERIES
from candlecast.telemetry.meters import CANDLE_WRITE_S, CANDLES_WAITING

logger = logging.getLogger(__name__)

MAX_PUSHED = 20_000
SHORT_ROWS = 20
RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Pushed:
    """A closed candle as a stream told it.

    Parameters
    ----------
    symbol_id : int
        Whose candle.
    open_us : int
        Its open, microseconds since 1970.
    values : tuple of 5 floats
        Open, high, low, close, volume.
    source, quality : str
        Where it comes from, and how.
    received_at : datetime
        Market time at which it came.
    """

    symbol_id: int
    open_us: int
    values: tuple[float, float, float, float, float]
    source: str
    quality: Quality
    received_at: datetime


@dataclass(frozen=True, slots=True)
class _Asked:
    delivery: Delivery
    done: "asyncio.Future[Taken]"


@dataclass(slots=True)
class _Waiting:
    pushed: list[Pushed] = field(default_factory=list)
    asked: list[_Asked] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        return len(self.pushed) + sum(len(one.delivery.rows) for one in self.asked)


class CandleWriter:
    """Collects while it writes: one transaction at a time, with all that streams pushed meanwhile.

    Parameters
    ----------
    intake : Intake
        Judges and stores.
    clock : Clock
        Market time.
    timeframe, calendar : str
        Of the candles that streams push.
    on_taken : callable
        Told of each write, on the event loop.
    """

    def __init__(
        self, *, intake: Intake, clock: Clock, timeframe: str, calendar: str, on_taken: Callable[[Taken], None]
    ) -> None:
        self._intake = intake
        self._clock = clock
        self._timeframe = timeframe
        self._calendar = calendar
        self._on_taken = on_taken
        self._waiting = _Waiting()
        self._wake = asyncio.Event()

    def push(self, candle: Pushed) -> None:
        """Take a closed candle of a stream.

        Beyond `MAX_PUSHED` that wait for a database which is down, the candle is left to the REST
        watchdog, which asks for all that is not stored.
        """
        if len(self._waiting.pushed) < MAX_PUSHED:
            self._waiting.pushed.append(candle)
            self._wake.set()

    async def write(self, delivery: Delivery) -> pd.DataFrame:
        """Return the rows of `delivery` that were accepted, once they are stored.

        Waits as long as the database is down.
        """
        if delivery.rows.empty:
            return delivery.rows
        asked = _Asked(delivery, asyncio.get_running_loop().create_future())
        self._waiting.asked.append(asked)
        self._wake.set()
        candles = (await asked.done).candles
        mine = candles[SERIES].isin(delivery.rows[SERIES]) & candles["open_time"].isin(delivery.rows["open_time"])
        return candles[mine]

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, _Waiting()
            CANDLES_WAITING.set(waiting.n_rows)
            # what a stream pushed goes first: it is the newest, and it takes the least
            if waiting.pushed:
                await self._write([self._frame(waiting.pushed)])
            for lot in _lots(waiting.asked):
                taken = await self._write([asked.delivery for asked in lot])
                for asked in lot:
                    if not asked.done.done():
                        asked.done.set_result(taken)
            CANDLES_WAITING.set(self._waiting.n_rows)

    async def _write(self, deliveries: list[Delivery]) -> Taken:
        while True:
            try:
                with CANDLE_WRITE_S.time():
                    taken = await asyncio.to_thread(self._intake.take, deliveries, now=self._clock.now())
            except StorageError as error:
                n_rows = sum(len(delivery.rows) for delivery in deliveries)
                logger.warning("candles wait for the database, trying again (%d rows): %s", n_rows, error)
                await asyncio.sleep(RETRY_S)
            else:
                self._on_taken(taken)
                return taken

    def _frame(self, pushed: list[Pushed]) -> Delivery:
        opens = to_times(np.array([candle.open_us for candle in pushed], dtype=np.int64))
        rows = pd.DataFrame({SERIES: [candle.symbol_id for candle in pushed], "open_time": opens})
        rows["close_time"] = close_times(opens, timeframe=self._timeframe, calendar=self._calendar)
        rows[list(PRICE_COLUMNS)] = np.array([candle.values for candle in pushed], dtype=np.float64)
        for name in ("source", "quality"):
            rows[name] = pd.Series([getattr(candle, name) for candle in pushed], dtype="category")
        received = pd.DatetimeIndex([candle.received_at for candle in pushed]).as_unit("us")
        # our clock may be behind the venue's; a candle is never known before its close
        rows["revises"] = True
        rows["known_at"] = np.maximum(received, pd.DatetimeIndex(rows["close_time"]))
        return Delivery(rows)


def _lots(asked: list[_Asked]) -> list[list[_Asked]]:
    # A write reads what is stored between its first and last open, of all its symbols: long answers go alone.
    short = [one for one in asked if len(one.delivery.rows) <= SHORT_ROWS]
    return [*([short] if short else []), *([one] for one in asked if len(one.delivery.rows) > SHORT_ROWS)]
