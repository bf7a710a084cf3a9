"""News from cryptopanic.com, v1: posts about coins, which it names; wants a token."""

from typing import Any

from candlecast.errors import SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.fields import moment_in, text_in
from candlecast.news.feeds.http import Question
from candlecast.news.feeds.refusals import said_in
from candlecast.news.feeds.vendor import Vendor, json_in

NAME = "cryptopanic"
SERVER = "https://cryptopanic.com"
PATH = "/api/v1/posts/"
KEY_SETTING = "CANDLECAST_NEWS__CRYPTOPANIC_TOKEN"


def ask_cryptopanic(token: str, *, server: str = SERVER) -> Question:
    """Return the question for the newest 20 posts; the token goes into the query, as it wants it.

    Parameters
    ----------
    token : str
        Of the account; never told in logs and messages.
    server : str
        Address before the path.
    """
    query = {"auth_token": token, "public": "true", "kind": "news", "regions": "en"}
    return Question(NAME, server + PATH, query, secret=token, key_setting=KEY_SETTING)


def parse_cryptopanic(body: bytes) -> list[FedItem]:
    """Return the posts of an answer.

    Raises
    ------
    SourceUnavailableError
        When the answer holds no posts.
    """
    content = json_in(body, name=NAME)
    posts = content.get("results") if isinstance(content, dict) else None
    if not isinstance(posts, list):
        raise SourceUnavailableError(f"{NAME} answered JSON without posts{said_in(body)}; it is asked again later")
    return [_item(post) for post in posts if isinstance(post, dict)]


def _item(post: dict[str, Any]) -> FedItem:
    currencies = post.get("currencies")
    codes = [text_in(currency, "code") for currency in currencies] if isinstance(currencies, list) else []
    return FedItem(
        feed=NAME,
        source=text_in(post, "source", "title") or text_in(post, "domain"),
        url=text_in(post, "url"),
        title=text_in(post, "title"),
        summary=text_in(post, "description"),
        published_at=moment_in(text_in(post, "published_at")),
        codes=tuple(code for code in codes if code),
    )


VENDOR = Vendor(NAME, SERVER, ask=ask_cryptopanic, read=parse_cryptopanic, key_field="cryptopanic_token")
