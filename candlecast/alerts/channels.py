"""Where may messages go? Named addresses that only the operator's settings hold; they are never logged nor shown."""

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from candlecast.errors import InvalidRequestError

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# at DEBUG these write whole addresses, with the tokens that are in them
_TALKATIVE = ("apprise", "urllib3")
_UNKNOWN = (
    "its address is not one that apprise knows; webhooks are json:// or jsons://, Telegram tgram://, Discord "
    "discord://, e-mail mailto:// or mailtos://"
)
_LONGEST_REASON = 200
_SHORTEST_SECRET = 4


class DeliveryError(Exception):
    """A channel did not take a message; the text says why, without its address."""


def read_channels(text: str) -> dict[str, str]:
    """Read ``ops=jsons://host/hook me=tgram://TOKEN/CHAT``: the address of each channel by its name.

    Raises
    ------
    InvalidRequestError
        When an entry is not ``NAME=ADDRESS``, or a name comes twice; addresses are not repeated.
    """
    channels: dict[str, str] = {}
    for place, entry in enumerate(text.split(), start=1):
        name, _, address = entry.partition("=")
        if not _NAME.fullmatch(name) or "://" not in address:
            raise InvalidRequestError(
                f"alerts.channels must be NAME=ADDRESS, space-separated, as ops=jsons://host/hook; entry {place} is "
                "not (a name holds a-z, 0-9 and -, a space in an address is %20)"
            )
        if name in channels:
            raise InvalidRequestError(f"alerts.channels names {name!r} twice; give each channel its own name")
        channels[name] = address
    return channels


def check_channels(text: str) -> None:
    """Refuse channels that could never be spoken to, before anything is started.

    Raises
    ------
    InvalidRequestError
        When they cannot be read, or apprise does not know what an address is.
    """
    for channel in open_channels(read_channels(text)):
        if channel.trouble is not None:
            raise InvalidRequestError(f"alerts.channels, {channel.name!r}: {channel.trouble}")


def open_channels(channels: Mapping[str, str]) -> "list[Channel]":
    """Return the channels, ready to send; nothing is connected yet."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # what apprise warns of may name addresses: it becomes the reason that is recorded, and nothing else
    logging.getLogger("apprise").propagate = False
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    return [Channel(name, address) for name, address in channels.items()]


class Channel:
    """One address by its name.

    Parameters
    ----------
    name : str
        As rules refer to it.
    address : str
        An apprise address.

    Attributes
    ----------
    trouble : str or None
        Why nothing can ever be sent: apprise does not know what the address is.
    """

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self._plugin = _plugin(address)
        self.trouble = _UNKNOWN if self._plugin is None else None
        given = [part for part in re.split(r"[/:@?&=#,]+", address) if len(part) >= _SHORTEST_SECRET]
        # some senders repeat it as it was written, some as they read it
        self._parts = sorted({*given, *map(unquote, given)}, key=len, reverse=True)

    def send(self, *, title: str, message: str) -> None:
        """Send a message; blocks for as long as the channel takes.

        Raises
        ------
        DeliveryError
            When the channel cannot be reached or does not take it.
        """
        if self._plugin is None:
            raise DeliveryError(_UNKNOWN)
        with _warnings() as heard:
            try:
                taken = bool(self._plugin.notify(body=message, title=title, body_format="text"))
            except Exception as error:
                # a sender's own fault must not end the watch; what it says may hold the address
                raise DeliveryError(f"its sender failed: {type(error).__name__}") from error
        if not taken:
            reason = heard[0] if heard else "it was not taken"
            raise DeliveryError(self._hidden(reason)[:_LONGEST_REASON])

    def _hidden(self, text: str) -> str:
        # parts of the address may be tokens: none of them is repeated
        for part in self._parts:
            text = text.replace(part, "…")
        return text


class _Heard(logging.Handler):
    # what this thread is warned of
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.lines.append(" ".join(record.getMessage().split()))


@contextmanager
def _warnings() -> Iterator[list[str]]:
    handler, logger = _Heard(), logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)


def _plugin(address: str) -> "NotifyBase | None":
    with warnings.catch_warnings():
        # it loads its senders when first asked, and they use what Python 3.13 drops
        warnings.simplefilter("ignore", DeprecationWarning)
        # takes a fifth of a second to import, which those who only read names shall not pay
        import apprise

        return apprise.Apprise.instantiate(address, suppress_exceptions=True)
