"""Which way did each symbol go lately? Its newest closes, asked once a candle for all tabs."""

from collections.abc import Sequence
from dataclasses import dataclass

from candlecast.client import CandleQuery
from candlecast.schemas import SymbolStatus
from ui.dashboard.facts import missing_candles
from ui.site import Site

N_CLOSES = 48
_KEPT_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Closes:
    """The newest closes of one symbol, ascending, and how many candles are missing among them, if that is known."""

    values: Sequence[float] = ()
    n_missing: int | None = None


async def load_closes(site: Site, status: SymbolStatus, timeframe: str) -> Closes:
    """Return the newest closes of a symbol; they are asked anew when a newer candle is there.

    Raises
    ------
    CandlecastError
        As the API answers.
    """

    async def ask() -> Closes:
        page = await site.client.candles(CandleQuery(symbol=status.symbol, timeframe=timeframe, limit=N_CLOSES))
        missing = missing_candles(page, asset_class=status.asset_class)
        return Closes([candle.close for candle in page.candles], missing)

    key = ("closes", status.symbol, timeframe, status.newest_candle)
    return await site.answers.get(key, ask, ttl_s=_KEPT_S, fresh=False)
