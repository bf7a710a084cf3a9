"""What do the settled forecasts add up to? The summary tables, summed over days and symbols as asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from psycopg2.extensions import cursor as Cursor

from candlecast.storage.postgres.database import Database

_GROUP = ("timeframe", "horizon", "model_id")
_DAY_SUMS = (
    *("n", "n_unsettled", "ups", "hits", "calls", "call_hits", "rises", "ups_after_rise", "falls", "ups_after_fall"),
    *("fills", "call_fills", "last_fills"),
    *("brier", "log_loss", "brier_always_up", "log_loss_always_up", "brier_last_direction", "log_loss_last_direction"),
    *("edge_bps", "edge_always_up_bps", "edge_last_direction_bps"),
)
_LEVEL_SUMS = (
    *("n", "covered", "width", "score"),
    *("histvol_n", "histvol_covered", "histvol_width", "histvol_score"),
)
_BIN_SUMS = ("n", "p_up", "ups")
_WHERE = """
WHERE (%(symbol)s::text IS NULL OR s.symbol = %(symbol)s)
    AND (%(timeframe)s::text IS NULL OR t.timeframe = %(timeframe)s)
    AND (%(horizon)s::integer IS NULL OR t.horizon = %(horizon)s)
    AND (%(model)s::text IS NULL OR t.model_id = %(model)s)
"""
_MISSES = f"""
SELECT t.timeframe, t.horizon, t.model_id, {{symbol}}, count(*)
FROM forecast_misses t JOIN symbols s ON s.id = t.symbol_id
{_WHERE} AND t.as_of >= coalesce(%(since)s::date, '-infinity'::date) GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScope:
    """Whose record is wanted; None stands for any.

    Parameters
    ----------
    symbol, timeframe, model_id : str or None
        One symbol, timeframe or model only.
    horizon : int or None
        Candles ahead.
    since : date or None
        First UTC day of `as_of`.
    by_symbol : bool
        Keep symbols apart.
    """

    symbol: str | None = None
    timeframe: str | None = None
    horizon: int | None = None
    model_id: str | None = None
    since: date | None = None
    by_symbol: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums of the track record.

    Parameters
    ----------
    days : DataFrame
        One row a group (`symbol` if kept apart, else None, `timeframe`, `horizon`, `model_id`) and
        `day`, ascending, with the sums of ``track_record_days``.
    levels : DataFrame
        One row a group, `day` and `level`, with the sums of ``track_record_levels``.
    bins : DataFrame
        One row a group and `bin`, with the sums of ``track_record_bins``.
    misses : mapping of group to int
        Forecasts that were made too late, by (symbol, timeframe, horizon, model_id).
    """

    days: pd.DataFrame
    levels: pd.DataFrame
    bins: pd.DataFrame
    misses: Mapping[tuple[str | None, str, int, str], int]


class TrackRecordStore:
    """The tables ``track_record_days``, ``track_record_levels`` and ``track_record_bins``.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def summary(self, scope: RecordScope) -> Summary:
        """Return the sums of what `scope` names, all of one moment.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return Summary(
                days=_sums(cursor, "track_record_days", _DAY_SUMS, scope, also=("day",)),
                levels=_sums(cursor, "track_record_levels", _LEVEL_SUMS, scope, also=("day", "level")),
                bins=_sums(cursor, "track_record_bins", _BIN_SUMS, scope, also=("bin",)),
                misses=_misses(cursor, scope),
            )


def _sums(
    cursor: Cursor, table: str, sums: tuple[str, ...], scope: RecordScope, *, also: tuple[str, ...]
) -> pd.DataFrame:
    keys = [f"t.{name}" for name in (*_GROUP, *also)]
    symbol = "s.symbol" if scope.by_symbol else "%(symbol)s::text"
    cursor.execute(
        f"SELECT {symbol}, {', '.join(keys)}, {', '.join(f'sum(t.{name})::float8' for name in sums)} "
        f"FROM {table} t JOIN symbols s ON s.id = t.symbol_id {_WHERE} "
        "AND t.day >= coalesce(%(since)s::date, '-infinity'::date) "
        f"GROUP BY 1, {', '.join(keys)} ORDER BY 1, {', '.join(keys)}",
        _parameters(scope),
    )
    return pd.DataFrame(cursor.fetchall(), columns=["symbol", *_GROUP, *also, *sums])


def _misses(cursor: Cursor, scope: RecordScope) -> dict[tuple[str | None, str, int, str], int]:
    symbol = "s.symbol" if scope.by_symbol else "%(symbol)s::text"
    cursor.execute(_MISSES.format(symbol=symbol), _parameters(scope))
    return {(name, timeframe, horizon, model): n for timeframe, horizon, model, name, n in cursor.fetchall()}


def _parameters(scope: RecordScope) -> dict[str, Any]:
    named = {"symbol": scope.symbol, "timeframe": scope.timeframe, "horizon": scope.horizon}
    return named | {"model": scope.model_id, "since": scope.since}
