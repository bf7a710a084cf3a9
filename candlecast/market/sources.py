"""Live or recorded? Decides once, at the start, and says so."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from candlecast.errors import SourceError
from candlecast.settings import MarketSettings, ReplaySettings

PROBE_TIMEOUT_S = 5.0


class Probe(Protocol):
    """What the decision needs of a venue."""

    name: str

    async def ping(self) -> None:
        """Raise a `SourceError` when the venue does not answer."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True)
class SourceDecision:
    """Which candles are followed.

    Parameters
    ----------
    live : bool
        True for live candles, False for a recording.
    banner : str
        What every user must know about the data, "" when it is live.
    """

    live: bool
    banner: str


async def decide_source(
    market: MarketSettings, *, replay: ReplaySettings, open_venue: Callable[[], Probe]
) -> SourceDecision:
    """Choose between live and recorded candles.

    ``auto`` takes the recording when a folder of candles is given, else asks a live venue for at
    most `PROBE_TIMEOUT_S` wall seconds.

    Parameters
    ----------
    market : MarketSettings
        Holds the wanted source.
    replay : ReplaySettings
        Holds the folder of candles, if any.
    open_venue : callable
        Opens the live venue to ask; called only when it has to be asked.
    """
    if market.source == "live":
        return SourceDecision(live=True, banner="")
    name = replay.data.name if replay.data is not None else "daily stocks to 2013 that ship with Candlecast"
    if market.source == "recorded" or replay.data is not None:
        return SourceDecision(live=False, banner=f"Recorded candles ({name}), not live prices.")
    venue = open_venue()
    try:
        await asyncio.wait_for(venue.ping(), PROBE_TIMEOUT_S)
    except (SourceError, TimeoutError):
        reason = f"{venue.name} did not answer within {PROBE_TIMEOUT_S:.0f} s"
        return SourceDecision(live=False, banner=f"Recorded candles ({name}), not live prices: {reason}.")
    finally:
        await venue.close()
    return SourceDecision(live=True, banner="")
