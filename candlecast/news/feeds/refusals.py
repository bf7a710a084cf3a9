"""What does a feed mean by its answer? Each refusal becomes the error that has the fitting reaction."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import orjson

from candlecast.clock import wall_s
from candlecast.errors import (
    SourceBlockedError,
    SourceError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
)

DEFAULT_RETRY_AFTER_S = 300.0
LONGEST_RETRY_AFTER_S = 86_400.0
LONGEST_TEXT = 160
BLOCKED_STATUSES = (403, 418, 451)
HTML_STARTS = (b"<!doctype html", b"<html")
# names under which feeds say what is wrong
TEXT_NAMES = ("message", "info", "detail", "error")


@dataclass(frozen=True, slots=True)
class Page:
    """What a feed answered: status, whole body and its ``Retry-After``, "" for none."""

    status: int
    body: bytes
    retry_after: str = ""


def page_problem(page: Page, *, name: str, key_setting: str) -> SourceError | None:
    """Return what is wrong with an answer, None for a page that may hold news.

    Parameters
    ----------
    page : Page
        The answer.
    name : str
        Of the feed, for the message.
    key_setting : str
        What to set when the key is refused, "" for a feed without one.
    """
    status, said = page.status, said_in(page.body)
    if status == 401:
        return refused_key(name, key_setting, f"HTTP 401{said}")
    if status == 429:
        wait_s = retry_after_s(page.retry_after)
        return SourceRateLimitedError(f"{name} asks to wait {wait_s:.0f} s (HTTP 429{said})", wait_s)
    if status in BLOCKED_STATUSES:
        return SourceBlockedError(f"{name} refuses us (HTTP {status}{said}); it is left alone for a while")
    if status != 200:
        return SourceUnavailableError(f"{name} answered HTTP {status}{said}; it is asked again later")
    if page.body[:500].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(HTML_STARTS):
        return SourceUnavailableError(f"{name} answered a page of HTML in place of news; check its address")
    return None


def refused_key(name: str, key_setting: str, why: str) -> SourceError:
    """Return the error of a feed that refuses the key, or who has none."""
    if not key_setting:
        return SourceBlockedError(f"{name} refuses us ({why}); it is left alone for a while")
    return SourceNotConfiguredError(f"{name} refuses the key ({why}); check {key_setting}")


def said_in(body: bytes) -> str:
    """Return what a JSON body says is wrong as ``: text``, at most 160 characters on one line, else ""."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    texts = [content[name] for name in TEXT_NAMES if isinstance(content, dict) and isinstance(content.get(name), str)]
    printable = "".join(letter if letter.isprintable() else " " for letter in (texts or [""])[0])
    return f": {' '.join(printable.split())[:LONGEST_TEXT]}" if printable.strip() else ""


def retry_after_s(header: str) -> float:
    """Return the wall seconds of a ``Retry-After`` header, 300 where it says nothing readable, at most a day."""
    if header.strip().isdecimal() and len(header) < 10:
        return min(float(header), LONGEST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(header)
        # A date without a zone is one in UTC.
        wait_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - wall_s()
    except (ValueError, OverflowError):
        return DEFAULT_RETRY_AFTER_S
    return min(max(0.0, wait_s), LONGEST_RETRY_AFTER_S)
