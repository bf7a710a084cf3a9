"""What becomes of rows that a venue sent? Candles are stored, the rest is kept aside with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from candlecast.market.candles import CANDLE_COLUMNS, Quality
from candlecast.market.symbols import Symbol
from candlecast.market.validation import SERIES, validate_candles
from candlecast.storage.postgres.candle_writes import Written
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.quarantine import QuarantineStore

# a venue's clock may run ahead of ours by this much before its closed candles are called early
CLOCK_TOLERANCE = timedelta(seconds=2)
ORIGIN_COLUMNS = ("source", "quality", "known_at")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Rows that came in together, ready to be judged.

    Parameters
    ----------
    rows : DataFrame of shape (n, 12)
        ``symbol_id``, `CANDLE_COLUMNS`, `ORIGIN_COLUMNS` and the flag ``revises``; no running candle.
    """

    rows: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Taken:
    """What `Intake.take` did.

    Parameters
    ----------
    candles : DataFrame
        Accepted rows with all columns of the deliveries, ascending within each symbol.
    n_rejected : int
        Rows that went to the quarantine.
    written : Written
        How many candles were new, revised, unchanged.
    """

    candles: pd.DataFrame
    n_rejected: int
    written: Written


@dataclass(frozen=True, slots=True)
class Origin:
    """How rows came here.

    Parameters
    ----------
    symbol_id : int
        Whose candles.
    source, quality : str
        Where they come from, and how.
    asked_at, received_at : datetime
        Market times of the question and the answer. A candle that closed in between may be running
        in the answer.
    live_since : datetime
        Candles that closed later are known since `received_at`; earlier ones are history, known
        since their close.
    """

    symbol_id: int
    source: str
    quality: Quality
    asked_at: datetime
    received_at: datetime
    live_since: datetime


def deliver(frame: pd.DataFrame, origin: Origin, *, only_missing: bool = False) -> Delivery:
    """Return what a venue answered for one symbol, without what ran when it was asked.

    Parameters
    ----------
    frame : DataFrame
        Candles frame.
    origin : Origin
        What its rows are marked with.
    only_missing : bool
        Whether stored candles stay as they are: rows of another than the home venue fill holes, they
        never revise.
    """
    running = (frame["open_time"] <= origin.received_at) & (frame["close_time"] > origin.asked_at)
    rows = frame.loc[~running, list(CANDLE_COLUMNS)].copy()
    rows.insert(0, SERIES, origin.symbol_id)
    history = rows["close_time"] <= origin.live_since
    known_at = rows["close_time"].where(history, pd.Timestamp(origin.received_at))
    rows = rows.assign(source=origin.source, quality=origin.quality, known_at=known_at, revises=not only_missing)
    return Delivery(rows)


class Intake:
    """Validates, stores and sets aside; used from one thread at a time.

    Parameters
    ----------
    timeframe : str
        Of all rows.
    symbols : mapping of int to Symbol
        The symbols by their database number.
    candles : CandleStore
        Takes what is sound.
    quarantine : QuarantineStore
        Takes the rest.
    """

    def __init__(
        self, *, timeframe: str, symbols: Mapping[int, Symbol], candles: CandleStore, quarantine: QuarantineStore
    ) -> None:
        self._timeframe = timeframe
        self._symbols = symbols
        self._candles = candles
        self._quarantine = quarantine
        self._newest: dict[int, tuple[pd.Timestamp, float]] = {}

    def take(self, deliveries: Sequence[Delivery], *, now: datetime) -> Taken:
        """Judge and store rows; either all sound ones are stored, or none and it raises.

        Parameters
        ----------
        deliveries : sequence of Delivery
            In the order in which they came; of two rows for one candle the later one counts.
        now : datetime
            Market time; candles that close later than `CLOCK_TOLERANCE` after it are refused.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        rows = pd.concat([delivery.rows for delivery in deliveries], ignore_index=True)
        parts = [self._judge(part, like, now) for part, like in self._by_kind(rows)]
        if not parts:
            return Taken(rows, 0, Written(0, 0, 0))
        candles = pd.concat([part[0] for part in parts], ignore_index=True)
        rejected = pd.concat([part[1] for part in parts], ignore_index=True)
        if len(rejected):
            self._set_aside(rejected, now)
        origin = {name: candles[name] for name in ORIGIN_COLUMNS}
        written = self._candles.upsert_many(self._timeframe, candles, **origin)
        self._remember(candles)
        return Taken(candles, len(rejected), written)

    def _judge(self, rows: pd.DataFrame, like: Symbol, now: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
        firsts = rows.groupby(SERIES)["open_time"].min()
        before = {
            number: self._newest[number][1]
            for number, first in zip(firsts.index.tolist(), firsts.tolist(), strict=True)
            if number in self._newest and self._newest[number][0] < first
        }
        judged = validate_candles(
            rows,
            symbol=like,
            timeframe=self._timeframe,
            now=now + CLOCK_TOLERANCE,
            previous_close=before,
            said_closed=True,
        )
        return judged.candles, judged.rejected

    def _by_kind(self, rows: pd.DataFrame) -> list[tuple[pd.DataFrame, Symbol]]:
        # one validation for all symbols of a kind: its cost hardly grows with the rows
        kinds: dict[tuple[str, str], list[int]] = {}
        for number in rows[SERIES].unique():
            symbol = self._symbols[int(number)]
            kinds.setdefault((symbol.asset_class, symbol.calendar), []).append(int(number))
        if len(kinds) == 1:
            return [(rows, self._symbols[numbers[0]]) for numbers in kinds.values()]
        return [(rows[rows[SERIES].isin(numbers)], self._symbols[numbers[0]]) for numbers in kinds.values()]

    def _set_aside(self, rejected: pd.DataFrame, now: datetime) -> None:
        origins = rejected[[SERIES, "source"]].drop_duplicates()
        for number, source in zip(origins[SERIES].tolist(), origins["source"].tolist(), strict=True):
            mine = rejected[(rejected[SERIES] == number) & (rejected["source"] == source)]
            self._quarantine.add(number, self._timeframe, mine, source=source, seen_at=now)

    def _remember(self, candles: pd.DataFrame) -> None:
        newest = candles.drop_duplicates(SERIES, keep="last")
        columns = (newest[SERIES].tolist(), newest["open_time"].tolist(), newest["close"].tolist())
        for number, opened, close in zip(*columns, strict=True):
            if number not in self._newest or self._newest[number][0] < opened:
                self._newest[number] = (opened, close)
