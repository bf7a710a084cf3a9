"""How do keys come about? Made on demand, or taken from the settings so that a new stack opens its own API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from candlecast.access import KeyRecord, Scope, checked_key, checked_name, key_digest, new_key
from candlecast.bootstrap import open_database
from candlecast.clock import wall_s
from candlecast.errors import InvalidRequestError
from candlecast.settings import ApiSettings, Settings
from candlecast.storage.postgres.keys import KeyStore

GIVEN_NAMES: Mapping[Scope, str] = MappingProxyType({"read": "settings-read", "admin": "settings-admin"})
FIRST_NAME = "admin"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: the only time that anybody sees it."""

    record: KeyRecord
    key: str


class KeyDesk:
    """Makes, takes over and revokes keys.

    Parameters
    ----------
    store : KeyStore
        Where their digests lie.
    """

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def create(self, name: str, scope: Scope) -> NewKey:
        """Make a key.

        Raises
        ------
        InvalidRequestError
            When the name cannot be used, or a key in force has it.
        StorageError
            When the database does not answer.
        """
        key = new_key()
        return NewKey(self._insert(checked_name(name), scope, key), key)

    def revoke(self, name: str) -> KeyRecord:
        """Take a key out of force; replicas refuse it within seconds.

        Raises
        ------
        InvalidRequestError
            When no key of that name is in force.
        StorageError
            When the database does not answer.
        """
        return self._store.revoke(name, revoked_at=_now())

    def init(self, settings: ApiSettings) -> NewKey | None:
        """See to it that somebody can ask: store the keys of the settings, else make the first admin key.

        Safe to repeat. A key that changed in the settings replaces the one before.

        Parameters
        ----------
        settings : ApiSettings
            ``key`` gets scope read, ``admin_key`` scope admin.

        Returns
        -------
        NewKey or None
            What was made; None when the settings gave keys, or an admin key is in force already.

        Raises
        ------
        InvalidRequestError
            When a given key is too short, was revoked, or has another name already.
        StorageError
            When the database does not answer.
        """
        given: dict[Scope, str] = {
            "read": settings.key.get_secret_value(),
            "admin": settings.admin_key.get_secret_value(),
        }
        if len(set(given.values())) == 1 and given["read"]:
            raise InvalidRequestError(
                "api.key and api.admin_key must differ; leave admin_key out where nobody needs it"
            )
        for scope, key in given.items():
            if key:
                self._take_over(scope, checked_key(key))
        if any(given.values()) or any(record.scope == "admin" for record in self._store.in_force()):
            return None
        return self.create(FIRST_NAME, "admin")

    def _take_over(self, scope: Scope, key: str) -> None:
        name, digest = GIVEN_NAMES[scope], key_digest(key)
        known = self._store.list()
        present = next((record for record in known if record.name == name and record.revoked_at is None), None)
        if present is not None and present.sha256 == digest:
            return
        if any(record.sha256 == digest for record in known):
            # before the key that it would replace is revoked for nothing
            raise InvalidRequestError(
                f"the key in the settings for {name!r} was stored before; see `candlecast keys list`, choose another"
            )
        if present is not None:
            self._store.revoke(name, revoked_at=_now())
        self._insert(name, scope, key)

    def _insert(self, name: str, scope: Scope, key: str) -> KeyRecord:
        return self._store.insert(name, scope, key_digest(key), created_at=_now())


def init_keys(settings: Settings) -> NewKey | None:
    """Do as `KeyDesk.init` in the database of the settings.

    Raises
    ------
    InvalidRequestError
        When a given key cannot be used.
    StorageError
        When the database does not answer.
    """
    database = open_database(settings)
    try:
        return KeyDesk(KeyStore(database)).init(settings.api)
    finally:
        database.close()


def _now() -> datetime:
    return datetime.fromtimestamp(wall_s(), UTC)
