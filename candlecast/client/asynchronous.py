"""The same client for asyncio: same methods, same answers, same errors."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from candlecast import calls
from candlecast.client.async_connection import AsyncConnection
from candlecast.job_progress import JobState
from candlecast.queries import CandleQuery, LedgerQuery, NewsFilter, TrackRecordQuery
from candlecast.schemas import (
    Alert,
    AlertDeliveryPage,
    AlertList,
    Candle,
    CandlePage,
    Engine,
    Forecast,
    ForecastItem,
    ForecastResults,
    IndicatorSeries,
    JobAccepted,
    LedgerItem,
    LedgerPage,
    Listing,
    ModelDetail,
    ModelPage,
    ModelState,
    NewAlert,
    NewsItem,
    NewsPage,
    NewsSource,
    PriceResults,
    Readiness,
    RollbackRequest,
    SentimentAnswer,
    SentimentSummary,
    Session,
    SymbolStatus,
    TrackRecords,
    TrainRequest,
    TuneRequest,
)


class AsyncCandlecastClient(AsyncConnection):
    """Client of one Candlecast API for asyncio; close it, or use it as an asynchronous context manager.

    Every method raises the type of `candlecast.errors` that the API answered with, and
    `SourceUnavailableError` when no API answers or its answer cannot be read.

    Parameters
    ----------
    base_url, api_key, timeout_s, longest_wait_s, transport
        As for `AsyncConnection`.
    """

    async def symbols(self) -> Listing[SymbolStatus]:
        """Return the tracked symbols and how fresh each is."""
        return await self._send(calls.symbols_call())

    async def prices(self, symbols: Sequence[str] = ()) -> PriceResults:
        """Return a price or a problem per symbol, in their order; of all tracked symbols without any."""
        return await self._send(calls.prices_call(symbols))

    async def candles(self, query: CandleQuery) -> CandlePage:
        """Return one page of closed candles, ascending by time."""
        return await self._send(calls.candles_call(query))

    async def every_candle(self, query: CandleQuery) -> AsyncIterator[Candle]:
        """Yield the candles of all pages, from that of `query` on."""
        async for page in self._pages(calls.candles_call, query):
            for item in page.candles:
                yield item

    async def indicators(
        self, symbol: str, timeframe: str, *, names: Sequence[str] = ("rsi", "macd", "bollinger"), limit: int = 500
    ) -> IndicatorSeries:
        """Return indicators of the newest `limit` candles, by group or column."""
        return await self._send(calls.indicators_call(symbol, timeframe, names=names, limit=limit))

    async def forecast(self, symbol: str, timeframe: str, *, horizon: int = 1) -> Forecast:
        """Return the newest stored forecast of one series."""
        return await self._send(calls.forecast_call(symbol, timeframe, horizon=horizon))

    async def forecasts(self, items: Sequence[ForecastItem]) -> ForecastResults:
        """Return a forecast or a problem per item, in their order; 1 to 1,000 items."""
        return await self._send(calls.forecasts_call(items))

    async def ledger(self, query: LedgerQuery) -> LedgerPage:
        """Return one page of recorded forecasts with their outcomes, the newest target first."""
        return await self._send(calls.ledger_call(query))

    async def every_recorded(self, query: LedgerQuery) -> AsyncIterator[LedgerItem]:
        """Yield the recorded forecasts of all pages, from that of `query` on."""
        async for page in self._pages(calls.ledger_call, query):
            for item in page.items:
                yield item

    async def track_record(self, query: TrackRecordQuery | None = None) -> TrackRecords:
        """Return how forecasts did, beside their baselines; all of the last 30 days if None."""
        return await self._send(calls.track_record_call(query or TrackRecordQuery()))

    async def sentiment(self, texts: Sequence[str], *, engine: Engine | None = None) -> SentimentAnswer:
        """Return a score from -1 to +1 per text, in their order; 1 to 512 texts; by the engine of the news if None."""
        return await self._send(calls.sentiment_call(texts, engine=engine))

    async def sentiment_summary(self, symbol: str, *, window: str = "24h", history: int = 0) -> SentimentSummary:
        """Return what the news of the last `window`, ``1h`` to ``30d``, say about one symbol.

        Parameters
        ----------
        symbol : str
            A followed symbol.
        window : str
            Whole hours or days.
        history : int
            Moments before now, 0 to 100 and a quarter of the window apart, to tell the score of too.
        """
        return await self._send(calls.sentiment_summary_call(symbol, window=window, history=history))

    async def news(self, wanted: NewsFilter) -> NewsPage:
        """Return one page of stories, the newest first; show their titles as text, never as markup."""
        return await self._send(calls.news_call(wanted))

    async def every_story(self, wanted: NewsFilter) -> AsyncIterator[NewsItem]:
        """Yield the stories of all pages, from that of `wanted` on."""
        async for page in self._pages(calls.news_call, wanted):
            for item in page.items:
                yield item

    async def news_sources(self) -> Listing[NewsSource]:
        """Return who told stories in the last 30 days, the busiest first."""
        return await self._send(calls.news_sources_call())

    async def models(
        self,
        *,
        timeframe: str | None = None,
        horizon: int | None = None,
        status: ModelState | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> ModelPage:
        """Return one page of trained models, the newest first; None stands for any."""
        call = calls.models_call(timeframe=timeframe, horizon=horizon, status=status, limit=limit, cursor=cursor)
        return await self._send(call)

    async def model(self, id_: str) -> ModelDetail:
        """Return all that is known of one model."""
        return await self._send(calls.model_call(id_))

    async def promote(self, id_: str) -> ModelDetail:
        """Make a model champion; needs a key of scope admin."""
        return await self._send(calls.promote_call(id_))

    async def rollback(self, request: RollbackRequest | None = None) -> ModelDetail:
        """Make the champion before the present one champion again; needs a key of scope admin."""
        return await self._send(calls.rollback_call(request or RollbackRequest()))

    async def train(self, request: TrainRequest | None = None) -> JobAccepted:
        """Have a model trained, of what is followed if None; needs a key of scope admin."""
        return await self._send(calls.train_call(request or TrainRequest()))

    async def tune(self, request: TuneRequest | None = None) -> JobAccepted:
        """Have models tuned, of what is followed if None; needs a key of scope admin."""
        return await self._send(calls.tune_call(request or TuneRequest()))

    async def job(self, id_: str, *, tail: int = 50) -> JobState:
        """Return how a job stands, with the newest `tail` lines of its log; needs a key of scope admin."""
        return await self._send(calls.job_call(id_, tail=tail))

    async def alerts(self) -> AlertList:
        """Return all alert rules."""
        return await self._send(calls.alerts_call())

    async def create_alert(self, rule: NewAlert) -> Alert:
        """Add an alert rule; an equal one is not made twice."""
        return await self._send(calls.create_alert_call(rule))

    async def delete_alert(self, id_: int) -> None:
        """Delete an alert rule."""
        await self._send(calls.delete_alert_call(id_))

    async def alert_deliveries(
        self, *, alert_id: int | None = None, limit: int = 50, cursor: str | None = None
    ) -> AlertDeliveryPage:
        """Return one page of what alerts sent, the newest first; of one rule, or of all if None."""
        return await self._send(calls.deliveries_call(alert_id=alert_id, limit=limit, cursor=cursor))

    async def session(self, id_: str) -> Session:
        """Return what is kept under an id."""
        return await self._send(calls.session_call(id_))

    async def keep_session(self, id_: str, data: Mapping[str, Any]) -> Session:
        """Keep `data` under an id for 24 h."""
        return await self._send(calls.keep_session_call(id_, data))

    async def readiness(self) -> Readiness:
        """Return whether forecasts can be served; a service that is not ready is no error."""
        return await self._send(calls.readiness_call())
