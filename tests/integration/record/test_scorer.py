"""Does the scorer settle, tell of drift, and let a challenger take over that is surely better, and no other?"""

import asyncio
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from candlecast.errors import StorageError
from candlecast.evaluation.paired import PairedTest
from candlecast.market.symbols import Symbol
from candlecast.promotion import Verdict
from candlecast.record.alarms import DriftState
from candlecast.record.challenge import Challenge, challengers_of, find_challenges
from candlecast.record.drift_watch import DriftWatch
from candlecast.record.scorer import LedgerPromoter, Scorer
from candlecast.record.settler import Round
from candlecast.registry import Registry
from candlecast.storage.postgres.drift import DriftStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from tests.record_world import HOUR, SYMBOLS, frozen, make_world, record
from tests.storage_builders import START, make_record

BTC, ETH = SYMBOLS


def make_contest(database, *, days: int):
    """Three models forecast BTC once a day: the champion m1 and m3 by chance, m2 always right."""
    world = make_world(database, n=40 + 24 * days)
    store, rng = ModelStore(database), np.random.default_rng(4)
    store.insert(make_record("m3"))
    store.promote("m1", promoted_at=START)
    entries = []
    for place in range(30, 35 + 24 * days, 24):
        rises = world.close(BTC, place + 1)[1] > world.close(BTC, place)[1]
        sure, lucky = rng.uniform(0.1, 0.3), rng.uniform(-0.3, 0.3)
        odds = {"m1": 0.5, "m2": 0.5 + (sure if rises else -sure), "m3": 0.5 + lucky}
        entries += [world.entry(BTC, place, model=model, p_up=p_up, direction="up") for model, p_up in odds.items()]
    with database.transaction() as cursor:
        cursor.execute("UPDATE model_metadata SET trained_at = '2010-01-01Z'")
        cursor.execute("UPDATE model_metadata SET trained_at = '2010-01-02Z' WHERE id <> 'm1'")
    record(world, entries)
    now = world.close(BTC, 38 + 24 * days)[0]
    world.settler(now).round()
    return world, now


class StandInRegistry(Registry):
    """Promotes without artefacts."""

    def __init__(self, store: ModelStore) -> None:
        super().__init__(store, Path())
        self._rows = store

    def promote(self, model_id, *, promoted_at) -> ModelRecord:
        return self._rows.promote(model_id, promoted_at=promoted_at)


def promoter(world, told: list[str]) -> LedgerPromoter:
    async def tell(promoted: ModelRecord) -> None:
        told.append(promoted.id)

    registry = StandInRegistry(ModelStore(world.database))
    return LedgerPromoter(world.database, registry=registry, timeframe="1h", tell=tell)


def test_challenger_that_is_surely_better_takes_over_once_and_no_other(database):
    world, now = make_contest(database, days=32)
    told: list[str] = []
    looks, found = promoter(world, told), find_challenges(database, "1h", now=now)

    asyncio.run(looks.look(now))
    asyncio.run(looks.look(now + HOUR))

    assert told == ["m2"]
    assert ModelStore(database).champion("1h", 1).id == "m2"
    assert [(one.challenger.id, one.verdict.promote, one.test.n) for one in found] == [
        ("m2", True, 33),
        ("m3", False, 33),
    ]
    assert "promoted below 0.005" in found[1].verdict.why


def test_challenger_gives_way_to_whom_was_promoted_meanwhile(database, monkeypatch):
    world, told = make_world(database), []
    ModelStore(database).promote("m1", promoted_at=START)
    verdict = Verdict(True, "surely better")
    won = Challenge(make_record("m9", status="champion"), make_record("m2"), PairedTest(0.1, 0.0, 60, 60), verdict)
    monkeypatch.setattr("candlecast.record.scorer.find_challenges", lambda *_, **__: [won])

    assert asyncio.run(promoter(world, told).look(START)) == []
    assert told == []
    assert ModelStore(database).champion("1h", 1).id == "m1"


def test_challenger_with_a_leak_alarm_waits_for_a_person(database):
    _, now = make_contest(database, days=1)
    with database.transaction() as cursor:
        cursor.execute("""UPDATE model_metadata SET metrics = '{"leak_alarm": "too good"}' WHERE id = 'm2'""")

    verdicts = {one.challenger.id: one.verdict for one in find_challenges(database, "1h", now=now)}

    assert verdicts["m2"] == Verdict(False, "too good")


def test_look_that_failed_is_tried_again_on_the_same_day(database, monkeypatch):
    tries = []

    def away_once(*_, **__):
        tries.append(1)
        if len(tries) == 1:
            raise StorageError("the database does not answer")
        return []

    monkeypatch.setattr("candlecast.record.scorer.find_challenges", away_once)
    looks = promoter(make_world(database, n=2), [])
    with pytest.raises(StorageError):
        asyncio.run(looks.look(START))
    asyncio.run(looks.look(START + HOUR))
    asyncio.run(looks.look(START + 2 * HOUR))

    assert len(tries) == 2


def test_challenger_of_few_days_is_not_judged(database):
    _, now = make_contest(database, days=5)

    verdicts = [one.verdict for one in find_challenges(database, "1h", now=now)]

    assert not any(verdict.promote for verdict in verdicts)
    assert "30 are needed" in verdicts[0].why


