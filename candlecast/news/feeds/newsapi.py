"""News from newsapi.org, v2: a search over many outlets; wants a key."""

from typing import Any

from candlecast.errors import SourceError, SourceRateLimitedError, SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.fields import moment_in, text_in
from candlecast.news.feeds.http import Question
from candlecast.news.feeds.refusals import DEFAULT_RETRY_AFTER_S, refused_key, said_in
from candlecast.news.feeds.vendor import Vendor, json_in

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


def ask_newsapi(key: str, *, server: str = SERVER) -> Question:
    """Return the question for the newest 100 articles about markets; the key goes into a header.

    Parameters
    ----------
    key : str
        Of the account.
    server : str
        Address before the path.
    """
    query = {"q": SEARCH, "language": "en", "sortBy": "publishedAt", "pageSize": PAGE_SIZE}
    return Question(NAME, server + PATH, query, {"X-Api-Key": key}, key, KEY_SETTING)


def parse_newsapi(body: bytes) -> list[FedItem]:
    """Return the articles of an answer, those that were removed left out.

    Raises
    ------
    SourceError
        When the answer holds no articles, or says why there are none.
    """
    content = json_in(body, name=NAME)
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


VENDOR = Vendor(NAME, SERVER, ask=ask_newsapi, read=parse_newsapi, key_field="newsapi_key")
