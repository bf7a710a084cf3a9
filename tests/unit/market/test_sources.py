"""Is the choice between live and recorded candles made right, and said?"""

import asyncio
from pathlib import Path

import pytest

from candlecast.errors import SourceBlockedError
from candlecast.market import sources
from candlecast.market.sources import decide_source
from candlecast.settings import MarketSettings, ReplaySettings


class FakeVenue:
    name = "binance"

    def __init__(self, *, error: Exception | None = None, delay_s: float = 0.0) -> None:
        self.error = error
        self.delay_s = delay_s
        self.asked = False
        self.closed = False

    async def close(self) -> None:
        self.closed = True

    async def ping(self) -> None:
        self.asked = True
        await asyncio.sleep(self.delay_s)
        if self.error is not None:
            raise self.error


def decide(source: str, venue: FakeVenue, *, data: Path | None = None) -> sources.SourceDecision:
    market, replay = MarketSettings(source=source), ReplaySettings(data=data)
    return asyncio.run(decide_source(market, replay=replay, open_venue=lambda: venue))


def test_decide_source_auto_with_answering_venue_is_live():
    assert decide("auto", FakeVenue()) == sources.SourceDecision(live=True, banner="")


def test_decide_source_auto_with_blocked_venue_falls_to_recorded_and_says_why():
    venue = FakeVenue(error=SourceBlockedError("451"))

    decision = decide("auto", venue)

    assert not decision.live
    assert venue.closed
    assert "not live prices: binance did not answer" in decision.banner


def test_decide_source_auto_with_silent_venue_gives_up_in_time(monkeypatch):
    monkeypatch.setattr(sources, "PROBE_TIMEOUT_S", 0.05)

    assert not decide("auto", FakeVenue(delay_s=30)).live


@pytest.mark.parametrize("source", ["auto", "recorded"])
def test_decide_source_with_data_folder_plays_it_without_asking(source):
    venue = FakeVenue()

    decision = decide(source, venue, data=Path("some/pairs-2024"))

    assert decision.banner == "Recorded candles (pairs-2024), not live prices."
    assert not venue.asked


def test_decide_source_live_never_falls_back_in_silence():
    assert decide("live", FakeVenue(error=SourceBlockedError("451"))).live
