"""What does a symbol cost right now? The live price, else what its venue says, else its newest close."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from candlecast.clock import Clock
from candlecast.errors import (
    CandlecastError,
    InsufficientHistoryError,
    InvalidRequestError,
    SourceError,
    UnknownSymbolError,
)
from candlecast.market.calendars import target_time
from candlecast.market.symbols import Symbol
from candlecast.schemas import Basis, Price, PriceResult, PriceResults, Problem
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.closes import CloseStore, StoredClose

FetchPrice = Callable[[Symbol], Awaitable[tuple[float, str]]]

_DAY = timedelta(days=1)
# market time for which a venue's answer holds; in wall time never longer
_ANSWER_LIFE = timedelta(minutes=5)
_PATIENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class PriceSources:
    """Where prices are looked for, in this order.

    Parameters
    ----------
    cache : Cache
        Live prices that ingestion writes.
    fetch_price : callable
        Asks the venues of a symbol; returns the price and its source.
    closes : CloseStore
        Stored candles.
    """

    cache: Cache
    fetch_price: FetchPrice
    closes: CloseStore


class Quote(NamedTuple):
    """A price, where it came from and when it was true."""

    price: float
    source: str
    at: datetime
    basis: Basis


class PriceReader:
    """Answers prices as of the market time.

    Parameters
    ----------
    symbols : mapping of str to Symbol
        The followed symbols by name.
    timeframe : str
        Of the stored candles.
    clock : Clock
        Market time; no price of a later time is answered.
    sources : PriceSources
        Where prices are looked for.
    """

    def __init__(self, *, symbols: Mapping[str, Symbol], timeframe: str, clock: Clock, sources: PriceSources) -> None:
        self._symbols = symbols
        self._timeframe = timeframe
        self._clock = clock
        self._sources = sources

    async def prices(self, names: Sequence[str]) -> PriceResults:
        """Return one price or problem for each of `names`, in order; all followed symbols when empty.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        wanted = list(dict.fromkeys(names)) or list(self._symbols)
        known = [name for name in wanted if name in self._symbols]
        asked_at = self._clock.now()
        live, newest, before = await asyncio.gather(
            self._live(known), self._closes(known, until=asked_at), self._closes(known, until=asked_at - _DAY)
        )
        now = self._clock.now()
        quotes = {name: _best(live.get(name), newest.get(name), now=now) for name in known}

        def results() -> list[PriceResult]:
            return [self._result(name, quotes.get(name), before.get(name), now=now) for name in wanted]

        # a thousand unknown names take seconds: each is told the near ones
        return PriceResults(items=results() if len(known) == len(wanted) else await asyncio.to_thread(results))

    async def _closes(self, names: Sequence[str], *, until: datetime) -> dict[str, StoredClose]:
        return await asyncio.to_thread(self._sources.closes.newest, names, self._timeframe, until=until)

    async def _live(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        found = await self._sources.cache.get_prices(names)
        missing = [name for name in names if name not in found]
        asked = await asyncio.gather(*(self._ask(self._symbols[name]) for name in missing))
        fresh = {name: price for name, price in zip(missing, asked, strict=True) if price is not None}
        await asyncio.gather(*(self._keep(name, price) for name, price in fresh.items()))
        return found | fresh

    async def _ask(self, symbol: Symbol) -> dict[str, Any] | None:
        async def fetch() -> dict[str, Any]:
            price, source = await self._sources.fetch_price(symbol)
            return {"price": price, "source": source, "at": self._clock.now().isoformat()}

        answers, request = self._sources.cache.answers, f"price {symbol.name}"
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer: dict[str, Any] = await answers.get(
                    symbol.venue, request, ttl_s=self._life_s(self._clock.now()), fetch=fetch
                )
        except (SourceError, InvalidRequestError, TimeoutError):
            # the newest close stands in, and the answer says so
            return None
        return answer

    async def _keep(self, name: str, price: dict[str, Any]) -> None:
        life_s = self._life_s(datetime.fromisoformat(price["at"]))
        if life_s > 0:
            await self._sources.cache.set_prices({name: price}, ttl_s=life_s, only_missing=True)

    def _life_s(self, since: datetime) -> float:
        return min(_ANSWER_LIFE.total_seconds(), self._clock.wall_s_until(since + _ANSWER_LIFE))

    def _result(self, name: str, quote: Quote | None, before: StoredClose | None, *, now: datetime) -> PriceResult:
        if name not in self._symbols:
            return _problem(UnknownSymbolError(name, self._symbols))
        if quote is None:
            return _problem(InsufficientHistoryError(f"{name} has no price yet; wait for the backfill or see /readyz"))
        return PriceResult(
            price=Price(
                symbol=name,
                price=quote.price,
                basis=quote.basis,
                change_24h_pct=self._change_pct(quote.price, self._symbols[name], before, day_ago=now - _DAY),
                source=quote.source,
                at=quote.at,
                age_s=(now - quote.at).total_seconds(),
            )
        )

    def _change_pct(
        self, price: float, symbol: Symbol, before: StoredClose | None, *, day_ago: datetime
    ) -> float | None:
        if before is None:
            return None
        next_close = target_time(before.close_time, timeframe=self._timeframe, horizon=1, calendar=symbol.calendar)
        # a hole at that time: an older close would be the change of more than a day
        return 100 * (price / before.close - 1) if next_close > day_ago else None


def _best(live: dict[str, Any] | None, newest: StoredClose | None, *, now: datetime) -> Quote | None:
    # a live price of a later time is from another replay
    quotes = [] if newest is None else [Quote(newest.close, newest.source, newest.close_time, "close")]
    if live is not None:
        quotes.append(Quote(float(live["price"]), str(live["source"]), datetime.fromisoformat(live["at"]), "live"))
    return max((quote for quote in quotes if quote.at <= now), key=lambda quote: quote.at, default=None)


def _problem(error: CandlecastError) -> PriceResult:
    return PriceResult(problem=Problem(title=error.title, status=error.status, detail=str(error)))
