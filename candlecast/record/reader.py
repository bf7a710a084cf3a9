"""Answers what was recorded: pages of the ledger, and the track record, as of the market time."""

import asyncio
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from candlecast.clock import Clock
from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.timeframes import timeframe_s
from candlecast.queries import LedgerQuery, TrackRecordQuery
from candlecast.record.track_record import COST_BPS, track_records
from candlecast.schemas import LedgerItem, LedgerPage, TrackRecords
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.record import PageOfLedger, RecordedRow, RecordStore
from candlecast.storage.postgres.track_record import RecordScope, TrackRecordStore

_WINDOW = re.compile(r"([1-9][0-9]{0,3})d")
_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# the end of the year 9999
_LAST_US = 253_402_300_799_000_000


class RecordReader:
    """Reads the ledger with its outcomes, and what they add up to.

    Parameters
    ----------
    database : Database
        Where ledger and summary lie.
    clock : Clock
        Market time.
    symbols : collection of str
        The followed symbols.
    """

    def __init__(self, database: Database, *, clock: Clock, symbols: Collection[str]) -> None:
        self._rows = RecordStore(database)
        self._sums = TrackRecordStore(database)
        self._models = ModelStore(database)
        self._clock = clock
        self._symbols = symbols

    async def page(self, query: LedgerQuery) -> LedgerPage:
        """Return one page of recorded forecasts, the newest target first; `next_cursor` is None on the last one.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the query names something that is not followed, or its bounds or cursor make no sense.
        StorageError
            When the database does not answer.
        """
        self._check(query.symbol, query.timeframe)
        start, end = _aware("start", query.start), _aware("end", query.end)
        if start is not None and end is not None and start > end:
            raise InvalidRequestError(f"start must not be after end, was {start.isoformat()} and {end.isoformat()}")
        wanted = PageOfLedger(
            symbol=query.symbol,
            timeframe=query.timeframe,
            horizon=query.horizon,
            model_id=query.model,
            start=start,
            end=end,
            before=_before(query.cursor),
            # one row more than wanted tells that there is a next page
            limit=query.limit + 1,
        )
        return _page(await asyncio.to_thread(self._rows.page, wanted), limit=query.limit)

    async def track_record(self, query: TrackRecordQuery) -> TrackRecords:
        """Return the record of each timeframe, horizon and model that the query names, the champions first.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the query names something that is not followed, or the window makes no sense.
        StorageError
            When the database does not answer.
        """
        self._check(query.symbol, query.timeframe)
        scope = RecordScope(
            symbol=query.symbol,
            timeframe=query.timeframe,
            horizon=query.horizon,
            model_id=query.model,
            since=_since(query.window, self._clock.now()),
            by_symbol=query.by_symbol,
        )
        return await asyncio.to_thread(self._records, scope, query)

    def _records(self, scope: RecordScope, query: TrackRecordQuery) -> TrackRecords:
        champions = frozenset(one.id for one in self._models.list(scope.timeframe) if one.status == "champion")
        items = track_records(self._sums.summary(scope), champions=champions, days=query.days)
        return TrackRecords(window=query.window, cost_bps=COST_BPS, items=items)

    def _check(self, symbol: str | None, timeframe: str | None) -> None:
        if timeframe is not None:
            timeframe_s(timeframe)
        if symbol is not None and symbol not in self._symbols:
            raise UnknownSymbolError(symbol, self._symbols)


def _page(found: list[RecordedRow], *, limit: int) -> LedgerPage:
    kept = found[:limit]
    items = [
        LedgerItem(
            id=one.row.id,
            forecast=one.row.entry.forecast,
            features_digest=one.row.entry.features_digest,
            row_hash=one.row.row_hash,
            previous_hash=one.row.previous_hash,
            outcome=one.outcome,
        )
        for one in kept
    ]
    return LedgerPage(items=items, next_cursor=_cursor(kept[-1]) if len(found) > limit else None)


def _cursor(last: RecordedRow) -> str:
    target_us = (last.row.entry.forecast.target_time - _EPOCH) // timedelta(microseconds=1)
    return f"{target_us}-{last.row.id}"


def _before(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    told = _CURSOR.fullmatch(cursor)
    target_us = _LAST_US if told is None else int(told[1])
    if told is None or target_us >= _LAST_US:
        raise InvalidRequestError(f"cursor {cursor[:20]!r} is not a cursor; take next_cursor of the page before")
    return _EPOCH + timedelta(microseconds=target_us), int(told[2])


def _since(window: str, now: datetime) -> date | None:
    if window == "all":
        return None
    told = _WINDOW.fullmatch(window)
    if told is None:
        raise InvalidRequestError(f"window must be 1d to 9999d, or all, was {window[:20]!r}")
    return (now - timedelta(days=int(told[1]))).date()


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        text = moment.isoformat()
        raise InvalidRequestError(f"{name} must carry a time zone, was {text}; write {text}Z")
    return moment
