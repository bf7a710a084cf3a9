"""Stored news -> what a model may learn from it, and in words what it learns from."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd

from candlecast.bootstrap import Market
from candlecast.features.sentiment import NEWS_DAYS
from candlecast.models.news import PanelNews, objection_to_news
from candlecast.sentiment.aggregate import Stories
from candlecast.settings import Settings
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.sentiment import SentimentStore
from candlecast.storage.postgres.symbols import SymbolStore


def read_news(
    settings: Settings,
    market: Market,
    database: Database,
    *,
    panel: Mapping[str, pd.DataFrame],
    until: datetime | None = None,
) -> tuple[PanelNews | None, str]:
    """Read the dated stories of a panel as of `until`, else the market time.

    Parameters
    ----------
    settings : Settings
        Whether models take news, and whose scores.
    market : Market
        Symbols and clock.
    database : Database
        Where stories lie.
    panel : mapping of str to DataFrame
        Candles of the symbols that have any.
    until : datetime, optional
        Newest time that may be known.

    Returns
    -------
    PanelNews or None
        None where the model learns from prices alone.
    str
        What it learns from, or why not from news.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    for name in ("enabled", "features"):
        if not getattr(settings.news, name):
            return None, f"price columns alone: news.{name} is off"
    engine = settings.sentiment.engine
    version = SentimentStore(database).newest_version(engine)
    if version is None:
        return None, f"price columns alone: no story is scored by {engine} yet"
    ids = {number: name for name, number in SymbolStore(database).ensure(market.symbols).items() if name in panel}
    start = min(candles["close_time"].iloc[0] for candles in panel.values()) - timedelta(days=NEWS_DAYS)
    frame = NewsStore(database).history(list(ids), start.to_pydatetime(), until or market.clock.now(), engine, version)
    parts = {ids[int(number)]: Stories.of(part, dated_only=True) for number, part in frame.groupby("symbol_id")}
    news = PanelNews(parts, (engine, version))
    objection = objection_to_news(panel, news)
    if objection is not None:
        return None, f"price columns alone: {objection}"
    n = sum(len(stories.score) for stories in parts.values())
    return news, f"news columns from {n:,} stories scored by {engine}"
