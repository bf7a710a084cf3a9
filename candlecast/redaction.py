"""What must never be read in a log? Secrets that are known by value, and what looks like one."""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

HIDDEN = "***"

# a shorter one would be found in innocent words
_SHORTEST = 6
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@'\"]*:[^\s/@'\"]*(?=@)")
_NAMED = re.compile(
    r"(?i)((?:[?&]key|authorization|(?:api|app|admin)[_-]?key|token|passw(?:or)?d|pwd|secret)"
    r"[\\\"']{0,2}\s*[=:]\s*[\\\"']{0,2}(?:bearer\s+)?)[^\s\\\"',;&)\]}]+"
)


class Redactor:
    """Takes secrets out of text.

    Parameters
    ----------
    secrets : iterable of str
        Those that are known; those of fewer than 6 characters are left alone.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        # the longest first: one may begin as another does
        ordered = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """Return `text` without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        if "://" in text:
            text = _IN_ADDRESS.sub(HIDDEN, text)
        return _NAMED.sub(rf"\g<1>{HIDDEN}", text)


def secrets_of(settings: BaseModel) -> set[str]:
    """Return every secret that `settings` hold: as it is, its parts, and the passwords of addresses."""
    return {part for value in _values(settings) for part in _parts(value)}


def _values(model: BaseModel) -> Iterator[str]:
    for _, value in model:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _values(value)


def _parts(value: str) -> Iterator[str]:
    # some are lists of NAME=SECRET
    for item in {value, *value.split()}:
        yield item
        yield item.partition("=")[2]
    password = urlsplit(value).password if "://" in value and " " not in value else None
    if password:
        yield from (password, unquote(password))


def _forms(secret: str) -> set[str]:
    # as it stands in text, in JSON, and in the representation of a string
    return {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
