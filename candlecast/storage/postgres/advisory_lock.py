"""Does somebody do this already? Named locks that end with their holder, however it ends."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2

from candlecast.errors import StorageError

_CONNECT_TIMEOUT_S = 5
# a holder whose machine went away is noticed within two minutes
_OPTIONS = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=15 -c tcp_keepalives_count=4"
_TRY = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"


@contextmanager
def try_lock(url: str, name: str) -> Iterator[bool]:
    """Try to hold the lock `name` until the end of the block, on a connection of its own.

    Parameters
    ----------
    url : str
        ``postgresql://`` address; locks of other databases have nothing to do with it.
    name : str
        What is locked.

    Yields
    ------
    bool
        Whether the lock was free, and is held now. PostgreSQL lets go of it when the block ends,
        the process dies or the connection breaks.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    with _told(name):
        connection = psycopg2.connect(
            url, connect_timeout=_CONNECT_TIMEOUT_S, options=_OPTIONS, application_name="candlecast lock"
        )
    with closing(connection):
        with _told(name), connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(_TRY, (name,))
            [(held,)] = cursor.fetchall()
        yield held


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        said = " ".join(str(error).split())
        raise StorageError(f"the lock of {name} cannot be asked for: {said}; is PostgreSQL running?") from error
