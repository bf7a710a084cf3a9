"""Who may ask the API? Keys of which only digests are kept, and what each one allows."""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from candlecast.errors import InvalidRequestError, StorageError

Scope = Literal["read", "admin"]

PREFIX = "cck_"
# what nobody can guess, and no header that floods
MIN_LENGTH, MAX_LENGTH = 32, 200
_KEY = re.compile(rf"[\x21-\x7e]{{{MIN_LENGTH},{MAX_LENGTH}}}")
_NAME = re.compile(r"[\w.-]{1,60}")

_FRESH_S = 1.0
_TRUSTED_S = 3.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it is stored: everything but the key itself.

    `sha256` is the key's digest in hexadecimal; times are wall times; a key that was revoked is
    refused for good.
    """

    id: int
    name: str
    scope: Scope
    sha256: str
    created_at: datetime
    revoked_at: datetime | None = None


def new_key() -> str:
    """Return a key that nobody can guess: 256 random bits behind `PREFIX`."""
    return PREFIX + secrets.token_urlsafe(32)


def key_digest(key: str) -> str:
    """Return the SHA-256 of a key in hexadecimal; keys are random, so that no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def checked_key(key: str) -> str:
    """Return `key` if it may serve as one.

    Raises
    ------
    InvalidRequestError
        When it is shorter than 32 or longer than 200 visible ASCII characters; the key is not told.
    """
    if not _KEY.fullmatch(key):
        raise InvalidRequestError(
            f"an API key must be {MIN_LENGTH} to {MAX_LENGTH} visible ASCII characters, had {len(key)}; "
            "`candlecast keys create NAME` makes one"
        )
    return key


def checked_name(name: str) -> str:
    """Return `name` if a key may be called so.

    Raises
    ------
    InvalidRequestError
        When it is not 1 to 60 letters, digits, ``_``, ``-`` and ``.``.
    """
    if not _NAME.fullmatch(name):
        raise InvalidRequestError(f"name must be 1 to 60 letters, digits, _ - and ., was {name[:60]!r}")
    return name


class KeyRing:
    """The keys that are in force, in memory; belongs to one event loop.

    A key that is revoked is refused at most `_TRUSTED_S` wall seconds later; a new one is accepted
    after at most `_FRESH_S`. While the database is down the keys known last stay in force.

    Parameters
    ----------
    load : callable
        Reads all keys in force; blocks, raises `StorageError`.
    """

    def __init__(self, load: Callable[[], Sequence[KeyRecord]]) -> None:
        self._load = load
        self._keys: Sequence[KeyRecord] = ()
        self._read_s: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def find(self, key: str) -> KeyRecord | None:
        """Return what is known of `key`, None for one that is not in force.

        Raises
        ------
        StorageError
            When the keys could not be read even once.
        """
        digest = key_digest(key[: MAX_LENGTH + 1])
        found = self._match(digest)
        age_s = float("inf") if self._read_s is None else time.monotonic() - self._read_s
        if age_s >= _FRESH_S:
            reading = self._refresh()
            if age_s >= _TRUSTED_S or found is None:
                await asyncio.shield(reading)
                found = self._match(digest)
        return found

    def find_now(self, key: str) -> KeyRecord | None:
        """Return what is known of `key` without waiting; None too when that is too old to be trusted, so ask `find`."""
        age_s = float("inf") if self._read_s is None else time.monotonic() - self._read_s
        if age_s >= _TRUSTED_S:
            return None
        if age_s >= _FRESH_S:
            self._refresh()
        return self._match(key_digest(key[: MAX_LENGTH + 1]))

    def _match(self, digest: str) -> KeyRecord | None:
        # every key is compared in full, so that the time says nothing about any
        found = None
        for record in self._keys:
            if hmac.compare_digest(record.sha256, digest):
                found = record
        return found

    def _refresh(self) -> asyncio.Task[None]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read())
            # who waits for it hears of a failure, and nobody else has to
            self._reading.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._reading

    async def _read(self) -> None:
        # an answer that took long was true when it was asked for
        asked_s = time.monotonic()
        try:
            self._keys = await asyncio.to_thread(self._load)
        except StorageError as error:
            if self._read_s is None:
                raise
            logger.warning("API keys stay as they were known last: %s", error)
            asked_s = time.monotonic()
        self._read_s = asked_s
