"""How is a vendor asked who wants a key? One page a round, read by the vendor's own reader."""

from collections.abc import Callable
from typing import Any

import orjson

from candlecast.errors import SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.http import FeedClient, Question


class KeyedFeed:
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
