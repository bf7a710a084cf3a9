"""The replay's NewsAPI v2: everything that was published so far, newest first, 100 a page; wants a key, any key."""

from typing import Any

from fastapi import APIRouter, Request, Response

from candlecast.news.articles import FedItem
from candlecast.replay.wire.newsroom import Newsroom
from candlecast.replay.wire.played import answer

VENUE = "newsapi"
MAX_PAGE = 100
WANTED = ("q", "sources", "domains")


def build_newsapi_routes(newsroom: Newsroom) -> APIRouter:
    """Return the route that tells the headlines as NewsAPI does; what is searched for makes no difference."""
    router = APIRouter()

    @router.get("/v2/everything")
    async def everything(request: Request) -> Response:
        query = request.query_params
        if not (request.headers.get("x-api-key") or query.get("apiKey")):
            return _error(401, "apiKeyMissing", "No API key was sent. Send one in the X-Api-Key header.")
        if not any(query.get(name) for name in WANTED):
            return _error(400, "parametersMissing", f"One of these parameters is required: {', '.join(WANTED)}.")
        size, page = _number(query.get("pageSize")), _number(query.get("page", "1"))
        if "pageSize" in query and not 1 <= size <= MAX_PAGE:
            return _error(400, "parameterInvalid", f"pageSize must be 1 to {MAX_PAGE}.")
        shown = newsroom.page(VENUE, size=size or MAX_PAGE, page=max(1, page))
        articles = [_article(one.item) for one in shown]
        return answer({"status": "ok", "totalResults": newsroom.n_published(VENUE), "articles": articles})

    return router


def _article(item: FedItem) -> dict[str, Any]:
    return {
        "source": {"id": None, "name": item.source},
        "author": None,
        "title": item.title,
        "description": item.summary or None,
        "url": item.url,
        "urlToImage": None,
        "publishedAt": None if item.published_at is None else f"{item.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "content": item.summary or None,
    }


def _error(status: int, code: str, message: str) -> Response:
    return answer({"status": "error", "code": code, "message": message}, status=status)


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else 0
