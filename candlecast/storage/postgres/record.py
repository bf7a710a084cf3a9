"""What does the record hold? Pages of the ledger with its outcomes, and settled forecasts as frames."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from psycopg2.extensions import cursor as Cursor

from candlecast.forecasts.ledger import LedgerRow
from candlecast.schemas import Outcome
from candlecast.storage.postgres import prediction_rows
from candlecast.storage.postgres.binary_copy import copy_out, times_from_wire
from candlecast.storage.postgres.database import Database

_OUTCOME = tuple(Outcome.model_fields)
_SETTLED = """
SELECT s.symbol, p.model_id, p.made_at, p.as_of, p.target_time, p.last_close, p.p_up, p.direction,
    p.expected_volatility, o.realised_log_return, o.held_log_return,
    CASE WHEN %(with_levels)s THEN p.intervals ELSE '[]' END
FROM predictions_table p JOIN outcomes_table o ON o.prediction_id = p.id JOIN symbols s ON s.id = p.symbol_id
WHERE o.realised_close IS NOT NULL AND p.timeframe = %(timeframe)s AND p.horizon = %(horizon)s
    AND (%(model_id)s::text IS NULL OR p.model_id = %(model_id)s)
    AND (%(symbols)s::text[] IS NULL OR s.symbol = ANY(%(symbols)s))
    AND p.target_time >= coalesce(%(start)s::timestamptz, '-infinity')
    AND p.target_time <= coalesce(%(end)s::timestamptz, 'infinity')
