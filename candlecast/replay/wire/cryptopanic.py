"""The replay's CryptoPanic v1 posts, newest first, 20 a page; wants a token, any token."""

from typing import Any

from fastapi import APIRouter, Request, Response

from candlecast.replay.headlines import slug
from candlecast.replay.wire.newsroom import Newsroom, Shown
from candlecast.replay.wire.played import answer

VENUE = "cryptopanic"
POSTS_A_PAGE, MOST_POSTS = 20, 200
VOTES = ("negative", "positive", "important", "liked", "disliked", "lol", "toxic", "saved", "comments")


def build_cryptopanic_routes(newsroom: Newsroom) -> APIRouter:
    """Return the route that tells the headlines as CryptoPanic does."""
    router = APIRouter()

    @router.get("/api/v1/posts/")
    async def posts(request: Request) -> Response:
        if not request.query_params.get("auth_token"):
            return answer({"status": "api_error", "info": "Token not found"}, status=401)
        text = request.query_params.get("page", "1")
        page = int(text) if text.isdecimal() and 0 < len(text) < 4 else 1
        n_posts = min(newsroom.n_published(VENUE), MOST_POSTS)
        shown = newsroom.page(VENUE, size=POSTS_A_PAGE, page=page) if (page - 1) * POSTS_A_PAGE < n_posts else []
        base = str(request.url.replace(query=""))
        following = f"{base}?auth_token=REDACTED&page={page + 1}" if page * POSTS_A_PAGE < n_posts else None
        return answer({"count": n_posts, "next": following, "previous": None, "results": [_post(one) for one in shown]})

    return router


def _post(shown: Shown) -> dict[str, Any]:
    item, host = shown.item, f"{slug(shown.item.source)}.example"
    name = slug(item.title[:80])
    published_at = None if item.published_at is None else f"{item.published_at:%Y-%m-%dT%H:%M:%SZ}"
    post = {
        "kind": "news",
        "domain": host,
        "source": {"title": item.source, "region": "en", "domain": host, "path": None, "type": "feed"},
        "title": item.title,
        "published_at": published_at,
        "slug": name,
        "id": shown.number,
        "url": f"https://cryptopanic.com/news/{shown.number}/{name}?mtm_campaign=API-OFA",
        "created_at": published_at,
        "votes": dict.fromkeys(VOTES, 0),
    }
    # Posts about no coin have no such field.
    currencies = [{"code": code, "title": code, "slug": slug(code), "url": ""} for code in item.codes]
    return post | {"currencies": currencies} if currencies else post