def test_challengers_are_newer_candidates_of_the_same_horizon_with_files():
    champion = make_record("m1", status="champion")
    newer = {"trained_at": START + timedelta(days=1)}
    models = [
        champion,
        make_record("yes", **newer),
        make_record("old", trained_at=START - timedelta(days=1)),
        make_record("far", horizon=4, **newer),
        make_record("gone", artefact_path="", **newer),
        make_record("was", status="retired", **newer),
    ]

    assert [one.id for one in challengers_of(champion, models)] == ["yes"]


@pytest.fixture
def world(database):
    world = make_world(database, n=240)
    ModelStore(database).promote("m1", promoted_at=START)
    return world


def test_what_settled_while_the_watch_failed_is_seen_later(world, database, monkeypatch):
    record(world, [world.entry(BTC, place) for place in range(40, 160)])
    clock = frozen(world.close(BTC, 170)[0])
    watch = DriftWatch(database, clock=clock, timeframe="1h", symbols={})
    watch.look([])
    settler = world.settler(clock.now())
    scorer = Scorer(settler=settler, watch=watch, promoter=None, cache=FakeCache(), clock=clock, timeframe="1h")

    def away(*_):
        raise StorageError("the database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(ModelStore, "list", away)
        with pytest.raises(StorageError):
            scorer._work()
    scorer._work()

    kept = {state.kind: state.detail for state in DriftStore(database).states("1h")}
    assert "over 120 candles" in kept["loss"]


def test_drift_is_told_once_and_kept_until_it_is_over(world, database):
    narrow = {"intervals": [{"level": 0.8, "low": 1.0, "high": 1.1}, {"level": 0.9, "low": 1.0, "high": 1.2}]}
    record(world, [world.entry(BTC, place, **narrow) for place in range(40, 200)])
    now = world.close(BTC, 210)[0]
    done = world.settler(now).round()
    symbols = {name: (Symbol.parse(name), number) for name, number in world.ids.items()}
    watch = DriftWatch(database, clock=frozen(now), timeframe="1h", symbols=symbols)

    first, second = watch.look(done.settled), watch.look([])

    assert [(state.kind, state.alarm) for state in first] == [("coverage", True)]
    assert second == []
    kept = {state.kind: state for state in DriftStore(database).states("1h")}
    assert (kept["coverage"].alarm, kept["loss"].alarm) == (True, False)
    assert "held 0.0 %" in kept["coverage"].detail

    ModelStore(database).promote("m2", promoted_at=now)
    third, fourth = watch.look([]), watch.look([])

    assert [(state.model_id, state.kind, state.alarm) for state in third] == [("m1", "coverage", False)]
    assert fourth == []


class FakeCache:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict]] = []
        self.told = asyncio.Event()

    async def publish(self, channel: str, payload: dict) -> None:
        self.events.append((channel, payload))
        self.told.set()


def test_scorer_goes_on_after_a_round_that_broke(monkeypatch):
    monkeypatch.setattr("candlecast.record.scorer.SHORTEST_PAUSE_S", 0.0)
    monkeypatch.setattr("candlecast.record.scorer.LONGEST_PAUSE_S", 0.0)
    cache, rounds, forgot = FakeCache(), [ValueError("a defect"), Round()], []

    def work_once():
        if isinstance(found := rounds.pop(0), Exception):
            raise found
        return found

    state = DriftState("1h", 1, "m1", "loss", True, START, START, "it rose")
    scorer = Scorer(
        settler=SimpleNamespace(round=work_once),
        watch=SimpleNamespace(look=lambda _: [state], forget=lambda: forgot.append(1)),
        promoter=None,
        cache=cache,
        clock=frozen(START),
        timeframe="1h",
    )

    async def work() -> None:
        running = asyncio.create_task(scorer.run())
        await cache.told.wait()
        running.cancel()

    asyncio.run(asyncio.wait_for(work(), 10))

    assert forgot[:1] == [1]


def test_scorer_settles_and_tells_of_drift(world, database):
    narrow = {"intervals": [{"level": 0.8, "low": 1.0, "high": 1.1}, {"level": 0.9, "low": 1.0, "high": 1.2}]}
    record(world, [world.entry(BTC, place, **narrow) for place in range(40, 160)])
    clock, cache = frozen(world.close(BTC, 170)[0]), FakeCache()
    symbols = {name: (Symbol.parse(name), number) for name, number in world.ids.items()}
    watch = DriftWatch(database, clock=clock, timeframe="1h", symbols=symbols)
    settler = world.settler(clock.now())
    scorer = Scorer(settler=settler, watch=watch, promoter=None, cache=cache, clock=clock, timeframe="1h")

    async def work() -> None:
        running = asyncio.create_task(scorer.run())
        await cache.told.wait()
        running.cancel()

    asyncio.run(asyncio.wait_for(work(), 20))

    assert world.rows("SELECT count(*) FROM outcomes_table") == [(120,)]
    [(channel, event)] = cache.events
    assert (channel, event["kind"], event["alarm"], event["model_id"]) == ("drift", "coverage", True, "m1")
