"""Are holes repaired from whoever has the candles, revisions taken, and outages told as such?"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pandas as pd
import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.ingest.intake import Intake, Origin, deliver
from candlecast.ingest.progress import Progress
from candlecast.ingest.review import Reviewer
from candlecast.ingest.writer import CandleWriter
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.storage.postgres.quarantine import QuarantineStore
from tests.integration.ingest.conftest import BTC, N_HISTORY, World

HOUR = timedelta(hours=1)


def fill(world: World, rows: pd.DataFrame) -> Progress:
    """Store `rows` and return the progress of a series that was followed to the end of the history."""
    services = world.services()
    number = services.symbol_ids([BTC])[BTC]
    now = world.clock.now()
    intake = Intake(
        timeframe="1h", symbols={number: BTC}, candles=services.candles, quarantine=QuarantineStore(world.database)
    )
    intake.take(
        [deliver(rows, Origin(number, "binance", "rest", asked_at=now, received_at=now, live_since=now))], now=now
    )
    last = world.candles.iloc[N_HISTORY - 1]
    closed, opened = last["close_time"].to_pydatetime(), last["open_time"].to_pydatetime()
    return Progress(BTC, number, "1h", whole_until=closed, open_of_newest=opened)


def review(world: World, one: Progress, *, times: int = 1) -> None:
    async def act() -> None:
        services = world.services()
        writer = CandleWriter(
            intake=services.new_intake({one.symbol_id: BTC}),
            clock=world.clock,
            timeframe="1h",
            calendar="24/7",
            on_taken=lambda taken: None,
        )
        writing = asyncio.create_task(writer.run())
        reviewer = Reviewer(services, writer=writer, live_since=world.clock.now())
        try:
            for _ in range(times):
                await reviewer.review(one)
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing

    asyncio.run(act())


def opens(world: World, *numbers: int) -> set[datetime]:
    return {world.candles["open_time"][number].to_pydatetime() for number in numbers}


@pytest.fixture
def history(world) -> pd.DataFrame:
    return world.candles.iloc[:N_HISTORY]


def test_review_fills_an_old_hole_from_the_home_venue(world, history):
    one = fill(world, history.drop(index=[20, 21, 22]))

    review(world, one)

    stored = world.stored()
    pd.testing.assert_frame_equal(
        stored[["open_time", *PRICE_COLUMNS]], history[["open_time", *PRICE_COLUMNS]], check_exact=True
    )
    assert list(stored["quality"][20:23]) == ["repaired"] * 3
    assert [gap.status for gap in world.gaps()] == ["repaired"]


def test_review_fills_a_hole_of_the_home_venue_from_the_next_one(world, history):
    one = fill(world, history.drop(index=[20, 21, 22]))
    world.venues["binance"].lacking = opens(world, 20, 21, 22)

    review(world, one)

    stored = world.stored()
    assert len(stored) == N_HISTORY
    assert list(stored["source"][20:23]) == ["kraken"] * 3
    assert set(stored["source"].drop(index=[20, 21, 22])) == {"binance"}


def test_review_hole_that_no_venue_can_fill_is_an_outage_and_asked_for_once(world, history):
    one = fill(world, history.drop(index=[20, 21, 50]))
    for venue in world.venues.values():
        venue.lacking = opens(world, 20, 21, 50)

    review(world, one, times=2)

    found = [(gap.hole.start, gap.hole.n_candles, gap.status) for gap in world.gaps()]
    assert found == [
        (history["open_time"][20].to_pydatetime(), 2, "outage"),
        (history["open_time"][50].to_pydatetime(), 1, "outage"),
    ]
    assert all(set(gap.venues_asked) == {"binance", "kraken", "yahoo"} for gap in world.gaps())
    assert len(world.venues["kraken"].calls) == 1
    assert len(world.stored()) == N_HISTORY - 3


def test_review_while_a_venue_fails_keeps_the_hole_open_until_it_answers(world, history):
    one = fill(world, history.drop(index=[20]))
    for name in ("binance", "yahoo"):
        world.venues[name].lacking = opens(world, 20)
    world.venues["kraken"].failing = SourceUnavailableError("kraken is down")

    review(world, one)
    before = [gap.status for gap in world.gaps()]
    world.venues["kraken"].failing = None
    review(world, one)

    assert before == ["open"]
    assert [gap.status for gap in world.gaps()] == ["repaired"]
    assert world.stored()["source"][20] == "kraken"


def test_review_takes_what_the_home_venue_revised_and_keeps_the_old_row(world, history):
    preliminary = history.copy()
    preliminary.loc[N_HISTORY - 5, "close"] = preliminary.loc[N_HISTORY - 5, "low"]
    one = fill(world, preliminary)

    review(world, one)

    stored = world.stored()
    assert stored["close"][N_HISTORY - 5] == history["close"][N_HISTORY - 5]
    assert stored["quality"][N_HISTORY - 5] == "repaired"
    assert set(stored["quality"].drop(index=N_HISTORY - 5)) == {"rest"}
    with world.database.transaction() as cursor:
        cursor.execute("SELECT close FROM ohlcv_revisions")
        assert cursor.fetchall() == [(history["low"][N_HISTORY - 5],)]


def test_review_never_takes_another_venues_prices_for_a_revision(world, history):
    one = fill(world, history)
    others = world.candles.assign(volume=world.candles["volume"] * 2)
    world.venues["kraken"].candles = {BTC.name: others}
    world.venues["binance"].failing = SourceUnavailableError("binance is down")

    with pytest.raises(SourceUnavailableError):
        review(world, one)

    pd.testing.assert_series_equal(world.stored()["volume"], history["volume"], check_exact=True)


def test_review_asks_far_back_at_first_and_from_the_last_review_later(world, history):
    one = fill(world, history)
    home = world.venues["binance"]

    review(world, one, times=2)

    reaches = [(one.whole_until - start) / HOUR for _, start, _ in home.calls]
    assert reaches == [500, 64]


def test_review_while_the_home_venue_is_down_fills_holes_from_the_others(world, history):
    one = fill(world, history.drop(index=[20]))
    world.venues["binance"].failing = SourceUnavailableError("binance is down")

    with pytest.raises(SourceUnavailableError):
        review(world, one)

    assert world.stored()["source"][20] == "kraken"
