"""Does a shard end with every candle, once, whatever the venues do?"""

import asyncio
from datetime import timedelta

import pandas as pd

from candlecast.errors import SourceBlockedError, SourceUnavailableError
from candlecast.market.candles import PRICE_COLUMNS
from tests.integration.ingest.conftest import BTC, N_HISTORY, World

HOUR = timedelta(hours=1)


def assert_true(world: World, stored: pd.DataFrame) -> None:
    expected = world.candles.iloc[: len(stored)]
    pd.testing.assert_frame_equal(
        stored[["open_time", *PRICE_COLUMNS]], expected[["open_time", *PRICE_COLUMNS]], check_exact=True
    )


def n_stored(world: World, n: int):
    return lambda: len(world.stored()) >= n


def test_shard_of_an_empty_database_loads_history_and_follows_by_rest(world):
    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY + 4))

    asyncio.run(follow())

    stored = world.stored()
    assert_true(world, stored)
    assert set(stored["quality"]) == {"rest"}
    # history is known since its close, what was followed since it came
    live = stored["close_time"] > stored["close_time"][N_HISTORY - 1] + HOUR
    assert (stored["known_at"] == stored["close_time"])[: N_HISTORY - 1].all()
    assert (stored["known_at"] > stored["close_time"])[live].all()


def test_shard_with_a_stream_stores_what_is_pushed_and_leaves_rest_alone(world):
    venue = world.venues["binance"]
    venue.streams = True

    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY))
            for index in range(N_HISTORY, N_HISTORY + 4):
                await world.until(lambda index=index: len(world.closed()) > index)
                venue.tell(BTC, index)
                venue.tell(BTC, index + 1, closed=False)
            await world.until(n_stored(world, N_HISTORY + 4))

    asyncio.run(follow())

    stored = world.stored()
    assert_true(world, stored)
    assert list(stored["quality"][-2:]) == ["stream", "stream"]


def test_shard_whose_stream_lost_a_close_asks_by_rest(world):
    venue = world.venues["binance"]
    venue.streams = True

    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY))
            for index in (N_HISTORY, N_HISTORY + 2):
                await world.until(lambda index=index: len(world.closed()) > index)
                venue.tell(BTC, index)
            await world.until(n_stored(world, N_HISTORY + 3))

    asyncio.run(follow())

    assert_true(world, world.stored())


def test_shard_whose_stream_breaks_connects_again_and_fills_the_hole(world):
    venue = world.venues["binance"]
    venue.streams = True

    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY))
            venue.pushed.put_nowait(SourceUnavailableError("connection lost"))
            await world.until(n_stored(world, N_HISTORY + 3))
            await world.until(lambda: venue.connections >= 2)

    asyncio.run(follow())

    assert_true(world, world.stored())


def test_shard_whose_home_is_blocked_follows_another_venue_and_says_so(world):
    world.venues["binance"].failing = SourceBlockedError("refused here (HTTP 451)")

    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY + 2))

    asyncio.run(follow())

    stored = world.stored()
    assert_true(world, stored)
    assert set(stored["source"]) == {"kraken"}
    assert set(stored["quality"]) == {"failover"}


def test_shard_whose_home_lacks_new_candles_gets_them_elsewhere(world):
    missing = {moment.to_pydatetime() for moment in world.candles["open_time"][N_HISTORY:]}
    world.venues["binance"].lacking = missing

    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY + 3))

    asyncio.run(follow())

    stored = world.stored()
    assert_true(world, stored)
    assert list(stored["source"].iloc[-2:]) == ["kraken", "kraken"]


def test_shard_when_the_database_fails_keeps_what_came(world, monkeypatch):
    venue = world.venues["binance"]
    venue.streams = True

    async def follow() -> None:
        async with world.shard():
            await world.until(n_stored(world, N_HISTORY))
            with world.database.transaction() as cursor:
                others = "pid <> pg_backend_pid() AND usename = current_user"
                cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
            await world.until(lambda: len(world.closed()) > N_HISTORY)
            venue.tell(BTC, N_HISTORY)
            await world.until(n_stored(world, N_HISTORY + 1))

    asyncio.run(follow())

    assert_true(world, world.stored())


def test_shard_that_is_given_other_symbols_drops_the_old_ones(world):
    async def follow() -> None:
        async with world.shard() as shard:
            await world.until(n_stored(world, N_HISTORY))
            await shard.assign(())
            await asyncio.sleep(0.3)
            calls = len(world.venues["binance"].calls)
            await asyncio.sleep(1.5)
            assert len(world.venues["binance"].calls) == calls
            assert shard.health().symbols == ()
            await shard.assign((BTC,))
            await world.until(n_stored(world, N_HISTORY + 2))

    asyncio.run(follow())

    assert_true(world, world.stored())
