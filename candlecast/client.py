"""How does another program ask Candlecast? A typed HTTP client, sync and async, over the calls of `calls`."""

from collections.abc import Sequence
from typing import Self, TypeVar

import httpx2

from candlecast import calls
from candlecast.calls import Call
from candlecast.queries import CandleQuery, NewsFilter
from candlecast.schemas import (
    CandlePage,
    Engine,
    Forecast,
    ForecastItem,
    ForecastResults,
    NewsPage,
    PriceResults,
    Readiness,
    SentimentAnswer,
    SentimentSummary,
    SymbolStatus,
)

__all__ = ["AsyncCandlecastClient", "CandleQuery", "CandlecastClient", "NewsFilter"]

Answer = TypeVar("Answer")


class CandlecastClient:
    """Blocking client of one Candlecast API; close it, or use it as a context manager.

    Every method raises the type of `candlecast.errors` that the API answered with, and
    `SourceUnavailableError` when no API answers or its answer cannot be read.

    Parameters
    ----------
    base_url : str
        Address of the API, as ``http://127.0.0.1:8000``.
    timeout_s : float
        Wall seconds before a silent API counts as unavailable.
    transport : httpx2.BaseTransport or None
        Another way to send requests, for tests.
    """

    def __init__(
        self, base_url: str, *, timeout_s: float = 10.0, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._http = httpx2.Client(
            base_url=base_url, timeout=timeout_s, transport=transport, trust_env=calls.may_use_proxy(base_url)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def symbols(self) -> list[SymbolStatus]:
        """Return the tracked symbols and how fresh each is."""
        return self._send(calls.symbols_call())

    def candles(self, query: CandleQuery) -> CandlePage:
        """Return one page of closed candles, ascending by time."""
        return self._send(calls.candles_call(query))

    def prices(self, symbols: Sequence[str] = ()) -> PriceResults:
        """Return a price or a problem per symbol, in their order; of all tracked symbols without any."""
        return self._send(calls.prices_call(symbols))

    def forecast(self, symbol: str, timeframe: str, *, horizon: int = 1) -> Forecast:
        """Return the newest stored forecast of one series."""
        return self._send(calls.forecast_call(symbol, timeframe, horizon=horizon))

    def forecasts(self, items: Sequence[ForecastItem]) -> ForecastResults:
        """Return a forecast or a problem per item, in their order; 1 to 1,000 items."""
        return self._send(calls.forecasts_call(items))

    def sentiment(self, texts: Sequence[str], *, engine: Engine | None = None) -> SentimentAnswer:
        """Return a score from -1 to +1 per text, in their order; 1 to 512 texts; by the engine of the news if None."""
        return self._send(calls.sentiment_call(texts, engine=engine))

    def sentiment_summary(self, symbol: str, *, window: str = "24h") -> SentimentSummary:
        """Return what the news of the last `window`, ``1h`` to ``30d``, say about one symbol."""
        return self._send(calls.sentiment_summary_call(symbol, window=window))

    def news(self, wanted: NewsFilter) -> NewsPage:
        """Return one page of stories, the newest first; show their titles as text, never as markup."""
        return self._send(calls.news_call(wanted))

    def readiness(self) -> Readiness:
        """Return whether forecasts can be served; a service that is not ready is no error."""
        return self._send(calls.readiness_call())

    def _send(self, call: Call[Answer]) -> Answer:
        try:
            response = self._http.send(calls.build_request(self._http, call))
        except httpx2.RequestError as error:
            raise calls.unreachable_error(str(self._http.base_url), error) from error
        return calls.read_answer(call, response)


class AsyncCandlecastClient:
    """The same client for asyncio: same methods, same answers, same errors.

    Parameters
    ----------
    base_url : str
        Address of the API, as ``http://127.0.0.1:8000``.
    timeout_s : float
        Wall seconds before a silent API counts as unavailable.
    transport : httpx2.AsyncBaseTransport or None
        Another way to send requests, for tests.
    """

    def __init__(
        self, base_url: str, *, timeout_s: float = 10.0, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=base_url, timeout=timeout_s, transport=transport, trust_env=calls.may_use_proxy(base_url)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def symbols(self) -> list[SymbolStatus]:
        """Return the tracked symbols and how fresh each is."""
        return await self._send(calls.symbols_call())

    async def candles(self, query: CandleQuery) -> CandlePage:
        """Return one page of closed candles, ascending by time."""
        return await self._send(calls.candles_call(query))

    async def prices(self, symbols: Sequence[str] = ()) -> PriceResults:
        """Return a price or a problem per symbol, in their order; of all tracked symbols without any."""
        return await self._send(calls.prices_call(symbols))

    async def forecast(self, symbol: str, timeframe: str, *, horizon: int = 1) -> Forecast:
        """Return the newest stored forecast of one series."""
        return await self._send(calls.forecast_call(symbol, timeframe, horizon=horizon))

    async def forecasts(self, items: Sequence[ForecastItem]) -> ForecastResults:
        """Return a forecast or a problem per item, in their order; 1 to 1,000 items."""
        return await self._send(calls.forecasts_call(items))

    async def sentiment(self, texts: Sequence[str], *, engine: Engine | None = None) -> SentimentAnswer:
        """Return a score from -1 to +1 per text, in their order; 1 to 512 texts; by the engine of the news if None."""
        return await self._send(calls.sentiment_call(texts, engine=engine))

    async def sentiment_summary(self, symbol: str, *, window: str = "24h") -> SentimentSummary:
        """Return what the news of the last `window`, ``1h`` to ``30d``, say about one symbol."""
        return await self._send(calls.sentiment_summary_call(symbol, window=window))

    async def news(self, wanted: NewsFilter) -> NewsPage:
        """Return one page of stories, the newest first; show their titles as text, never as markup."""
        return await self._send(calls.news_call(wanted))

    async def readiness(self) -> Readiness:
        """Return whether forecasts can be served; a service that is not ready is no error."""
        return await self._send(calls.readiness_call())

    async def _send(self, call: Call[Answer]) -> Answer:
        try:
            response = await self._http.send(calls.build_request(self._http, call))
        except httpx2.RequestError as error:
            raise calls.unreachable_error(str(self._http.base_url), error) from error
        return calls.read_answer(call, response)
