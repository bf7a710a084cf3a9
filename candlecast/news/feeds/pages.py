"""How is a page of news read? Up to a size, and without the key that was sent for it."""

import httpx2

from candlecast.errors import SourceUnavailableError
from candlecast.news.feeds.refusals import Page

MOST_BYTES = 2_000_000
SHORTEST_SECRET = 8


async def read_page(answer: httpx2.Response, *, name: str, secret: str) -> Page:
    """Return what a feed answered.

    Parameters
    ----------
    answer : httpx2.Response
        Whose body is not read yet.
    name : str
        Of the feed, for messages.
    secret : str
        The key that was sent; where the body repeats it, it is taken out. "" for none.

    Raises
    ------
    SourceUnavailableError
        When the body is larger than `MOST_BYTES`.
    """
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            limit = f"{MOST_BYTES / 1e6:g} MB"
            raise SourceUnavailableError(f"{name} answered more than {limit}, which no page of news has; page refused")
    return Page(answer.status_code, _without(secret, bytes(body)), answer.headers.get("retry-after", ""))


def _without(secret: str, body: bytes) -> bytes:
    # No vendor's key is shorter; what is might be a part of any word.
    return body.replace(secret.encode(), b"...") if len(secret) >= SHORTEST_SECRET else body
