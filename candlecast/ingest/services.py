"""What loading, following and repairing work with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from candlecast.clock import Clock
from candlecast.ingest.intake import Intake
from candlecast.market.failover import VenueChain
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore

# no calendar reaches further back
EARLIEST = datetime(1990, 1, 2, tzinfo=UTC)
_CENTURY = timedelta(days=36_500)


@dataclass(frozen=True)
class IngestServices:
    """The open parts of one ingesting process.

    Parameters
    ----------
    timeframe : str
        Of all candles.
    history_candles : int
        How far back the first load of a symbol reaches.
    stream : bool
        Whether candles are followed by WebSocket where that can be done.
    clock : Clock
        Market time.
    chain : VenueChain
        Venues in their order.
    database : Database
        Where everything is stored.
    cache : Cache
        Redis, which may be down.
    """

    timeframe: str
    history_candles: int
    stream: bool
    clock: Clock
    chain: VenueChain
    database: Database
    cache: Cache

    @cached_property
    def candles(self) -> CandleStore:
        """The stored candles."""
        return CandleStore(self.database)

    @cached_property
    def gaps(self) -> GapStore:
        """The ledger of holes."""
        return GapStore(self.database)

    def first_open(self, now: datetime) -> datetime:
        """Return from when on a series without any candle is loaded."""
        history = timedelta(seconds=timeframe_s(self.timeframe)) * self.history_candles
        return max(EARLIEST, now - min(_CENTURY, history))

    def symbol_ids(self, symbols: Sequence[Symbol]) -> dict[Symbol, int]:
        """Return the database number of each symbol; unknown ones are stored.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        numbers = SymbolStore(self.database).ensure(symbols)
        return {symbol: numbers[symbol.name] for symbol in symbols}

    def new_intake(self, symbols: Mapping[int, Symbol]) -> Intake:
        """Return a way into the database for one thread and these symbols, which may grow."""
        return Intake(
            timeframe=self.timeframe,
            symbols=symbols,
            candles=self.candles,
            quarantine=QuarantineStore(self.database),
        )

    async def close(self) -> None:
        """Give back all connections."""
        await self.chain.close()
        await self.cache.close()
        self.database.close()
