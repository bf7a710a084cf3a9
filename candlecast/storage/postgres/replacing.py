"""How does another database take the place of ours? Made beside it, looked at, then swapped in one transaction."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn, parse_dsn

from candlecast.clock import wall_s
from candlecast.errors import StorageError
from candlecast.storage.postgres.dump import run_client

_MAINTENANCE = "postgres"


class Replacement:
    """A database beside the one at `owner_url`, which takes its place or goes.

    Parameters
    ----------
    owner_url : str
        Address of the database that is to be replaced, as a role that may make databases.
    """

    def __init__(self, owner_url: str) -> None:
        self._owner_url = owner_url
        self._name = parse_dsn(owner_url)["dbname"]
        self._draft = f"{self._name}_restoring"

    @property
    def url(self) -> str:
        """Address of the new database, as the owner."""
        return make_dsn(self._owner_url, dbname=self._draft)

    def load(self, dump: Path) -> None:
        """Fill the new database from a dump, all of it or nothing.

        Raises
        ------
        StorageError
            When the dump cannot be read, or holds what this server does not know.
        """
        run_client("pg_restore", self.url, ["--no-owner", "--no-privileges", "--single-transaction", str(dump)])

    def require_unused(self) -> None:
        """Raise unless nobody is connected to the database that is to be replaced.

        Raises
        ------
        StorageError
            Says who is; nothing was changed.
        """
        with self._maintenance() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (self._name,))
            (n,) = cursor.fetchone() or (0,)
        if n:
            raise StorageError(
                f"database {self._name} is in use by {n} connections; stop everything but PostgreSQL, then restore"
            )

    def take_place(self, *, keep_former: bool) -> str | None:
        """Give the new database the name of the former one.

        Parameters
        ----------
        keep_former : bool
            Whether the former one stays, under another name.

        Returns
        -------
        str or None
            The name under which the former one stays.

        Raises
        ------
        StorageError
            When somebody is connected to either.
        """
        former = f"{self._name}_before_{datetime.fromtimestamp(wall_s(), UTC):%Y%m%dt%H%M%S}"
        with self._maintenance() as connection:
            with connection, connection.cursor() as cursor:
                for old, new in ((self._name, former), (self._draft, self._name)):
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    cursor.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
            if not keep_former:
                _drop(connection, former)
        return former if keep_former else None

    def make(self) -> None:
        """Make the new database, empty."""
        with self._maintenance() as connection:
            _drop(connection, self._draft)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self._draft)))

    def discard(self) -> None:
        """Drop the new database if it did not take the place of the former one."""
        with self._maintenance() as connection:
            _drop(connection, self._draft)

    @contextmanager
    def _maintenance(self) -> Iterator[Connection]:
        try:
            with closing(psycopg2.connect(make_dsn(self._owner_url, dbname=_MAINTENANCE))) as connection:
                yield connection
        except psycopg2.Error as error:
            raise StorageError(f"database {self._name} cannot be replaced: {' '.join(str(error).split())}") from error


@contextmanager
def replacement(owner_url: str) -> Iterator[Replacement]:
    """Lend an empty database beside the one at `owner_url`; unless it took its place it is dropped at the end.

    Raises
    ------
    StorageError
        When the server does not answer, or the role may not make databases.
    """
    draft = Replacement(owner_url)
    draft.make()
    try:
        yield draft
    finally:
        draft.discard()


def _drop(connection: Connection, name: str) -> None:
    # a database is dropped outside of any transaction
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    connection.autocommit = False
