"""Who reads in the cache's benchmark: pages and a program, of the product and of a plain cache beside it."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import httpx2
import orjson
import redis.asyncio

from candlecast.bootstrap import open_database, open_forecasts, open_market, open_venues
from candlecast.client import AsyncCandlecastClient
from candlecast.errors import CandlecastError
from candlecast.forecasts.service import ForecastService
from candlecast.market.symbols import Symbol
from candlecast.reading import Reading
from candlecast.schemas import Forecast, ForecastItem, Problem
from candlecast.settings import Settings
from candlecast.storage.cache import Series
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.newest_candles import NewestCandle
from serve.api.services import Services, current
from serve.app import build_api

PAGES, REFRESH_S, SWITCH_S = 2, 10.0, 30.0
PRICES_S, FORECASTS_S = 5.0, 10.0
# a forecast may be made for so long, while the one before it is answered
GRACE_S = 1.0
# of the peer, in market seconds
PRICE_LIFE_S, FORECAST_LIFE_S = 300.0, 1_800.0


class Side:
    """One side's forecaster and venues, without Ray; counts what they are asked, and which forecasts were stale."""

    def __init__(self, settings: Settings) -> None:
        # stands for the deployment's handle
        self.answers = self
        self.n_calls = 0
        self.n_forecasts = 0
        self.n_stale = 0
        self._service: ForecastService = open_forecasts(settings)
        self._venues = open_venues(settings)

    async def remote(self, items: Sequence[Series]) -> list[bytes | dict[str, Any]]:
        """Answer as the deployment does."""
        self.n_calls += len(items)
        found = await asyncio.to_thread(self._service.forecasts, items)
        return [_encoded(one) for one in found]

    def renew(self, timeframe: str, closes: Mapping[str, datetime]) -> list[Forecast]:
        """Make forecasts ahead, as the deployment does; each is a call."""
        made = self._service.renew(timeframe, closes)
        self.n_calls += len(made)
        return made

    def check(self, timeframe: str) -> None:
        """Compare what is held with what is stored."""
        self._service.check(timeframe)

    async def fetch_price(self, symbol: Symbol) -> tuple[float, str]:
        """Ask the venues."""
        self.n_calls += 1
        return await self._venues.fetch_price(symbol)

    def note(self, forecast: Forecast | None, newest: dict[str, NewestCandle]) -> None:
        """Count a forecast that was answered after `newest` was stored."""
        if forecast is not None and forecast.symbol in newest:
            self.n_forecasts += 1
            self.n_stale += forecast.as_of < newest[forecast.symbol].close_time

    async def close(self) -> None:
        """Close the connections."""
        await self._venues.close()


def _encoded(found: Forecast | CandlecastError) -> bytes | dict[str, Any]:
    if isinstance(found, Forecast):
        return found.model_dump_json().encode()
    return Problem(title=found.title, status=found.status, detail=str(found)).model_dump(mode="json")


class PlainCache:
    """Look aside, else ask and keep for a while: what most programs do."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(url)
        self.outcomes: Counter[str] = Counter()

    async def get(self, name: str, ask: Callable[[], Awaitable[Any]], *, life_s: float) -> Any:
        """Return the kept answer, or what `ask` returns."""
        found = await self._redis.get(f"plain:{name}")
        self.outcomes["miss" if found is None else "hit"] += 1
        if found is not None:
            return orjson.loads(found)
        answer = await ask()
        await self._redis.set(f"plain:{name}", orjson.dumps(answer), px=round(1_000 * life_s))
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


class World:
    """Both ways to the same forecasts and prices, read by the same pages and programs."""

    def __init__(self, settings: Settings, reading: Reading, *, speed: float) -> None:
        self.market = open_market(settings)
        self.names = [symbol.name for symbol in self.market.symbols]
        self._store = CandleStore(open_database(settings))
        self.ours, self.peer = Side(settings), Side(settings)
        self.plain = PlainCache(settings.redis.url.get_secret_value())
        self.reading = reading
        self._speed, self._timer = speed, 60 / speed
        self._looks: deque[tuple[float, dict[str, NewestCandle]]] = deque()
        api = build_api()
        services = Services(reading=reading, forecaster=self.ours, sentiment=None)
        api.dependency_overrides[current] = lambda: services
        self.client = AsyncCandlecastClient("http://127.0.0.1", transport=httpx2.ASGITransport(api))

    async def page(self, number: int) -> None:
        """Refresh as the page does, for ever, and change the symbol now and then."""
        await asyncio.sleep(number * self._timer * REFRESH_S / PAGES)
        every = round(SWITCH_S / REFRESH_S)
        for turn in range(1_000_000):
            symbol = self.names[(number + turn // every) % len(self.names)]
            newest = await self.newest()
            for forecast in await self._shown(symbol):
                self.ours.note(forecast, newest)
            await self.ask_peer([symbol, *self.names])
            await asyncio.sleep(self._timer * REFRESH_S)

    async def _shown(self, symbol: str) -> list[Forecast | None]:
        items = [ForecastItem(symbol=name, timeframe="1h") for name in self.names]
        try:
            chosen, watched, _ = await asyncio.gather(
                self.client.forecast(symbol, "1h"), self.client.forecasts(items), self.client.prices()
            )
        except CandlecastError:
            return []
        return [chosen, *(result.forecast for result in watched.items)]

    async def program(self) -> None:
        """Poll prices and forecasts for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poll_prices())
            group.create_task(self._poll_forecasts())

    async def newest(self) -> dict[str, NewestCandle]:
        """Return what was stored `GRACE_S` ago, as far as anybody looked then."""
        found = await asyncio.to_thread(self._store.newest, "1h", until=self.market.clock.now())
        now_s = time.monotonic()
        self._looks.append((now_s, found))
        while len(self._looks) > 1 and self._looks[1][0] <= now_s - GRACE_S:
            self._looks.popleft()
        at_s, earlier = self._looks[0]
        return earlier if at_s <= now_s - GRACE_S else {}

    async def ask_peer(self, names: list[str]) -> list[Forecast | None]:
        """Return the peer's forecasts."""
        newest = await self.newest()
        life_s = FORECAST_LIFE_S / self._speed
        bodies = [await self.plain.get(f"forecast {name}", partial(self._make, name), life_s=life_s) for name in names]
        forecasts = [Forecast(**body) if "symbol" in body else None for body in bodies]
        for forecast in forecasts:
            self.peer.note(forecast, newest)
        return forecasts

    async def _make(self, name: str) -> dict[str, Any]:
        [body] = await self.peer.remote([(name, "1h", 1)])
        return orjson.loads(body) if isinstance(body, bytes) else body

    async def _poll_prices(self) -> None:
        while True:
            await self.client.prices()
            for symbol in self.market.symbols:
                fetch = partial(self.peer.fetch_price, symbol)
                await self.plain.get(f"price {symbol.name}", fetch, life_s=PRICE_LIFE_S / self._speed)
            await asyncio.sleep(self._timer * PRICES_S)

    async def _poll_forecasts(self) -> None:
        while True:
            newest = await self.newest()
            for name in self.names:
                self.ours.note(await self.client.forecast(name, "1h"), newest)
            await self.ask_peer(self.names)
            await asyncio.sleep(self._timer * FORECASTS_S)
