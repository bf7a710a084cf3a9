"""Which messages wait to be sent, and what became of the others? The table ``alert_deliveries``."""

from collections.abc import Collection
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor

from candlecast.schemas import AlertDelivery, DeliveryState
from candlecast.storage.postgres.database import Database

_WAITING = """
SELECT d.id, f.title, f.message, extract(epoch FROM clock_timestamp() - d.created_at)
FROM alert_deliveries d JOIN alert_firings f ON f.id = d.firing_id
WHERE d.channel = %s AND d.state = 'pending' ORDER BY d.id LIMIT %s
"""
_SENT = """
SELECT count(*) FROM alert_deliveries
WHERE channel = %s AND state = 'sent' AND settled_at > clock_timestamp() - make_interval(secs => %s)
"""
_SETTLE = """
UPDATE alert_deliveries SET state = %s, attempts = %s, reason = %s, settled_at = clock_timestamp()
WHERE id = %s AND state = 'pending'
"""
_FAIL_UNKNOWN = """
UPDATE alert_deliveries
SET state = 'failed', reason = 'the settings name no such channel', settled_at = clock_timestamp()
WHERE state = 'pending' AND channel <> ALL(%s)
"""
# a firing without channels is a row too: it was shown and streamed
_PAGE = """
SELECT f.id, f.rule_id, s.symbol, f.fired_at, f.value, f.message, d.channel, coalesce(d.state, 'shown'),
    coalesce(d.attempts, 0), d.reason, coalesce(d.id, 0)
FROM alert_firings f JOIN symbols s ON s.id = f.symbol_id LEFT JOIN alert_deliveries d ON d.firing_id = f.id
WHERE f.rule_id = coalesce(%(alert_id)s, f.rule_id)
    AND (%(firing)s IS NULL OR (f.id, coalesce(d.id, 0)) < (%(firing)s, %(delivery)s))
ORDER BY f.id DESC, coalesce(d.id, 0) DESC LIMIT %(limit)s
"""
_NAMES = (
    *("id", "alert_id", "symbol", "fired_at", "value", "message"),
    *("channel", "state", "attempts", "reason"),
)

Place = tuple[int, int]


class Waiting(NamedTuple):
    """A message that is to be sent, and for how many wall seconds it has waited."""

    id: int
    title: str
    message: str
    age_s: float


class DeliveryStore:
    """Messages to channels.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, channel: str, *, limit: int = 100) -> list[Waiting]:
        """Return messages to a channel that are not settled, the oldest first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_WAITING, (channel, limit))
            return [Waiting(row[0], row[1], row[2], float(row[3])) for row in cursor.fetchall()]

    def n_sent(self, channel: str, *, within_s: float) -> int:
        """Return how many messages a channel took in the last `within_s` wall seconds.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_SENT, (channel, within_s))
            return int((cursor.fetchone() or (0,))[0])

    def settle(self, delivery_id: int, state: DeliveryState, *, attempts: int, reason: str | None) -> None:
        """Write down what became of a message; one that is settled stays as it is.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_SETTLE, (state, attempts, reason, delivery_id))

    def forget_channels(self, channels: Collection[str]) -> None:
        """Write down as failed what waits for other channels than these: nobody will send it.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            fail_unknown(cursor, channels)

    def page(
        self, *, alert_id: int | None, before: Place | None, limit: int
    ) -> tuple[list[AlertDelivery], list[Place]]:
        """Return firings and their messages, newest first, and the place of each for the next page.

        Parameters
        ----------
        alert_id : int or None
            Of this rule; None: of all.
        before : (int, int) or None
            Place of the last row of the page before.
        limit : int
            Most rows.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        firing, delivery = before or (None, None)
        wanted = {"alert_id": alert_id, "firing": firing, "delivery": delivery, "limit": limit}
        with self._database.transaction() as cursor:
            cursor.execute(_PAGE, wanted)
            rows = cursor.fetchall()
        items = [AlertDelivery(**dict(zip(_NAMES, row, strict=False))) for row in rows]
        return items, [(row[0], row[-1]) for row in rows]


def fail_unknown(cursor: Cursor, channels: Collection[str]) -> None:
    """Settle what waits for other channels than `channels`, in the transaction of `cursor`."""
    cursor.execute(_FAIL_UNKNOWN, (list(channels),))
