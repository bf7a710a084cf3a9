"""How is a forecast laid out in the ledger's table? The two directions between entries and rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor

from candlecast.forecasts.ledger import LedgerEntry, LedgerRow
from candlecast.schemas import DataState, Forecast, ModelRef
from candlecast.storage.postgres.json_column import json_value

Key = tuple[int, str, int, str, datetime]

_KEY = ("symbol_id", "timeframe", "horizon", "model_id", "as_of")
_PLAIN = (
    *("made_at", "target_time", "last_close", "p_up", "direction", "abstain_reason"),
    *("expected_log_return", "expected_volatility"),
)
_JSON = ("intervals", "sentiment", "drivers")
_REST = ("coverage_recent", "data_age_s", "data_stale", "data_source", "features_digest", "row_hash", "previous_hash")

INSERT = f"INSERT INTO predictions_table ({', '.join(_KEY + _PLAIN + _JSON + _REST)}) VALUES %s"

_NAMES = ("id", "symbol", "algorithm", "trained_at", *_KEY, *_PLAIN, *_JSON, *_REST)
_COLUMNS = ", ".join(f"p.{name}" for name in _KEY + _PLAIN + _JSON + _REST)
_SELECT = f"""
SELECT p.id, s.symbol, m.algorithm, m.trained_at, {_COLUMNS}
FROM predictions_table p JOIN symbols s ON s.id = p.symbol_id JOIN model_metadata m ON m.id = p.model_id
WHERE """
# arrays make one index look-up a row; a list of rows would be planned anew, condition by condition
_WANTED = "unnest(%s::int[], %s::text[], %s::int[], %s::text[]"
_SELECT_KEYS = f"""
SELECT p.id, s.symbol, m.algorithm, m.trained_at, {_COLUMNS}
FROM {_WANTED}, %s::timestamptz[]) AS wanted (symbol_id, timeframe, horizon, model_id, as_of)
JOIN predictions_table p USING (symbol_id, timeframe, horizon, model_id, as_of)
JOIN symbols s ON s.id = p.symbol_id JOIN model_metadata m ON m.id = p.model_id
"""
_SELECT_NEWEST = f"""
SELECT p.id, s.symbol, m.algorithm, m.trained_at, {_COLUMNS}
FROM {_WANTED}) AS wanted (symbol_id, timeframe, horizon, model_id), LATERAL (
    SELECT * FROM predictions_table
    WHERE symbol_id = wanted.symbol_id AND timeframe = wanted.timeframe
        AND horizon = wanted.horizon AND model_id = wanted.model_id
    ORDER BY as_of DESC LIMIT 1
) p JOIN symbols s ON s.id = p.symbol_id JOIN model_metadata m ON m.id = p.model_id
"""


def key(entry: LedgerEntry, numbers: Mapping[str, int]) -> Key:
    """Return what is unique to a forecast; `numbers` are the symbols' by name."""
    forecast = entry.forecast
    return (numbers[forecast.symbol], forecast.timeframe, forecast.horizon, forecast.model.id, forecast.as_of)


def values(unique: Key, entry: LedgerEntry, hashes: tuple[str, str]) -> tuple[object, ...]:
    """Return the row for `INSERT`; `hashes` are its own and the previous one."""
    forecast = entry.forecast
    plain = [getattr(forecast, name) for name in _PLAIN]
    parts = (forecast.intervals, [forecast.sentiment], forecast.drivers)
    intervals, [sentiment], drivers = ([part.__dict__ for part in some] for some in parts)
    jsons = map(json_value, (intervals, sentiment, drivers))
    data = forecast.data
    rest = (forecast.model.coverage_recent, data.age_s, data.stale, data.source, entry.features_digest, *hashes)
    return (*unique, *plain, *jsons, *rest)


def by_key(cursor: Cursor, keys: Sequence[Key]) -> dict[Key, LedgerRow]:
    """Return the recorded rows among `keys`."""
    if not keys:
        return {}
    cursor.execute(_SELECT_KEYS, [list(part) for part in zip(*keys, strict=True)])
    return _by_key(cursor)


def newest(cursor: Cursor, series: Sequence[tuple[int, str, int, str]]) -> dict[Key, LedgerRow]:
    """Return the recorded row with the newest `as_of` of each series: symbol, timeframe, horizon and model."""
    if not series:
        return {}
    cursor.execute(_SELECT_NEWEST, [list(part) for part in zip(*series, strict=True)])
    return _by_key(cursor)


def _by_key(cursor: Cursor) -> dict[Key, LedgerRow]:
    found = [dict(zip(_NAMES, row, strict=True)) for row in cursor.fetchall()]
    return {
        (row["symbol_id"], row["timeframe"], row["horizon"], row["model_id"], row["as_of"]): _row(row) for row in found
    }


def select(cursor: Cursor, condition: str, parameters: Sequence[object]) -> list[LedgerRow]:
    """Return the rows that meet `condition`, over the aliases p (predictions), s (symbols), m (models)."""
    cursor.execute(_SELECT + condition, tuple(parameters))
    return [_row(dict(zip(_NAMES, row, strict=True))) for row in cursor.fetchall()]


def _row(row: dict[str, Any]) -> LedgerRow:
    shared = {name: row[name] for name in ("symbol", "timeframe", "horizon", "as_of", *_PLAIN, *_JSON)}
    model = ModelRef(
        id=row["model_id"],
        algorithm=row["algorithm"],
        trained_at=row["trained_at"],
        coverage_recent=row["coverage_recent"],
    )
    data = DataState(age_s=row["data_age_s"], stale=row["data_stale"], source=row["data_source"])
    entry = LedgerEntry(Forecast(**shared, model=model, data=data), row["features_digest"])
    return LedgerRow(row["id"], entry, row["row_hash"], row["previous_hash"])
