"""Calls about texts, and the news behind a symbol."""

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import TypeAdapter

from candlecast.calls.call import Call, given, path_of
from candlecast.queries import NewsFilter
from candlecast.schemas import Engine, NewsPage, SentimentAnswer, SentimentRequest, SentimentSummary

_SENTIMENT = TypeAdapter(SentimentAnswer)
_SUMMARY = TypeAdapter(SentimentSummary)
_NEWS = TypeAdapter(NewsPage)


def sentiment_call(texts: Sequence[str], *, engine: Engine | None) -> Call[SentimentAnswer]:
    """Return the call that scores texts."""
    body = SentimentRequest(texts=list(texts), engine=engine)
    return Call(path_of("sentiment"), _SENTIMENT, body=body, method="POST")


def sentiment_summary_call(symbol: str, *, window: str) -> Call[SentimentSummary]:
    """Return the call for what the news of a window say about one symbol."""
    return Call(path_of("sentiment"), _SUMMARY, {"symbol": symbol, "window": window})


def news_call(wanted: NewsFilter) -> Call[NewsPage]:
    """Return the call for one page of stories."""
    return Call(path_of("news"), _NEWS, given(**asdict(wanted)))
