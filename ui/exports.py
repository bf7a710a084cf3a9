"""What can be downloaded as CSV? The stories on show and the recorded forecasts of a record, as the API tells them."""

from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from candlecast.errors import CandlecastError
from candlecast.schemas import LedgerLine, NewsRow, csv_text
from ui.address import Address
from ui.news.found import load_stories
from ui.news.wanted import WantedNews
from ui.record.found import load_choice
from ui.record.wanted import WantedRecord, window_start
from ui.site import Site

_ROWS_AT_ONCE = 500
_MEDIA_TYPE = "text/csv; charset=utf-8"


def export_routes(site: Site) -> APIRouter:
    """Return the routes ``exports/news.csv`` and ``exports/ledger.csv``; they take the query of their pages."""
    router = APIRouter(prefix="/exports", include_in_schema=False)

    @router.get("/news.csv")
    async def news(request: Request) -> Response:
        try:
            stories = await load_stories(site, WantedNews.of(Address.parse(request.url.query)))
        except CandlecastError as error:
            return _refused(error)
        text = csv_text([NewsRow.of(story) for story in stories.items], NewsRow)
        return Response(text, media_type=_MEDIA_TYPE, headers=_named("candlecast-news.csv"))

    @router.get("/ledger.csv")
    async def ledger(request: Request) -> Response:
        wanted = WantedRecord.of(Address.parse(request.url.query), horizon=site.horizon)
        try:
            lines = _lines(site, wanted)
            first = await anext(lines)
        except CandlecastError as error:
            return _refused(error)
        body = _joined(first, lines)
        return StreamingResponse(body, media_type=_MEDIA_TYPE, headers=_named("candlecast-forecasts.csv"))

    return router


async def _lines(site: Site, wanted: WantedRecord) -> AsyncIterator[str]:
    readiness = await site.client.readiness()
    choice = await load_choice(site, wanted)
    head, since = True, window_start(wanted.window, readiness.market_time)
    query = None if choice is None else wanted.ledger(choice, limit=_ROWS_AT_ONCE, start=since)
    while query is not None:
        page = await site.client.ledger(query)
        # the record counts days of as_of, the ledger is asked for target times
        kept = [LedgerLine.of(row) for row in page.items if since is None or row.forecast.as_of >= since]
        yield csv_text(kept, LedgerLine, head=head)
        head, query = False, replace(query, cursor=page.next_cursor) if page.next_cursor else None
    if head:
        yield csv_text([], LedgerLine)


async def _joined(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for part in rest:
        yield part


def _refused(error: CandlecastError) -> Response:
    return PlainTextResponse(f"{error.title}: {error}", status_code=502)


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
