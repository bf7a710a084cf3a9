"""Which forecasts wait for their outcome, and what came of them? The table ``outcomes_table``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from candlecast.record.evidence import RecordCounts
from candlecast.record.outcomes import DueForecast, SeriesKey, SettledForecast, Sums, outcome_hash
from candlecast.schemas import Outcome
from candlecast.storage.postgres.database import Database

_START_OF_TIME = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
_LAST_ID = 2**62
_VALUES = tuple(Outcome.model_fields)
_DUE_FIELDS = tuple(one.name for one in fields(DueForecast))
_DUE = """
SELECT p.id, p.symbol_id, p.timeframe, p.horizon, p.model_id, s.symbol, s.calendar, p.made_at, p.as_of, p.target_time,
    p.last_close, p.p_up, p.direction, p.intervals, p.row_hash
FROM predictions_table p JOIN symbols s ON s.id = p.symbol_id
WHERE p.target_time >= %(time)s AND p.target_time <= %(until)s AND (p.target_time, p.id) > (%(time)s, %(id)s)
    AND NOT EXISTS (SELECT FROM outcomes_table o WHERE o.prediction_id = p.id)
ORDER BY p.target_time, p.id LIMIT %(limit)s
"""
_INSERT = f"""
INSERT INTO outcomes_table (prediction_id, {", ".join(_VALUES)}, row_hash) VALUES %s
ON CONFLICT DO NOTHING RETURNING prediction_id
"""
_COUNTS = """
SELECT symbol_id, timeframe, horizon, model_id,
    sum(n)::int, sum(ups)::int, sum(rises)::int, sum(ups_after_rise)::int, sum(falls)::int, sum(ups_after_fall)::int
FROM track_record_days
WHERE (symbol_id, timeframe, horizon, model_id) IN %s AND day < %s
GROUP BY symbol_id, timeframe, horizon, model_id
"""
_OUTAGES = """
SELECT symbol_id, timeframe, start_time, end_time FROM candle_gaps
WHERE status = 'outage' AND (symbol_id, timeframe) IN %s AND end_time > %s ORDER BY start_time
"""
_MARK = """
INSERT INTO settling_marks VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET settled_until = excluded.settled_until
"""
# who settles waits for whoever else does: each outcome is added to the summary once
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('settle'))"
_KEYS = {
    "track_record_days": ("symbol_id", "timeframe", "horizon", "model_id", "day"),
    "track_record_levels": ("symbol_id", "timeframe", "horizon", "model_id", "day", "level"),
    "track_record_bins": ("symbol_id", "timeframe", "horizon", "model_id", "day", "bin"),
}

Summarise = Callable[[Sequence[SettledForecast]], Sums]


class OutcomeStore:
    """The table ``outcomes_table`` and the summary that is kept with it.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def settled_until(self) -> datetime:
        """Return the time up to which every target is settled; the start of time when nothing is noted.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SELECT settled_until FROM settling_marks")
            row: tuple[datetime] | None = cursor.fetchone()
        return _START_OF_TIME if row is None else row[0]

    def note_settled(self, until: datetime) -> None:
        """Note the time up to which every target is settled.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_MARK, (until,))

    def due(
        self, *, since: datetime, until: datetime, after: DueForecast | None = None, limit: int = 2_000
    ) -> list[DueForecast]:
        """Return forecasts without an outcome whose target lies in ``(since, until]``, the earliest target first.

        Parameters
        ----------
        since, until : datetime
            Bounds of the target time, aware.
        after : DueForecast or None
            The last one of the page before.
        limit : int
            Most forecasts.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        place = (since, _LAST_ID) if after is None else (after.target_time, after.id)
        wanted = {"time": place[0], "id": place[1], "until": until, "limit": limit}
        with self._database.transaction() as cursor:
            cursor.execute(_DUE, wanted)
            return [_due(*row) for row in cursor.fetchall()]

    def outages(
        self, series: Sequence[tuple[int, str]], *, since: datetime
    ) -> dict[tuple[int, str], list[tuple[datetime, datetime]]]:
        """Return the spans for which no venue has candles, of those (symbol number, timeframe), ending after `since`.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        found: dict[tuple[int, str], list[tuple[datetime, datetime]]] = {}
        with self._database.transaction() as cursor:
            cursor.execute(_OUTAGES, (tuple(series), since))
            for symbol_id, timeframe, start, end in cursor.fetchall():
                found.setdefault((symbol_id, timeframe), []).append((start, end))
        return found

    def counts(self, series: Sequence[SeriesKey], *, before: date) -> dict[SeriesKey, RecordCounts]:
        """Return what each series and model had come to before a UTC day of `as_of`; those with nothing are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_COUNTS, (tuple(series), before))
            return {(row[0], row[1], row[2], row[3]): RecordCounts(*row[4:]) for row in cursor.fetchall()}

    def record(self, settled: Sequence[SettledForecast], *, summarise: Summarise) -> list[SettledForecast]:
        """Record outcomes and add them to the summary, all in one transaction; return those that were new.

        An outcome that is there already stays, and is not added again.

        Parameters
        ----------
        settled : sequence of SettledForecast
            Of any series and models.
        summarise : callable
            Gives what the new ones add.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        if not settled:
            return []
        rows = [_row(one) for one in settled]
        with self._database.transaction() as cursor:
            cursor.execute(_LOCK)
            known = {found[0] for found in execute_values(cursor, _INSERT, rows, page_size=len(rows), fetch=True)}
            new = [one for one in settled if one.forecast.id in known]
            if new:
                _add(cursor, summarise(new))
        return new


def _due(*values: Any) -> DueForecast:
    row = dict(zip(_DUE_FIELDS, values, strict=True))
    row["bands"] = tuple((band["level"], band["low"], band["high"]) for band in row["bands"])
    return DueForecast(**row)


def _row(settled: SettledForecast) -> tuple[object, ...]:
    outcome, forecast = settled.outcome, settled.forecast
    values = [getattr(outcome, name) for name in _VALUES]
    return (forecast.id, *values, outcome_hash(outcome, forecast.row_hash))


def _add(cursor: Cursor, sums: Sums) -> None:
    tables = zip(_KEYS.items(), (sums.days, sums.levels, sums.bins), strict=True)
    for (table, key), columns in tables:
        if rows := list(zip(*columns.values(), strict=True)):
            execute_values(cursor, _upsert(table, key, columns), rows, page_size=len(rows))


def _upsert(table: str, key: Sequence[str], columns: Mapping[str, object]) -> str:
    added = [f"{name} = kept.{name} + excluded.{name}" for name in columns if name not in key]
    return (
        f"INSERT INTO {table} AS kept ({', '.join(columns)}) VALUES %s "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(added)}"
    )
