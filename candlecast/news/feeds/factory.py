"""Which feeds are meant by the settings: the one place that knows them all."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import SecretStr

from candlecast.errors import InvalidRequestError
from candlecast.news.feeds import cryptopanic, newsapi
from candlecast.news.feeds.http import FeedClient, is_web_address
from candlecast.news.feeds.protocol import Feed
from candlecast.news.feeds.rss import RssFeed
from candlecast.news.feeds.vendor import Vendor, VendorFeed
from candlecast.settings import NewsSettings

VENDORS = {vendor.name: vendor for vendor in (newsapi.VENDOR, cryptopanic.VENDOR)}
KINDS = ("rss", *VENDORS)
OUTLET = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# What a server that stands in grants: as much as an unknown venue.
STAND_IN = "news:stand-in"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenFeeds:
    """The feeds of a process.

    Parameters
    ----------
    feeds : tuple of Feed
        Those that are asked.
    skipped : dict of str to str
        By name of a feed that lacks its key: what to set.
    client : FeedClient
        What asks for all of them; close it in the end.
    """

    feeds: tuple[Feed, ...]
    skipped: dict[str, str]
    client: FeedClient


def open_feeds(news: NewsSettings) -> OpenFeeds:
    """Return the feeds that `news` names; they connect when they are first asked.

    Keyless ones are left out, which one log line says.

    Raises
    ------
    InvalidRequestError
        When a kind is not known, or ``rss`` or ``feed_url`` cannot be read.
    """
    kinds, outlets = _kinds(news.feeds), parse_outlets(news.rss)
    stand_in = news.feed_url.rstrip("/")
    if stand_in and not is_web_address(stand_in):
        raise InvalidRequestError(f"news.feed_url must be an address as http://host:port, was {_shown(news.feed_url)}")
    keys = {kind: _key_of(VENDORS[kind], news) for kind in kinds if kind in VENDORS and VENDORS[kind].key_field}
    skipped = {kind: f"set {VENDORS[kind].key_setting} to use it" for kind, key in keys.items() if not key}
    if skipped:
        logger.info("feeds are skipped: %s", "; ".join(f"{kind}: {why}" for kind, why in skipped.items()))
    client = FeedClient(stand_in, private_hosts=news.private_hosts.split(","))
    asked = [kind for kind in kinds if kind not in skipped]
    feeds = (feed for kind in asked for feed in _open(kind, client, keys=keys, outlets=outlets, stand_in=stand_in))
    return OpenFeeds(tuple(feeds), skipped, client)


def parse_outlets(text: str) -> dict[str, str]:
    """Return the address of each feed in ``NAME=ADDRESS,NAME=ADDRESS``.

    Raises
    ------
    InvalidRequestError
        Naming the part that is none.
    """
    outlets: dict[str, str] = {}
    # An address may hold commas: what follows one is a new feed only when it begins with a name.
    for part in filter(None, (piece.strip(" ,\t\n") for piece in re.split(r",(?=[^=,/?]*=\s*\w+://)", text))):
        name, _, url = (piece.strip() for piece in part.partition("="))
        if not OUTLET.fullmatch(name) or not is_web_address(url):
            raise InvalidRequestError(
                f"news.rss must hold NAME=ADDRESS, as coindesk=https://host/rss with a name of a-z, 0-9 and -, "
                f"was {_shown(part)}"
            )
        if name in outlets:
            raise InvalidRequestError(f"news.rss names {name!r} twice; give each feed its own name")
        outlets[name] = url
    return outlets


def _kinds(text: str) -> list[str]:
    kinds = list(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    for kind in kinds:
        if kind not in KINDS:
            near = get_close_matches(kind, KINDS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InvalidRequestError(f"news.feeds must be of {', '.join(KINDS)}, was {_shown(kind)}{hint}")
    return kinds


def _key_of(vendor: Vendor, news: NewsSettings) -> str:
    key: SecretStr = getattr(news, vendor.key_field)
    return key.get_secret_value().strip()


def _open(
    kind: str, client: FeedClient, *, keys: dict[str, str], outlets: dict[str, str], stand_in: str
) -> Iterator[Feed]:
    def quota(name: str) -> str:
        return f"{STAND_IN}:{name}" if stand_in else f"news:{name}"

    if kind in VENDORS:
        vendor = VENDORS[kind]
        question = vendor.ask(keys.get(kind, ""), server=stand_in or vendor.server)
        yield VendorFeed(client, question, read=vendor.read, quota=quota(kind))
    else:
        for name, url in outlets.items():
            address = f"{stand_in}/rss/{name}" if stand_in else url
            yield RssFeed(client, outlet=name, url=address, quota=quota(f"rss:{name}"))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
