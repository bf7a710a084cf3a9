"""At which step does the database's schema stand? Told, and brought to the newest one, as the owner."""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from candlecast.errors import StackError
from candlecast.settings import Settings

if TYPE_CHECKING:
    from candlecast.storage.postgres.migrate import MigrationStatus


def upgrade_schema(settings: Settings) -> "MigrationStatus":
    """Bring the schema to its newest step, as the owner; the application's role is fitted to its URL.

    Raises
    ------
    StackError
        When the owner's address is not configured.
    StorageError
        When the database does not answer.
    """
    from candlecast.storage.postgres import migrate

    application = urlsplit(settings.database.url.get_secret_value())
    return migrate.upgrade(
        _owner_url(settings),
        app_user=unquote(application.username or ""),
        app_password=unquote(application.password or ""),
    )


def schema_state(settings: Settings) -> "MigrationStatus":
    """Return at which step the schema stands.

    Raises
    ------
    StackError
        When the owner's address is not configured.
    StorageError
        When the database does not answer.
    """
    from candlecast.storage.postgres import migrate

    return migrate.status(_owner_url(settings))


def _owner_url(settings: Settings) -> str:
    url = settings.database.owner_url.get_secret_value()
    if not url:
        raise StackError("the owner's address is not configured; set CANDLECAST_DATABASE__OWNER_URL")
    return url
