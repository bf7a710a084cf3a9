"""Which venue is asked for a symbol? The stated order, home first; a venue that fails is left alone for a while."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import pandas as pd

from candlecast.breaker import BLOCKED_S, BreakerState
from candlecast.errors import (
    CandlecastError,
    InvalidRequestError,
    SourceError,
    SourceRateLimitedError,
    SourceUnavailableError,
)
from candlecast.market.listings import source_name
from candlecast.market.opened_venues import OpenedVenues
from candlecast.market.symbols import Symbol
from candlecast.market.venues.protocol import Venue

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """Candles and where they come from.

    Parameters
    ----------
    candles : DataFrame
        A candles frame; the running candle may be included.
    venue : str
        Who answered.
    source : str
        What the candles' ``source`` says: the venue, and the quote if another one stands in.
    failover : bool
        Whether it is another than the home venue.
    """

    candles: pd.DataFrame
    venue: str
    source: str
    failover: bool


class VenueChain:
    """Asks the venues of a symbol in turn, for tasks of one event loop; opens each when it is first needed.

    Parameters
    ----------
    order : tuple of str
        Venues of crypto pairs, home first. A stock is asked for at its own venue only.
    open_venue : callable
        Opens a venue by its name; may block, as it imports its client.
    blocked_s : float
        Wall seconds for which a venue is left alone that refuses us.
    on_close : callable, optional
        Gives back what the venues share, when they are closed.
    """

    def __init__(
        self,
        order: tuple[str, ...],
        *,
        open_venue: Callable[[str], Venue],
        blocked_s: float = BLOCKED_S,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._on_close = on_close
        self._order = order
        self._venues = OpenedVenues(order, open_venue=open_venue, blocked_s=blocked_s)
        self._serving: dict[str, str] = {}

    def venues_of(self, symbol: Symbol) -> tuple[str, ...]:
        """Return the venues of `symbol`, its home first."""
        if symbol.asset_class == "stock" or not self._order:
            return (symbol.venue,)
        return tuple(sorted(self._order, key=lambda name: name != symbol.venue))

    async def fetch_candles(
        self, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime, skip: frozenset[str] = frozenset()
    ) -> Fetched:
        """Return the candles that open in ``[start, end)``, from the first venue that answers.

        Parameters
        ----------
        symbol, timeframe, start, end
            As for `Venue.fetch_candles`.
        skip : frozenset of str
            Venues that are not asked.

        Raises
        ------
        UnknownSymbolError
            When no venue trades `symbol`; names the near ones.
        InvalidRequestError
            When no venue has `timeframe`.
        SourceError
            When no venue answers.
        """

        async def fetch(venue: Venue) -> pd.DataFrame:
            return await venue.fetch_candles(symbol, timeframe, start=start, end=end)

        venue, candles = await self._ask_in_turn(symbol, fetch, skip)
        return self._fetched(symbol, venue, candles)

    async def fetch_from(
        self, venue: str, symbol: Symbol, timeframe: str, *, start: datetime, end: datetime
    ) -> Fetched:
        """Return the candles of one venue only, once, unless it is left alone; raises as `fetch_candles`."""
        asked, candles = await self._venues.ask(
            venue, lambda opened: opened.fetch_candles(symbol, timeframe, start=start, end=end)
        )
        return self._fetched(symbol, asked, candles)

    async def fetch_price(self, symbol: Symbol) -> tuple[float, str]:
        """Return the latest price and its source, from the first venue that answers."""
        venue, price = await self._ask_in_turn(symbol, lambda opened: opened.fetch_price(symbol), frozenset())
        return price, source_name(venue.name, venue.quote_of(symbol))

    def stream_venue(self, symbol: Symbol) -> Venue | None:
        """Return the home venue of `symbol` if it streams and is not left alone, else None."""
        home = self.venues_of(symbol)[0]
        venue = self._venues.opened(home)
        return venue if venue.streams and self._venues.breaker(home).closed else None

    def report(self, venue: str, error: SourceError | None) -> None:
        """Learn from a stream of `venue` that failed with `error`, or began."""
        self._venues.breaker(venue).report(error)

    def states(self) -> dict[str, BreakerState]:
        """Return how each venue stands that was ever needed."""
        return self._venues.states()

    async def close(self) -> None:
        """Close all venues that were opened."""
        await self._venues.close()
        if self._on_close is not None:
            await self._on_close()

    async def _ask_in_turn(
        self, symbol: Symbol, call: Callable[[Venue], Awaitable[T]], skip: frozenset[str]
    ) -> tuple[Venue, T]:
        names = self.venues_of(symbol)
        failures: dict[str, CandlecastError] = {}
        for name in names:
            if name in skip:
                continue
            ask = self._venues.ask_patiently if name == names[0] else self._venues.ask
            try:
                venue, answer = await ask(name, call)
            except (SourceError, InvalidRequestError) as error:
                failures[name] = error
                continue
            if not skip:
                self._note_serving(symbol, name, failures)
            return venue, answer
        raise _sum_up(symbol, failures)

    def _fetched(self, symbol: Symbol, venue: Venue, candles: pd.DataFrame) -> Fetched:
        source = source_name(venue.name, venue.quote_of(symbol))
        return Fetched(candles, venue.name, source, failover=venue.name != self.venues_of(symbol)[0])

    def _note_serving(self, symbol: Symbol, name: str, failures: dict[str, CandlecastError]) -> None:
        home = self.venues_of(symbol)[0]
        if self._serving.get(symbol.name, home) != name:
            level = logging.INFO if name == home else logging.WARNING
            reasons = "".join(f"; {error}" for error in failures.values())
            logger.log(level, "%s comes from %s now%s", symbol.name, name, reasons)
        self._serving[symbol.name] = name


def _sum_up(symbol: Symbol, failures: dict[str, CandlecastError]) -> CandlecastError:
    # One error for all venues: what the caller can change comes only when no venue might have answered.
    errors = list(failures.values())
    if not errors:
        return SourceUnavailableError(f"no venue is left to ask for {symbol.name}")
    if len(errors) == 1 or all(isinstance(error, InvalidRequestError) for error in errors):
        return errors[0]
    text = f"no venue answers for {symbol.name}: " + "; ".join(str(error) for error in errors)
    waits_s = [error.retry_after_s for error in errors if isinstance(error, SourceRateLimitedError)]
    if len(waits_s) == len(errors):
        return SourceRateLimitedError(text, min(waits_s))
    return SourceUnavailableError(text)
