"""Which keys open the API? The table ``api_keys``, which holds digests only."""

from collections.abc import Sequence
from datetime import datetime

from psycopg2.errors import UniqueViolation
from psycopg2.extensions import cursor as Cursor

from candlecast.access import KeyRecord, Scope
from candlecast.errors import InvalidRequestError
from candlecast.storage.postgres.database import Database

_COLUMNS = "id, name, scope, sha256, created_at, revoked_at"


class KeyStore:
    """Rows of ``api_keys``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, name: str, scope: Scope, sha256: str, *, created_at: datetime) -> KeyRecord:
        """Store a new key.

        Parameters
        ----------
        name : str
            No other key in force has it.
        scope : str
            ``read`` or ``admin``.
        sha256 : str
            Digest of the key in hexadecimal.
        created_at : datetime
            Wall time.

        Raises
        ------
        InvalidRequestError
            When a key of that name is in force, or the key itself was stored before.
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            try:
                cursor.execute(
                    f"INSERT INTO api_keys (name, scope, sha256, created_at) VALUES (%s, %s, %s, %s) "
                    f"RETURNING {_COLUMNS}",
                    (name, scope, sha256, created_at),
                )
            except UniqueViolation as error:
                raise InvalidRequestError(
                    f"a key named {name!r} is in force, or this very key was stored before; "
                    "see `candlecast keys list`, choose another or revoke it first"
                ) from error
            return _records(cursor)[0]

    def revoke(self, name: str, *, revoked_at: datetime) -> KeyRecord:
        """Take the key named `name` out of force and return it.

        Raises
        ------
        InvalidRequestError
            When no key of that name is in force.
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(
                f"UPDATE api_keys SET revoked_at = %s WHERE name = %s AND revoked_at IS NULL RETURNING {_COLUMNS}",
                (revoked_at, name),
            )
            found = _records(cursor)
        if not found:
            raise InvalidRequestError(f"no key named {name[:60]!r} is in force; see `candlecast keys list`")
        return found[0]

    def list(self) -> list[KeyRecord]:
        """Return all keys, revoked ones too, the oldest first.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        return self._select("true")

    def in_force(self) -> Sequence[KeyRecord]:
        """Return the keys that are not revoked.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        return self._select("revoked_at IS NULL")

    def _select(self, condition: str) -> "KeyRecords":
        with self._database.transaction() as cursor:
            cursor.execute(f"SELECT {_COLUMNS} FROM api_keys WHERE {condition} ORDER BY id")
            return _records(cursor)


KeyRecords = list[KeyRecord]


def _records(cursor: Cursor) -> KeyRecords:
    return [KeyRecord(*row) for row in cursor.fetchall()]
