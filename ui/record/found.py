"""What does the API know of the wanted record? First which records there are, then all about the chosen one."""

import asyncio
from dataclasses import dataclass

from candlecast.errors import CandlecastError
from candlecast.queries import LedgerQuery, TrackRecordQuery
from candlecast.schemas import LedgerPage, SymbolStatus, TrackRecord, TrackRecords
from ui.panels import attempt
from ui.record.wanted import WantedRecord
from ui.site import Site

# enough for the moving average of single forecasts, and for the list below it
N_ROWS = 200


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """All that one refresh of the page found out; an error stands where its answer would."""

    wanted: WantedRecord
    all: TrackRecords | CandlecastError
    choice: TrackRecord | None
    own: TrackRecord | CandlecastError | None
    by_symbol: TrackRecords | CandlecastError | None
    rows: LedgerPage | CandlecastError | None
    symbols: list[SymbolStatus] | CandlecastError

    @property
    def cost_bps(self) -> float:
        """Cost of buying or selling one unit; 0 while it is not known."""
        return 0.0 if isinstance(self.all, CandlecastError) else self.all.cost_bps

    @property
    def about(self) -> str:
        """What names the record on show."""
        return self.wanted.about(self.choice) if self.choice else "no record"


async def load_record(site: Site, wanted: WantedRecord) -> FoundRecord:
    """Ask for everything that the page shows; a part that fails leaves the others alone."""
    records, symbols = await asyncio.gather(
        attempt(_records(site, TrackRecordQuery(window=wanted.window, days=True))),
        attempt(site.answers.get("symbols", site.client.symbols)),
    )
    choice = None if isinstance(records, CandlecastError) else wanted.choose(records.items)
    if choice is None:
        return FoundRecord(wanted, records, None, None, None, None, symbols)
    own, by_symbol, rows = await asyncio.gather(
        attempt(_own(site, wanted, choice)),
        attempt(_records(site, wanted.series(choice, symbol=None, by_symbol=True))),
        attempt(_rows(site, wanted.ledger(choice, limit=N_ROWS))),
    )
    return FoundRecord(wanted, records, choice, own, by_symbol, rows, symbols)


async def load_choice(site: Site, wanted: WantedRecord) -> TrackRecord | None:
    """Return the record of all symbols that `wanted` is about, None while there is none.

    Raises
    ------
    CandlecastError
        When the API answers with an error.
    """
    return wanted.choose((await _records(site, TrackRecordQuery(window=wanted.window, days=True))).items)


async def _own(site: Site, wanted: WantedRecord, choice: TrackRecord) -> TrackRecord | None:
    if wanted.symbol is None:
        return choice
    found = await _records(site, wanted.series(choice, symbol=wanted.symbol))
    return next(iter(found.items), None)


async def _records(site: Site, query: TrackRecordQuery) -> TrackRecords:
    return await site.answers.get(("track record", query), lambda: site.client.track_record(query))


async def _rows(site: Site, query: LedgerQuery) -> LedgerPage:
    return await site.answers.get(("ledger", query), lambda: site.client.ledger(query))
