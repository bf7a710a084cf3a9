"""Is the schema up to date? Applies the migrations as the owner and fits the application's role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psycopg2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from psycopg2.extensions import connection as DriverConnection
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from candlecast.errors import StorageError
from candlecast.storage.postgres.roles import fit_application_role

# Any number will do, as long as all processes that migrate agree on it.
_LOCK = 7_226_301


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """Which step the database stands at, and the newest step there is."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Tell whether nothing is left to apply."""
        return self.current == self.head


def upgrade(owner_url: str, *, app_user: str, app_password: str) -> MigrationStatus:
    """Bring the schema to its newest step and give the application its role; run it as often as you like.

    All of it is one transaction under an advisory lock: concurrent runs wait for each other, a
    failed run changes nothing.

    Parameters
    ----------
    owner_url : str
        ``postgresql://`` address as the role that owns the tables and may create roles.
    app_user : str
        Role of the application, made when absent; its password is set anew.
    app_password : str
        Password of that role.

    Returns
    -------
    MigrationStatus
        Where the database stands now.

    Raises
    ------
    StorageError
        When the database does not answer or a step fails.
    InvalidRequestError
        When `app_user` is the owner.
    """
    with _connected(owner_url) as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        driver = cast("DriverConnection", connection.connection.driver_connection)
        fit_application_role(driver, app_user, app_password)
        return _status(connection)


def status(owner_url: str) -> MigrationStatus:
    """Return the step that the database stands at, without changing anything.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    with _connected(owner_url) as connection:
        return _status(connection)


def newest() -> str:
    """Return the newest step that there is."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except (OperationalError, psycopg2.OperationalError) as error:
        reason = " ".join(str(error.__cause__ or error).split())
        raise StorageError(f"the database does not answer its owner: {reason}; is PostgreSQL running?") from error
    except (SQLAlchemyError, psycopg2.Error, CommandError) as error:
        raise StorageError(f"the schema could not be brought up to date: {' '.join(str(error).split())}") from error


def _status(connection: Connection) -> MigrationStatus:
    return MigrationStatus(MigrationContext.configure(connection).get_current_revision(), newest())
