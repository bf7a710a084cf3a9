"""What is in the database at one moment? A dump of it, and the figures and artefacts that belong to that dump."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import make_dsn, parse_dsn

from candlecast.errors import StorageError
from candlecast.storage.postgres.tls_bridge import without_tls
from candlecast.storage.wheels import postgres_binaries

COUNTED_TABLES = ("ohlcv_table", "news_table", "model_metadata", "predictions_table", "outcomes_table")

_NO_SCHEMA = "nothing"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds at one moment.

    Parameters
    ----------
    schema : str
        Step of the schema.
    counts : mapping of str to int
        Rows of each table of `COUNTED_TABLES`.
    artefacts : mapping of str to str
        SHA-256 of each model whose files are kept, by its path in the models' folder.
    """

    schema: str
    counts: Mapping[str, int]
    artefacts: Mapping[str, str]

    @property
    def empty(self) -> bool:
        """Tell whether nothing was ever stored."""
        return not any(self.counts.values())


def dump_database(owner_url: str, file: Path) -> Contents:
    """Write the whole database into `file` and return what is in there, both as of one moment.

    Nobody waits for it; what is written meanwhile is not in it.

    Parameters
    ----------
    owner_url : str
        ``postgresql://`` address as the owner of the tables.
    file : Path
        Gets PostgreSQL's custom format.

    Raises
    ------
    StorageError
        When the database does not answer or the dump fails.
    """
    with _one_moment(owner_url) as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        found = _contents(cursor)
        run_client("pg_dump", owner_url, ["--format=custom", f"--snapshot={snapshot}", f"--file={file}"])
    return found


def read_contents(owner_url: str) -> Contents:
    """Return what is in the database; one without a schema is empty.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    with _one_moment(owner_url) as cursor:
        return _contents(cursor)


def run_client(program: str, url: str, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's client programs against the database at `url`.

    Raises
    ------
    StorageError
        When it fails; carries the last line that it said.
    """
    parts = parse_dsn(url)
    # arguments can be read by every process of the machine
    variables = os.environ | {"PGPASSWORD": parts.pop("password", "")}
    binary = str(postgres_binaries() / program)
    with without_tls(parts) as reached:
        command = [binary, "--no-password", *arguments, f"--dbname={make_dsn(**reached)}"]
        done = subprocess.run(command, env=variables, capture_output=True, text=True)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise StorageError(f"{program} failed ({done.returncode}): {said[-1][-500:]}")


@contextmanager
def _one_moment(url: str) -> Iterator[Cursor]:
    try:
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            yield cursor
    except psycopg2.Error as error:
        raise StorageError(f"the database cannot be read: {' '.join(str(error).split())}") from error


def _contents(cursor: Cursor) -> Contents:
    cursor.execute("SELECT to_regclass('alembic_version') IS NOT NULL")
    if cursor.fetchone() != (True,):
        return Contents(_NO_SCHEMA, dict.fromkeys(COUNTED_TABLES, 0), {})
    cursor.execute("SELECT version_num FROM alembic_version")
    (schema,) = cursor.fetchone() or (_NO_SCHEMA,)
    counts = {name: _count(cursor, name) for name in COUNTED_TABLES}
    cursor.execute("SELECT artefact_path, sha256 FROM model_metadata WHERE artefact_path <> '' ORDER BY 1")
    return Contents(schema, counts, dict(cursor.fetchall()))


def _count(cursor: Cursor, table: str) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    (n,) = cursor.fetchone() or (0,)
    return int(n)
