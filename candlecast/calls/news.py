"""Calls about texts, and the news behind a symbol."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter

from candlecast.calls.call import Call, Param, given, path_of
from candlecast.queries import NewsFilter
from candlecast.schemas import (
    Engine,
    Listing,
    NewsPage,
    NewsSource,
    SentimentAnswer,
    SentimentRequest,
    SentimentSummary,
)

_SENTIMENT = TypeAdapter(SentimentAnswer)
_SUMMARY = TypeAdapter(SentimentSummary)
_NEWS = TypeAdapter(NewsPage)
# a list by its schema, a `Listing` by what it is read into
_SOURCES: TypeAdapter[Any] = TypeAdapter(Annotated[list[NewsSource], AfterValidator(Listing)])


def sentiment_call(texts: Sequence[str], *, engine: Engine | None) -> Call[SentimentAnswer]:
    """Return the call that scores texts."""
    body = SentimentRequest(texts=list(texts), engine=engine)
    return Call(path_of("sentiment"), _SENTIMENT, body=body, method="POST")


def sentiment_summary_call(symbol: str, *, window: str, history: int = 0) -> Call[SentimentSummary]:
    """Return the call for what the news of a window say about one symbol, and said at moments before."""
    params: dict[str, Param] = {"symbol": symbol, "window": window}
    return Call(path_of("sentiment"), _SUMMARY, params | ({"history": history} if history else {}))


def news_call(wanted: NewsFilter) -> Call[NewsPage]:
    """Return the call for one page of stories."""
    return Call(path_of("news"), _NEWS, given(**asdict(wanted)))


def news_sources_call() -> Call[Listing[NewsSource]]:
    """Return the call for who told the stories."""
    return Call(path_of("news", "sources"), _SOURCES)
