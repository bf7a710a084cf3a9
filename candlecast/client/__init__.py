"""How does another program ask Candlecast? A typed HTTP client, blocking and asyncio, over the calls of `calls`."""

from candlecast.client.asynchronous import AsyncCandlecastClient
from candlecast.client.blocking import CandlecastClient
from candlecast.queries import CandleQuery, LedgerQuery, NewsFilter, TrackRecordQuery
from candlecast.schemas import StreamEvent

__all__ = [
    "AsyncCandlecastClient",
    "CandleQuery",
    "CandlecastClient",
    "LedgerQuery",
    "NewsFilter",
    "StreamEvent",
    "TrackRecordQuery",
]
