"""How much of the database is used, and how did the scheduled jobs end? Small questions that metrics ask often."""

from dataclasses import dataclass
from datetime import datetime

from candlecast.storage.postgres.database import Database

_USE = """
SELECT pg_database_size(current_database()),
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
    current_setting('max_connections')::int
"""
_JOBS = "SELECT job, state, count(*), max(changed_at) FROM scheduled_runs GROUP BY job, state ORDER BY job, state"


@dataclass(frozen=True, slots=True)
class DatabaseUse:
    """How large the database is, how many connections it has and may have."""

    n_bytes: int
    n_connections: int
    max_connections: int


@dataclass(frozen=True, slots=True)
class JobTally:
    """How many slots of a scheduled job are in a state, and the wall time at which the newest one came there."""

    job: str
    state: str
    n: int
    newest: datetime


class UseStore:
    """Reads both; every method raises `StorageError` when the database is down.

    Parameters
    ----------
    database : Database
        Which one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def database(self) -> DatabaseUse:
        """Return the use of the database."""
        with self._database.transaction() as cursor:
            cursor.execute(_USE)
            return DatabaseUse(*(cursor.fetchone() or (0, 0, 0)))

    def jobs(self) -> list[JobTally]:
        """Return the scheduled jobs by what became of them."""
        with self._database.transaction() as cursor:
            cursor.execute(_JOBS)
            return [JobTally(*row) for row in cursor.fetchall()]
