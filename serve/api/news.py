"""What the news say: sentiment of a symbol, and the stories behind it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from candlecast.queries import NewsFilter
from candlecast.schemas import Label, NewsPage, NewsRow, NewsSource, SentimentSummary
from serve.api.services import ServicesDep
from serve.api.tables import TABLE_RESPONSES, negotiated

router = APIRouter(prefix="/v1", tags=["sentiment"])


@router.get("/sentiment", summary="What the news of a window say about one symbol")
async def summarise_news(
    services: ServicesDep,
    symbol: Annotated[str, Query(max_length=200, examples=["BTC/USDT"])],
    window: Annotated[str, Query(max_length=200, description="1h to 30d", examples=["24h"])] = "24h",
    history: Annotated[
        int, Query(ge=0, le=100, description="moments, a quarter of the window apart, to tell the score of too")
    ] = 0,
) -> SentimentSummary:
    """Return score, number of stories, dispersion and trend; what no story says is null, never 0."""
    return await services.reading.news.summary(symbol, window, history=history)


@router.get(
    "/news",
    summary="Stories, newest first, near-duplicates once with all their outlets; JSON, CSV or Parquet",
    response_model=NewsPage,
    responses=TABLE_RESPONSES,
)
async def list_news(
    request: Request,
    services: ServicesDep,
    symbol: Annotated[str | None, Query(max_length=200, examples=["BTC/USDT"])] = None,
    source: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="outlet, as an item names it")
    ] = None,
    min_score: Annotated[float | None, Query(ge=-1, le=1, description="leaves out stories without a score")] = None,
    max_score: Annotated[float | None, Query(ge=-1, le=1, description="leaves out stories without a score")] = None,
    label: Annotated[Label | None, Query(description="what the engine called it")] = None,
    text: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="words that all occur in the title")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=64, description="next_cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """Return a page of stories as known at the market time; titles are data, show them as text."""
    wanted = NewsFilter(
        symbol=symbol,
        source=source,
        min_score=min_score,
        max_score=max_score,
        label=label,
        text=text,
        cursor=cursor,
        limit=limit,
    )
    page = await services.reading.news.page(wanted)
    return negotiated(request, page, rows=lambda: [NewsRow.of(item) for item in page.items], row_type=NewsRow)


@router.get("/news/sources", summary="Who told stories in the last 30 days, the busiest first")
async def list_news_sources(services: ServicesDep) -> list[NewsSource]:
    """Return the outlets as known at the market time, at most 200."""
    return await services.reading.news.sources()
