"""How often is an answer there already when a page or a program asks for it?

``python benchmarks/cache.py [--quick] [--symbols 8] [--minutes 5] [--speed 60] [--json]``

The default stack in small: a replay server in a process of its own plays 1h candles at `--speed`, an
ingest shard in another one follows them by WebSocket, and the product's HTTP API answers from
PostgreSQL and Valkey. It is read as in use: two open pages that refresh every 10 s and change their
symbol every half minute, and a program that polls all prices every 5 s and a forecast of each symbol
every 10 s. Timers are halved where `--speed` is doubled, so that reads per candle stay the same.

The peer answers the same reads at the same moments by the plain way: look in Redis, else ask and keep
the answer, a price for 5 market minutes, a forecast for half a candle. Hits are counted by both on their
own reads; calls are what reached the forecaster or a venue, forecasts made ahead among them. A forecast
counts as stale when a newer candle was stored a second before it was asked for: ours must never be. Last,
50 callers ask for one answer at once.
"""

import argparse
import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import stand
from cache_readers import PAGES, World
from report import Bar, finish

from candlecast.bootstrap import open_database, open_ingestion, open_market
from candlecast.ingest.loader import Loader
from candlecast.ingest.shard import IngestShard
from candlecast.reading import open_reading
from candlecast.replay.synthetic import make_recording, write_recording
from candlecast.schemas import Forecast
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelStore
from jobs.training.in_process import train_model
from serve.renewal import ForecastRenewal

HISTORY_CANDLES = 1_500
QUICK_MINUTES, QUICK_SPEED = 0.4, 180.0
CROWD, CROWD_ANSWER_S = 50, 0.5
START_LIMIT_S = 120
PARAMS = {"rounds": 12, "max_depth": 3, "min_child_weight": 5}
BARS = (Bar("hit_rate", "ours", least=0.97), Bar("stale_forecasts", "ours", most=0.0))


def main() -> None:
    options = _options()
    minutes, speed = (QUICK_MINUTES, QUICK_SPEED) if options.quick else (options.minutes, options.speed)
    names = [f"C{number:02d}/USDT" for number in range(options.symbols)]
    n_ahead = round(minutes * speed / 60) + 200
    recording = make_recording(names, timeframe="1h", n_candles=HISTORY_CANDLES + n_ahead, seed=11)
    with stand.folder() as root:
        write_recording(recording, root / "data")
        start = next(iter(recording.series.values())).candles["close_time"][HISTORY_CANDLES]
        arguments = ["--data", str(root / "data"), "--start", start.isoformat(), "--speed", str(speed)]
        with stand.postgres(root) as url, stand.valkey(root) as redis_url, stand.replay(root, arguments) as (replay, _):
            rows = _measure(_settings(root, url, redis_url, replay), minutes=minutes, speed=speed)
    for row in [] if options.json else rows:
        print(f"{row['metric']:28} ours {row['ours']:.4f}  peer {row['peer']:.4f} {row['unit']}  n {row['n']:,}")
    finish("cache", rows, as_json=options.json, bars=BARS)


def _settings(root: Path, url: str, redis_url: str, replay: str) -> Settings:
    return Settings(
        market={"source": "recorded", "venue_url": replay, "history_candles": HISTORY_CANDLES},
        replay={"url": replay},
        database={"url": url},
        redis={"url": redis_url},
        models={"folder": root / "models"},
        _env_file=None,
    )


def _measure(settings: Settings, *, minutes: float, speed: float) -> list[dict[str, Any]]:
    Loader(settings).load(open_market(settings).symbols)
    trained = train_model(settings, if_missing=True, params=PARAMS, n_folds=2)
    if not trained["promoted"]:
        ModelStore(open_database(settings)).promote(trained["model_id"], promoted_at=open_market(settings).clock.now())
    ingestion = multiprocessing.get_context("spawn").Process(target=_ingest, args=(settings,), daemon=True)
    ingestion.start()
    try:
        return asyncio.run(_read(settings, run_s=60 * minutes, speed=speed))
    finally:
        ingestion.terminate()
        ingestion.join()


def _ingest(settings: Settings) -> None:
    async def follow() -> None:
        services = open_ingestion(settings)
        shard = IngestShard(services)
        await shard.assign(open_market(settings).symbols)
        await shard.run()

    asyncio.run(follow())


