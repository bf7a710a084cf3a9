"""Which alert rules are there, and when did they fire? The tables ``alert_rules`` and ``alert_firings``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from candlecast.errors import InvalidRequestError
from candlecast.schemas import Alert
from candlecast.storage.postgres.alert_deliveries import fail_unknown
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.json_column import json_value

_COLUMNS = """
SELECT r.id, s.symbol, r.timeframe, r.rule, r.created_at, r.armed, r.last_value, r.last_fired_at
FROM alert_rules r JOIN symbols s ON s.id = r.symbol_id
"""
_PLAIN = ("id", "symbol", "timeframe", "rule", "created_at", "armed", "last_value", "last_fired_at")
# one rule at a time counts how many there are
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('alert_rules'))"
_FIRE = """
UPDATE alert_rules SET armed = false, last_value = %(value)s, last_fired_at = %(at)s
WHERE id = %(id)s AND armed RETURNING symbol_id
"""
_RECORD = """
INSERT INTO alert_firings (rule_id, symbol_id, fired_at, value, title, message)
VALUES (%(id)s, %(symbol_id)s, %(at)s, %(value)s, %(title)s, %(message)s) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Firing:
    """That a rule fired, and what is said of it.

    Parameters
    ----------
    alert : Alert
        The rule.
    value : float
        The figure that crossed its threshold.
    at : datetime
        Market time, aware UTC.
    title, message : str
        For people.
    """

    alert: Alert
    value: float
    at: datetime
    title: str
    message: str


class AlertStore:
    """Rules and firings.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, symbol_id: int, timeframe: str, rule: dict[str, Any], *, created_at: datetime, limit: int
    ) -> tuple[Alert, bool]:
        """Keep a rule; return it and whether it is new: an equal one is kept once.

        Parameters
        ----------
        symbol_id : int
            Number of the symbol.
        timeframe : str
            The followed one.
        rule : dict
            Fields of `NewAlert` but the symbol.
        created_at : datetime
            Market time.
        limit : int
            Most rules.

        Raises
        ------
        InvalidRequestError
            When there are `limit` rules already.
        StorageError
            When the database does not answer.
        """
        key = (symbol_id, timeframe, json_value(rule))
        with self._database.transaction() as cursor:
            cursor.execute(_LOCK)
            found = _select(cursor, "WHERE (r.symbol_id, r.timeframe, r.rule) = (%s, %s, %s)", key)
            if found:
                return found[0], False
            cursor.execute("SELECT count(*) FROM alert_rules")
            if (cursor.fetchone() or (0,))[0] >= limit:
                raise InvalidRequestError(f"there are {limit} alert rules already, the most allowed; delete one first")
            cursor.execute(
                "INSERT INTO alert_rules (symbol_id, timeframe, rule, created_at) VALUES (%s, %s, %s, %s) RETURNING id",
                (*key, created_at),
            )
            return _select(cursor, "WHERE r.id = %s", cursor.fetchone() or (0,))[0], True

    def all(self) -> list[Alert]:
        """Return every rule, in the order in which they were made.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return _select(cursor, "ORDER BY r.id", ())

    def remove(self, alert_id: int) -> bool:
        """Delete a rule and tell whether there was one; the record of its firings stays.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM alert_rules WHERE id = %s", (alert_id,))
            return cursor.rowcount > 0

    def rearm(self, alert_ids: Sequence[int]) -> None:
        """Let rules fire again.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("UPDATE alert_rules SET armed = true WHERE id = ANY(%s)", (list(alert_ids),))

    def fire(self, firing: Firing, *, channels: Collection[str]) -> int | None:
        """Disarm the rule, record the firing and what is to be sent, all or nothing.

        Parameters
        ----------
        firing : Firing
            What is recorded.
        channels : collection of str
            Those that there are: a message to another one has failed already.

        Returns
        -------
        int or None
            Number of the firing; None when the rule is gone or fired already: somebody else was first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        facts = {"id": firing.alert.id, "value": firing.value, "at": firing.at}
        facts |= {"title": firing.title, "message": firing.message}
        with self._database.transaction() as cursor:
            cursor.execute(_FIRE, facts)
            disarmed = cursor.fetchone()
            if disarmed is None:
                return None
            cursor.execute(_RECORD, {**facts, "symbol_id": disarmed[0]})
            (number,) = cursor.fetchone() or (0,)
            rows = [(number, channel) for channel in firing.alert.channels]
            if rows:
                execute_values(cursor, "INSERT INTO alert_deliveries (firing_id, channel) VALUES %s", rows)
                fail_unknown(cursor, channels)
            return int(number)


def _select(cursor: Cursor, condition: str, parameters: Sequence[object]) -> list[Alert]:
    cursor.execute(_COLUMNS + condition, tuple(parameters))
    rows = [dict(zip(_PLAIN, row, strict=True)) for row in cursor.fetchall()]
    return [Alert(**row.pop("rule"), **row) for row in rows]
