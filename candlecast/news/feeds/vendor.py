"""How is a vendor of news asked? One page a round, read by the vendor's own reader."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from candlecast.errors import SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.http import FeedClient, Question


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor whose newest page is one question: an entry of the feeds' registry.

    Parameters
    ----------
    name : str
        As settings call it.
    server : str
        Its address, before the path.
    ask : callable
        ``ask(key, server=server)`` returns the question.
    read : callable
        Reads the body of an answer; raises what `Feed.fetch` may raise.
    key_field : str
        Field of the news settings that holds its key, "" for a vendor that wants none.
    """

    name: str
    server: str
    ask: Callable[..., Question]
    read: Callable[[bytes], list[FedItem]]
    key_field: str = ""

    @property
    def key_setting(self) -> str:
        """Return the variable that sets the key."""
        return f"CANDLECAST_NEWS__{self.key_field.upper()}"


class VendorFeed:
    """The newest page of one vendor.

    Parameters
    ----------
    client : FeedClient
        Asks.
    question : Question
        What is asked, key included.
    read : callable
        Reads the body of an answer; raises what `Feed.fetch` may raise.
    quota : str
        Budget that requests are paid from, "" for its own.
    """

    cost = 1.0

    def __init__(
        self, client: FeedClient, question: Question, *, read: Callable[[bytes], list[FedItem]], quota: str = ""
    ) -> None:
        self.name = question.name
        self.quota = quota or f"news:{self.name}"
        self._client = client
        self._question = question
        self._read = read

    async def fetch(self) -> list[FedItem]:
        """Return the items of the newest page; see `Feed`."""
        return self._read(await self._client.get(self._question))


def json_in(body: bytes, *, name: str) -> Any:
    """Return the content of a JSON answer.

    Parameters
    ----------
    body : bytes
        The answer.
    name : str
        Of the feed, for the message.

    Raises
    ------
    SourceUnavailableError
        When it is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceUnavailableError(f"{name} answered no JSON; it is asked again later") from error
