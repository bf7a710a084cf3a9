"""News from newsapi.org, v2: a search over many outlets; wants a key."""

from typing import Any

import orjson

from candlecast.errors import SourceError, SourceRateLimitedError, SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.fields import moment_in, text_in
from candlecast.news.feeds.http import FeedClient, Question
from candlecast.news.feeds.refusals import DEFAULT_RETRY_AFTER_S, refused_key, said_in

NAME = "newsapi"
SERVER = "https://newsapi.org"
PATH = "/v2/everything"
KEY_SETTING = "CANDLECAST_NEWS__NEWSAPI_KEY"
SEARCH = 'bitcoin OR ethereum OR crypto OR "stock market" OR nasdaq OR "federal reserve"'
PAGE_SIZE = "100"
# What it leaves of an article that is gone.
REMOVED = "[Removed]"
KEY_CODES = ("apiKeyDisabled", "apiKeyInvalid", "apiKeyMissing")
LIMIT_CODES = ("rateLimited", "apiKeyExhausted")


class NewsApiFeed:
    """The newest 100 articles about markets.

    Parameters
    ----------
    client : FeedClient
        Asks.
    key : str
        Sent in a header.
    server : str
        Address before the path.
    quota : str
        Budget that requests are paid from.
    """

    name = NAME
    cost = 1.0

    def __init__(self, client: FeedClient, *, key: str, server: str = SERVER, quota: str = f"news:{NAME}") -> None:
        self.quota = quota
        self._client = client
        query = {"q": SEARCH, "language": "en", "sortBy": "publishedAt", "pageSize": PAGE_SIZE}
        self._question = Question(NAME, server + PATH, query, {"X-Api-Key": key}, key, KEY_SETTING)

    async def fetch(self) -> list[FedItem]:
        """Return the newest articles; see `Feed`."""
        return parse_newsapi(await self._client.get(self._question))


def parse_newsapi(body: bytes) -> list[FedItem]:
    """Return the articles of an answer, those that were removed left out.

    Raises
    ------
    SourceError
        When the answer holds no articles, or says why there are none.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceUnavailableError(f"{NAME} answered no JSON; it is asked again later") from error
    if text_in(content, "status") == "error":
        raise _refusal(text_in(content, "code"), said_in(body))
    articles = content.get("articles") if isinstance(content, dict) else None
    if not isinstance(articles, list):
        raise SourceUnavailableError(f"{NAME} answered JSON without articles; it is asked again later")
    return [_item(article) for article in articles if isinstance(article, dict) and not _is_removed(article)]


def _refusal(code: str, said: str) -> SourceError:
    if code in KEY_CODES:
        return refused_key(NAME, KEY_SETTING, code + said)
    if code in LIMIT_CODES:
        return SourceRateLimitedError(f"{NAME} asks to wait ({code}{said})", DEFAULT_RETRY_AFTER_S)
    return SourceUnavailableError(f"{NAME} answered an error ({code[:40]}{said}); it is asked again later")


def _is_removed(article: dict[str, Any]) -> bool:
    return text_in(article, "title").strip() == REMOVED


def _item(article: dict[str, Any]) -> FedItem:
    return FedItem(
        feed=NAME,
        source=text_in(article, "source", "name"),
        url=text_in(article, "url"),
        title=text_in(article, "title"),
        summary=text_in(article, "description"),
        published_at=moment_in(text_in(article, "publishedAt")),
    )