async def _read(settings: Settings, *, run_s: float, speed: float) -> list[dict[str, Any]]:
    reading = open_reading(settings)
    world = World(settings, reading, speed=speed)
    market = world.market
    symbols = {symbol.name: symbol for symbol in market.symbols}
    renewal = ForecastRenewal(
        service=world.ours, cache=reading.cache, clock=market.clock, symbols=symbols, timeframe="1h"
    )
    async with AsyncExitStack() as stack:
        for close in (reading.cache.close, world.plain.close, world.client.close, world.ours.close, world.peer.close):
            stack.push_async_callback(close)
        keep = reading.forecasts.keep(ask=world.ours.remote, reload=partial(asyncio.sleep, 0))
        for work in (renewal.run(), keep):
            stack.callback(asyncio.create_task(work).cancel)
        await _ingestion_runs(world)
        await _check_equal(world)
        before = await Counts.of(world)
        readers = [asyncio.create_task(read) for read in (*map(world.page, range(PAGES)), world.program())]
        done, _ = await asyncio.wait(readers, timeout=run_s, return_when=asyncio.FIRST_EXCEPTION)
        for reader in readers:
            reader.cancel()
        for reader in done:
            reader.result()
        rows = _rows(world, before, await Counts.of(world))
        return [*rows, await _crowd(world)]


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits, reads and calls so far, each of ours and of the peer."""

    hits: tuple[int, int]
    reads: tuple[int, int]
    calls: tuple[int, int]

    @classmethod
    async def of(cls, world: World) -> "Counts":
        """Return the counts of this moment; each miss of ours at a venue's answers is one call."""
        totals = await world.reading.cache.read_totals()
        hits = sum(n for (_, outcome), n in totals.counts.items() if outcome == "hit")
        return cls(
            hits=(hits, world.plain.outcomes["hit"]),
            reads=(sum(totals.counts.values()), world.plain.outcomes.total()),
            calls=(world.ours.n_calls + totals.counts["http", "miss"], world.peer.n_calls),
        )


async def _ingestion_runs(world: World) -> None:
    async with asyncio.timeout(START_LIMIT_S):
        while True:
            if len(await world.reading.cache.get_prices(world.names)) == len(world.names):
                return
            await asyncio.sleep(0.1)


async def _check_equal(world: World) -> None:
    for name in world.names:
        pairs = [await _both(world, name) for _ in range(3)]
        # a candle may close between the two
        same = [(ours, theirs) for ours, theirs in pairs if theirs is not None and ours.as_of == theirs.as_of]
        unlike = [ours for ours, theirs in same if ours.model_copy(update={"data": theirs.data}) != theirs]
        if not same or unlike:
            raise SystemExit(f"cache: the two sides do not have one forecast of {name}")


async def _both(world: World, name: str) -> tuple[Forecast, Forecast | None]:
    [theirs] = await world.ask_peer([name])
    return await world.client.forecast(name, "1h"), theirs


def _rows(world: World, before: Counts, after: Counts) -> list[dict[str, Any]]:
    if world.ours.n_stale:
        raise SystemExit(f"cache: {world.ours.n_stale} of {world.ours.n_forecasts} forecasts were stale")
    reads = _less(after.reads, before.reads)
    hits, calls = _less(after.hits, before.hits), _less(after.calls, before.calls)
    rates = [hit / read for hit, read in zip(hits, reads, strict=True)]
    stale = [side.n_stale / side.n_forecasts for side in (world.ours, world.peer)]
    asked = [1_000 * call / read for call, read in zip(calls, reads, strict=True)]
    return [
        _row("hit_rate", rates, unit="share", n=reads[0], higher=True),
        _row("stale_forecasts", stale, unit="share", n=world.ours.n_forecasts, higher=False),
        _row("calls_per_1000_reads", asked, unit="calls", n=reads[0], higher=False),
    ]


async def _crowd(world: World) -> dict[str, Any]:
    n_calls = Counter[str]()

    async def fetch(side: str) -> float:
        n_calls[side] += 1
        await asyncio.sleep(CROWD_ANSWER_S)
        return 1.0

    answers = world.reading.cache.answers
    ours = [answers.get("venue", "crowd", ttl_s=60, fetch=lambda: fetch("ours")) for _ in range(CROWD)]
    await asyncio.gather(*ours, *(world.plain.get("crowd", lambda: fetch("peer"), life_s=60) for _ in range(CROWD)))
    return _row("calls_of_a_crowd", (n_calls["ours"], n_calls["peer"]), unit="calls", n=CROWD, higher=False)


def _less(after: tuple[int, int], before: tuple[int, int]) -> tuple[int, int]:
    return after[0] - before[0], after[1] - before[1]


def _row(metric: str, pair: Sequence[float], *, unit: str, n: int, higher: bool) -> dict[str, Any]:
    ours, peer = pair
    above, below = (ours, peer) if higher else (peer, ours)
    return {
        "metric": metric, "ours": ours, "peer": peer, "ratio": above / below if below else None, "unit": unit,
        "n": n, "higher_is_better": higher, "peer_is": "a plain cache with lives",
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="24 s at three times the speed")
    parser.add_argument("--symbols", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=5.0, help="wall minutes that are measured")
    parser.add_argument("--speed", type=float, default=60.0, help="market seconds per wall second")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
