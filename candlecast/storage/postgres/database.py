"""How do threads share a few connections? A pool that waits, heals and rolls back."""

import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.pool import ThreadedConnectionPool

from candlecast.errors import StorageError

WAIT_S = 10.0

_CONNECT_TIMEOUT_S = 5
_OPTIONS = "-c timezone=UTC -c statement_timeout=60s -c lock_timeout=20s"


class Database:
    """Connections to one PostgreSQL database, shared by the threads of this process.

    Nothing is connected before the first transaction.

    Parameters
    ----------
    url : str
        ``postgresql://`` address.
    pool_size : int
        Most connections at a time; further callers wait up to `wait_s`.
    wait_s : float
        Seconds that a caller waits for a connection before `StorageError`.
    """

    def __init__(self, url: str, *, pool_size: int = 4, wait_s: float = WAIT_S) -> None:
        self._pool_size = pool_size
        self._wait_s = wait_s
        self._free = BoundedSemaphore(pool_size)
        self._pool = ThreadedConnectionPool(
            0, pool_size, url, options=_OPTIONS, connect_timeout=_CONNECT_TIMEOUT_S, application_name="candlecast"
        )
        # The pool opens as many at once as it keeps; so none is opened now, and all are kept later.
        self._pool.minconn = pool_size

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Lend a cursor; commit at the end of the block, roll back when it raises.

        Yields
        ------
        psycopg2 cursor
            Usable inside the block only.

        Raises
        ------
        StorageError
            When no connection comes free in time, the database does not answer, or it refuses a
            statement and the block does not handle that.
        """
        if not self._free.acquire(timeout=self._wait_s):
            raise StorageError(
                f"all {self._pool_size} database connections were busy for {self._wait_s:g} s; "
                "raise CANDLECAST_DATABASE__POOL_SIZE"
            )
        try:
            with self._lent_connection() as connection, connection.cursor() as cursor:
                yield cursor
                connection.commit()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise StorageError(f"the database does not answer: {_one_line(error)}; is PostgreSQL running?") from error
        except psycopg2.Error as error:
            raise StorageError(f"the database refused a statement: {_one_line(error)}") from error
        finally:
            self._free.release()

    def close(self) -> None:
        """Close every connection; the object is of no use afterwards."""
        self._pool.closeall()

    @contextmanager
    def _lent_connection(self) -> Iterator[Connection]:
        connection = self._living_connection()
        try:
            yield connection
        finally:
            # Committed work is not touched by this; what was not committed goes.
            with suppress(psycopg2.Error):
                connection.rollback()
            if not self._pool.closed:
                self._pool.putconn(connection, close=connection.closed != 0)

    def _living_connection(self) -> Connection:
        # An idle connection has nothing to read, unless the server closed it.
        while True:
            connection: Connection = self._pool.getconn()
            poll = select.poll()
            poll.register(connection.fileno(), select.POLLIN)
            if not poll.poll(0):
                return connection
            self._pool.putconn(connection, close=True)


def _one_line(error: psycopg2.Error) -> str:
    return " ".join(str(error).split())
