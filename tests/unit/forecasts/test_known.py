"""Is the memory of a replica kept current, by events and without them?"""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest

from candlecast.errors import StorageError
from candlecast.forecasts import known as module
from candlecast.forecasts.board import ForecastBoard
from candlecast.forecasts.known import KnownForecasts
from candlecast.storage.cache import Cache
from tests.fakes import NOW, make_forecast
from tests.unit.forecasts.test_board import MODEL, SERIES, SYMBOLS, MovableClock, by, encoded

pytestmark = pytest.mark.anyio
PROBLEM = {"title": "Stale data", "status": 503, "detail": "wait"}


class FakeLog:
    """Events that a test puts in."""

    def __init__(self) -> None:
        self._entries = asyncio.Queue()

    def put(self, channel, *payloads):
        self._entries.put_nowait(SimpleNamespace(channel=channel, payloads=payloads))

    async def follow(self):
        while True:
            yield await self._entries.get()


class FakeCache(Cache):
    """Redis as a dict."""

    def __init__(self) -> None:
        super().__init__("")
        self.bodies = {}
        self.log = FakeLog()

    async def get_forecasts(self, series):
        return [self.bodies.get(one) for one in series]

    peek_forecasts = get_forecasts

    async def set_forecasts(self, bodies):
        self.bodies |= {series: body for series, (body, _) in bodies.items()}


class Forecaster:
    """Answers what a test says; notes what it was asked."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = []
        self.n_reloads = 0

    async def ask(self, wanted):
        self.asked.append(wanted)
        return [self.answer] * len(wanted)

    async def reload(self):
        self.n_reloads += 1


class Desk:
    """A KnownForecasts with its surroundings."""

    def __init__(self, answer=None, *, now=NOW + timedelta(seconds=90)) -> None:
        self.champions = {("1h", 1): MODEL.id}
        self.clock = MovableClock(now)
        self.cache = FakeCache()
        self.forecaster = Forecaster(encoded(make_forecast()) if answer is None else answer)
        board = ForecastBoard(clock=self.clock, symbols=SYMBOLS)
        self.known = KnownForecasts(board=board, cache=self.cache, champion_ids=lambda: dict(self.champions))

    async def answer(self):
        [answer] = await self.known.answers([SERIES], ask=self.forecaster.ask)
        return json.loads(answer) if isinstance(answer, bytes) else answer

    async def kept_until(self, holds) -> None:
        keeping = asyncio.create_task(self.known.keep(ask=self.forecaster.ask, reload=self.forecaster.reload))
        for _ in range(600):
            if holds():
                break
            await asyncio.sleep(0.005)
        assert holds()
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(module, "_CHECK_INTERVAL_S", 0.01)
    monkeypatch.setattr(module, "_PATIENCE_S", 0.02)
    monkeypatch.setattr(module, "_RETRY_S", 0.05)


async def test_forecast_is_asked_for_once_and_shared():
    desk = Desk()

    first, second = await desk.answer(), await desk.answer()

    assert first == second
    assert desk.forecaster.asked == [[SERIES]]
    assert list(desk.cache.bodies) == [SERIES]


async def test_forecast_that_another_replica_shared_is_not_asked_for():
    desk = Desk()
    desk.cache.bodies[SERIES] = encoded(make_forecast())

    assert (await desk.answer())["symbol"] == "BTC/USDT"
    assert desk.forecaster.asked == []


async def test_problem_is_answered_and_asked_for_again():
    desk = Desk(PROBLEM)

    assert [await desk.answer(), await desk.answer()] == [PROBLEM, PROBLEM]
    assert len(desk.forecaster.asked) == 2


async def test_known_forecast_outlives_the_forecasters_problem(quick):
    desk = Desk()
    await desk.answer()
    desk.forecaster.answer = PROBLEM
    desk.clock.at = NOW + timedelta(hours=1, seconds=5)

    await desk.kept_until(lambda: len(desk.forecaster.asked) > 2)

    assert (await desk.answer())["data"]["stale"]


async def test_published_forecast_takes_the_place_of_the_old_one_unasked(quick):
    desk = Desk()
    await desk.answer()
    desk.clock.at = NOW + timedelta(hours=1, seconds=5)
    newer = make_forecast(as_of=NOW + timedelta(hours=1), target_time=NOW + timedelta(hours=2))
    desk.cache.bodies[SERIES] = encoded(newer)
    desk.cache.log.put("forecasts", {"symbol": "BTC/USDT", "timeframe": "1h", "horizon": 1})

    await desk.kept_until(lambda: not desk.known.board.outdated())

    assert desk.forecaster.asked == [[SERIES]]


async def test_forecast_whose_event_was_lost_is_asked_for(quick):
    desk = Desk()
    await desk.answer()
    desk.clock.at = NOW + timedelta(hours=1, seconds=5)
    desk.forecaster.answer = encoded(
        make_forecast(as_of=NOW + timedelta(hours=1), target_time=NOW + timedelta(hours=2))
    )

    await desk.kept_until(lambda: not desk.known.board.outdated())

    assert not (await desk.answer())["data"]["stale"]


@pytest.mark.parametrize("event", [True, False])
async def test_promotion_reloads_every_forecaster_and_then_renews(quick, event):
    desk = Desk()
    await desk.answer()
    await desk.kept_until(lambda: desk.known.board.wanted())
    desk.champions[("1h", 1)] = "new"
    desk.forecaster.answer = encoded(make_forecast(model=by("new")))
    if event:
        desk.cache.log.put("models", {"timeframe": "1h", "horizon": 1, "model_id": "new"})

    await desk.kept_until(lambda: desk.forecaster.n_reloads and not desk.known.board.outdated())

    assert (await desk.answer())["model"]["id"] == "new"
    assert desk.forecaster.n_reloads == 1


async def test_replica_that_starts_fills_its_memory_from_redis_and_asks_for_the_rest(quick):
    shared, asked = Desk(), Desk()
    shared.cache.bodies[SERIES] = encoded(make_forecast())

    for desk in (shared, asked):
        await desk.kept_until(lambda desk=desk: desk.known.board.knows(SERIES))

    assert (shared.forecaster.asked, asked.forecaster.asked) == ([], [[SERIES]])


async def test_memory_goes_on_while_the_database_is_down(quick):
    desk = Desk()

    def down():
        raise StorageError("refused")

    await desk.answer()
    desk.known._champion_ids = down
    desk.clock.at = NOW + timedelta(hours=1, seconds=5)

    await desk.kept_until(lambda: len(desk.forecaster.asked) > 1)

    assert (await desk.answer())["symbol"] == "BTC/USDT"
