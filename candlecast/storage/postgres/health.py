"""How is the database, seen by the application's role? Asked over one connection that leaves nothing behind."""

from contextlib import closing
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection

from candlecast.clock import wall_s
from candlecast.errors import StorageError
from candlecast.storage.postgres import migrate


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """What a connection saw.

    Parameters
    ----------
    schema : str or None
        Step that it stands at; None: never migrated.
    newest_schema : str
        Newest step that this version knows.
    tls, local : bool
        Whether the connection is by TLS, and whether it leaves this machine.
    superuser : bool
        Whether the role may do everything, also to the ledger.
    refusal : str
        Why nothing can be written, "" when it can.
    ahead_s : float
        Seconds that this machine's clock is ahead of the server's.
    n_connections, most_connections : int
        Those there are now, and may be.
    """

    schema: str | None
    newest_schema: str
    tls: bool
    local: bool
    superuser: bool
    refusal: str
    ahead_s: float
    n_connections: int
    most_connections: int


def read_health(url: str, *, timeout_s: float) -> DatabaseHealth:
    """Connect once and look.

    Raises
    ------
    StorageError
        When the database does not answer in time, or refuses.
    """
    options = f"-c timezone=UTC -c statement_timeout={max(1, round(timeout_s * 1_000))} -c lock_timeout=1s"
    try:
        # a second is the shortest that libpq knows, and 1 means 2 to it
        patience_s = max(2, round(timeout_s))
        with closing(psycopg2.connect(url, connect_timeout=patience_s, options=options)) as connection:
            return _seen(connection)
    except psycopg2.Error as error:
        raise StorageError(f"the database does not answer: {_one_line(error)}") from error


def _seen(connection: Connection) -> DatabaseHealth:
    with connection.cursor() as cursor:
        before_s = wall_s()
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp())::float8, (SELECT rolsuper FROM pg_roles WHERE rolname = "
            "current_user), (SELECT sum(numbackends)::int FROM pg_stat_database), "
            "current_setting('max_connections')::int, to_regclass('alembic_version') IS NOT NULL"
        )
        server_s, superuser, n_connections, most_connections, migrated = cursor.fetchone() or (before_s, 0, 0, 1, False)
        after_s = wall_s()
        if migrated:
            cursor.execute("SELECT version_num FROM alembic_version")
        [schema] = (cursor.fetchone() if migrated else None) or [None]
    connection.rollback()
    host = connection.info.host or ""
    return DatabaseHealth(
        schema=schema,
        newest_schema=migrate.newest(),
        tls=bool(connection.info.ssl_in_use),
        local=host.startswith("/") or host in ("", "127.0.0.1", "localhost", "::1"),
        superuser=bool(superuser),
        refusal=_refusal(connection),
        # its answer was made some time between the two
        ahead_s=max(0.0, before_s - server_s) + min(0.0, after_s - server_s),
        n_connections=n_connections,
        most_connections=most_connections,
    )


def _refusal(connection: Connection) -> str:
    # rolled back: what was written is gone, and no row of anybody was touched
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE doctor ON COMMIT DROP AS SELECT repeat('x', 100000) AS filler")
    except psycopg2.Error as error:
        return _one_line(error)
    finally:
        connection.rollback()
    return ""


def _one_line(error: psycopg2.Error) -> str:
    return " ".join(str(error).split())