ORDER BY p.as_of, s.symbol, p.model_id
"""
_COMMON = """
SELECT one.as_of, one.target_time, one.p_up, other.p_up, o.realised_log_return
FROM predictions_table one
JOIN predictions_table other USING (symbol_id, timeframe, horizon, as_of)
JOIN outcomes_table o ON o.prediction_id = one.id
WHERE one.model_id = %s AND other.model_id = %s AND one.target_time >= %s AND o.realised_close IS NOT NULL
ORDER BY one.as_of
"""
_COLUMNS = (
    *("symbol", "model_id", "made_at", "close_time", "target_time", "last_close", "p_up", "direction"),
    *("sigma", "log_return", "held_log_return"),
)


@dataclass(frozen=True, slots=True)
class RecordedRow:
    """A row of the ledger, its outcome, and the hash that binds the two; None: not settled yet."""

    row: LedgerRow
    outcome: Outcome | None
    outcome_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOfLedger:
    """Which rows of the ledger are wanted: `limit` of them, the newest target first; None stands for any.

    Parameters
    ----------
    timeframe : str
        Of the candles.
    symbol : str or None
        Whose forecasts.
    horizon : int or None
        Candles ahead.
    model_id : str or None
        Who made them.
    start, end : datetime or None
        Bounds of the target time, both inclusive.
    before : (datetime, int) or None
        Target time and id of the last row of the page before.
    limit : int
        Most rows.
    """

    timeframe: str
    symbol: str | None = None
    horizon: int | None = None
    model_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[datetime, int] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledScope:
    """Which settled forecasts are wanted; None stands for any.

    Parameters
    ----------
    timeframe, horizon
        What was forecast.
    model_id : str or None
        Who forecast.
    symbols : sequence of str or None
        Whom.
    start, end : datetime or None
        Bounds of the target time, both inclusive.
    with_levels : bool
        Tell of the intervals too.
    """

    timeframe: str
    horizon: int
    model_id: str | None = None
    symbols: Sequence[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    with_levels: bool = False


@dataclass(frozen=True, slots=True)
class CommonForecasts:
    """Settled forecasts of two models of the same targets.

    Parameters
    ----------
    closes, targets : DatetimeIndex of shape (n,)
        Their `as_of`, ascending, and when each came true or not.
    p_up, p_up_other : ndarray of shape (n,)
        What either model said.
    log_return : ndarray of shape (n,)
        What came.
    """

    closes: pd.DatetimeIndex
    targets: pd.DatetimeIndex
    p_up: npt.NDArray[np.float64]
    p_up_other: npt.NDArray[np.float64]
    log_return: npt.NDArray[np.float64]


class RecordStore:
    """The tables ``predictions_table`` and ``outcomes_table``, read together.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: PageOfLedger) -> list[RecordedRow]:
        """Return rows of the ledger with their outcomes, the newest target first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        bounds: list[tuple[str, object]] = [
            ("p.timeframe = %s", wanted.timeframe),
            # one number, so that the index gives the newest rows in their order
            ("p.symbol_id = (SELECT id FROM symbols WHERE symbol = %s)", wanted.symbol),
            ("p.horizon = %s", wanted.horizon),
            ("p.model_id = %s", wanted.model_id),
            ("p.target_time >= %s", wanted.start),
            ("p.target_time <= %s", wanted.end),
            ("(p.target_time, p.id) < %s", wanted.before),
        ]
        given = [(text, value) for text, value in bounds if value is not None]
        where = " AND ".join(text for text, _ in given)
        parameters = [*(value for _, value in given), wanted.limit]
        with self._database.transaction() as cursor:
            order = "ORDER BY p.target_time DESC, p.id DESC LIMIT %s"
            return _with_outcomes(cursor, prediction_rows.select(cursor, f"{where} {order}", parameters))

    def with_outcomes(self, rows: Sequence[LedgerRow]) -> list[RecordedRow]:
        """Return rows of the ledger with what came of them, in the same order.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return _with_outcomes(cursor, rows)

    def settled(self, wanted: SettledScope) -> pd.DataFrame:
        """Return settled forecasts whose outcome is known, ascending by `close_time`, symbol and model.

        Returns
        -------
        DataFrame of shape (n, 11 + the levels)
            `symbol`, `model_id`, `made_at`, `close_time` (as_of), `target_time`, `last_close`,
            `p_up`, `direction` (up, down, abstain), `sigma` (expected volatility), `log_return`,
            `held_log_return`; with levels ``inside_80``: 1 where the close lay inside the 80 %
            interval, 0 where not, NaN where that level was not given; likewise for each other one.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        parameters = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
        parameters["symbols"] = None if wanted.symbols is None else list(wanted.symbols)
        with self._database.transaction() as cursor:
            cursor.execute(_SETTLED, parameters)
            rows = cursor.fetchall()
        frame = pd.DataFrame([row[:-1] for row in rows], columns=list(_COLUMNS))
        for name in ("made_at", "close_time", "target_time"):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        return frame.assign(**_inside(frame, [row[-1] for row in rows]))

    def common(self, model_id: str, other_id: str, *, since: datetime) -> CommonForecasts:
        """Return the settled forecasts that two models made of the same targets, from `since` on, ascending.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        fields_read = {"as_of": "i8", "target": "i8", "p_up": "f8", "p_up_other": "f8", "log_return": "f8"}
        with self._database.transaction() as cursor:
            rows = copy_out(cursor, _COMMON, (model_id, other_id, since), fields=fields_read)
        p_up, p_up_other, change = (rows[name].astype(np.float64) for name in ("p_up", "p_up_other", "log_return"))
        closes, targets = (times_from_wire(rows[name]) for name in ("as_of", "target"))
        return CommonForecasts(closes, targets, p_up, p_up_other, change)


def _inside(frame: pd.DataFrame, intervals: Sequence[list[dict[str, float]]]) -> dict[str, np.ndarray]:
    bands = [{band["level"]: (band["low"], band["high"]) for band in row} for row in intervals]
    close = frame["last_close"].to_numpy(np.float64) * np.exp(frame["log_return"].to_numpy(np.float64))
    found = {}
    for level in sorted({level for row in bands for level in row}):
        low, high = np.array([row.get(level, (np.nan, np.nan)) for row in bands], dtype=np.float64).T
        inside = ((low <= close) & (close <= high)).astype(np.float64)
        found[f"inside_{round(100 * level)}"] = np.where(np.isnan(low), np.nan, inside)
    return found


def _with_outcomes(cursor: Cursor, rows: Sequence[LedgerRow]) -> list[RecordedRow]:
    cursor.execute(
        f"SELECT prediction_id, row_hash, {', '.join(_OUTCOME)} FROM outcomes_table WHERE prediction_id = ANY(%s)",
        ([row.id for row in rows],),
    )
    found = {row[0]: (row[1], Outcome(**dict(zip(_OUTCOME, row[2:], strict=True)))) for row in cursor.fetchall()}
    digests = {number: digest for number, (digest, _) in found.items()}
    return [RecordedRow(row, found[row.id][1] if row.id in found else None, digests.get(row.id)) for row in rows]
