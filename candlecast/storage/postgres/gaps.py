"""Which candles are missing, who was asked for them, and what came of it? The table ``candle_gaps``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_batch

from candlecast.market.gaps import Hole
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gap_changes import Changes, Gap, GapStatus, overlaps, plan_changes

_SELECT = """
SELECT gap.id, symbol_id, symbol, timeframe,
    start_time, end_time, n_candles, noticed_at, status, venues_asked, attempts, asked_at, settled_at
FROM candle_gaps gap JOIN symbols ON symbols.id = symbol_id
"""
_VALUES = "start_time, end_time, n_candles, noticed_at, status, venues_asked, attempts, asked_at, settled_at"
_CHANGE = f"UPDATE candle_gaps SET ({_VALUES}) = (%s, %s, %s, %s, %s, %s, %s, %s, %s) WHERE id = %s"
_ADD = f"""
INSERT INTO candle_gaps ({_VALUES}, symbol_id, timeframe) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_REPAIR = "UPDATE candle_gaps SET status = 'repaired', settled_at = %s WHERE id = ANY(%s)"
_ASKED = """
UPDATE candle_gaps SET attempts = attempts + 1, asked_at = %s,
    venues_asked = CASE WHEN %s = ANY(venues_asked) THEN venues_asked ELSE venues_asked || %s::text END
WHERE id = ANY(%s) AND status <> 'repaired'
"""
_OUTAGE = "UPDATE candle_gaps SET status = 'outage', settled_at = %s WHERE id = ANY(%s) AND status = 'open'"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGap(Gap):
    """A gap of the ledger: the number of its row, its symbol and timeframe beside what is known of it."""

    id: int
    symbol_id: int
    symbol: str
    timeframe: str


StoredGaps = list[StoredGap]


class GapStore:
    """The table ``candle_gaps``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def widen(self, symbol_id: int, timeframe: str, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Return a span made as wide as the unrepaired gaps that reach over its edges: the one to look through.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            edges = [(gap.hole.start, gap.hole.end) for gap in _unrepaired(cursor, symbol_id, timeframe, start, end)]
        return min([start, *(edge[0] for edge in edges)]), max([end, *(edge[1] for edge in edges)])

    def record(
        self,
        symbol_id: int,
        timeframe: str,
        holes: Sequence[Hole],
        *,
        span: tuple[datetime, datetime],
        noticed_at: datetime,
    ) -> StoredGaps:
        """Bring the ledger up to what is missing now.

        New holes are added as open. A gap that shrank or fell into parts keeps what is known of it,
        one that grew is open and unasked again, one that is gone is repaired.

        Parameters
        ----------
        symbol_id : int
            Number of the symbol.
        timeframe : str
            Timeframe of the series.
        holes : sequence of Hole
            All holes of the series in `span`, as from `find_holes`.
        span : tuple of two datetimes
            What was looked through; `widen` gives one. A gap that reaches over its edges stays as
            it is, and holes in it are not recorded.
        noticed_at : datetime
            Market time.

        Returns
        -------
        list of StoredGap
            The open ones and the outages in `span`, ascending.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('candle_gaps ' || %s), %s)", (timeframe, symbol_id))
            stored = _unrepaired(cursor, symbol_id, timeframe, *span)
            inside = [gap for gap in stored if span[0] <= gap.hole.start and gap.hole.end <= span[1]]
            edges = [gap.hole for gap in stored if gap not in inside]
            seen = [hole for hole in holes if not any(overlaps(hole, edge) for edge in edges)]
            changes = plan_changes({gap.id: gap for gap in inside}, seen, noticed_at=noticed_at)
            _apply(cursor, changes, series=(symbol_id, timeframe), now=noticed_at)
            return _unrepaired(cursor, symbol_id, timeframe, *span)

    def mark_asked(self, gap_ids: Sequence[int], *, venue: str, asked_at: datetime) -> None:
        """Note that `venue` was asked for all of these gaps and the answer is stored.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_ASKED, (asked_at, venue, venue, list(gap_ids)))

    def mark_outage(self, gap_ids: Sequence[int], *, settled_at: datetime) -> int:
        """Settle those of these gaps that are open as outages; return how many they were.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_OUTAGE, (settled_at, list(gap_ids)))
            return cursor.rowcount

    def list(
        self, timeframe: str | None = None, status: GapStatus | None = None, symbol_id: int | None = None
    ) -> StoredGaps:
        """Return gaps by symbol, timeframe and start; None stands for any.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        condition = """timeframe = coalesce(%s, timeframe) AND status = coalesce(%s, status)
            AND symbol_id = coalesce(%s, symbol_id)"""
        with self._database.transaction() as cursor:
            return _select(cursor, condition, (timeframe, status, symbol_id))


def _unrepaired(cursor: Cursor, symbol_id: int, timeframe: str, start: datetime, end: datetime) -> StoredGaps:
    condition = "symbol_id = %s AND timeframe = %s AND status <> 'repaired' AND end_time > %s AND start_time < %s"
    return _select(cursor, condition, (symbol_id, timeframe, start, end))


def _select(cursor: Cursor, condition: str, parameters: Sequence[object]) -> StoredGaps:
    cursor.execute(f"{_SELECT} WHERE {condition} ORDER BY symbol, timeframe, start_time, gap.id", tuple(parameters))
    return [_stored_gap(*row) for row in cursor.fetchall()]


def _stored_gap(number: int, symbol_id: int, symbol: str, timeframe: str, *values: Any) -> StoredGap:
    start, end, n_candles, noticed_at, status, venues, attempts, asked_at, settled_at = values
    return StoredGap(
        Hole(start, end, n_candles),
        noticed_at,
        status=status,
        venues_asked=tuple(venues),
        attempts=attempts,
        asked_at=asked_at,
        settled_at=settled_at,
        id=number,
        symbol_id=symbol_id,
        symbol=symbol,
        timeframe=timeframe,
    )


def _apply(cursor: Cursor, changes: Changes, *, series: tuple[int, str], now: datetime) -> None:
    # What leaves goes first: no two unrepaired gaps may have one start at any moment.
    cursor.execute(_REPAIR, (now, changes.repaired))
    cursor.execute("DELETE FROM candle_gaps WHERE id = ANY(%s)", (changes.merged,))
    execute_batch(cursor, _CHANGE, [(*_values(gap), number) for number, gap in changes.changed.items()])
    execute_batch(cursor, _ADD, [(*_values(gap), *series) for gap in changes.added])


def _values(gap: Gap) -> tuple[object, ...]:
    hole = (gap.hole.start, gap.hole.end, gap.hole.n_candles)
    asked = (list(gap.venues_asked), gap.attempts, gap.asked_at)
    return (*hole, gap.noticed_at, gap.status, *asked, gap.settled_at)
