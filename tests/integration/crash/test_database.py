"""A process that is killed at any step of a write: is nothing half there, and does the next one finish the work?"""

import pytest

from candlecast.forecasts.ledger import verify_chain
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.integration.crash import acts
from tests.integration.crash.tripwire import killed_at
from tests.record_world import SYMBOLS, make_world, record
from tests.storage_builders import START, make_record

MOST_STEPS = 60
CANDLES = """
SELECT open_time, open, close, known_at FROM ohlcv_table
UNION ALL SELECT open_time, open, close, known_from FROM ohlcv_revisions ORDER BY 1, 4
"""
GAPS = "SELECT start_time, end_time, n_candles, status, noticed_at FROM candle_gaps ORDER BY 1, 4"
SETTLED = "SELECT count(*), coalesce(sum(realised_close), 0) FROM outcomes_table"
SUMMARY = "SELECT coalesce(sum(n + n_unsettled), 0) FROM track_record_days"
MARK = "SELECT settled_until FROM settling_marks"


def rows_of(database, query):
    with database.transaction() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def steps_of(work, *arguments):
    """Yield the number of each step after a process was killed at it, until one comes to its end."""
    for step in range(1, MOST_STEPS):
        if not killed_at(step, work, *arguments):
            assert step > 3, "hardly a step was taken"
            return
        yield step
    raise AssertionError(f"more than {MOST_STEPS} steps")


@pytest.fixture
def url(postgres):
    return postgres.app_url


def test_killed_write_of_candles_leaves_all_or_nothing_and_is_done_by_the_next(database, url):
    acts.write_candles(url, n=acts.N_OLD, revised=False)
    before, seen = rows_of(database, CANDLES), set()

    for _ in steps_of(acts.write_candles, url):
        found = rows_of(database, CANDLES)
        seen.add(len(found))
        # 21 were revised: what they were before is kept beside what they are
        assert found == before or len(found) == acts.N_OLD + acts.N_NEW + 21

    after = rows_of(database, CANDLES)
    acts.write_candles(url)
    assert rows_of(database, CANDLES) == after
    assert seen == {acts.N_OLD, acts.N_OLD + acts.N_NEW + 21}


def test_killed_look_at_the_gaps_leaves_the_old_or_the_new_ones(database, url):
    acts.note_gaps(url, acts.BEFORE)
    before = rows_of(database, GAPS)

    seen = [rows_of(database, GAPS) for _ in steps_of(acts.note_gaps, url, acts.AFTER)]

    after = rows_of(database, GAPS)
    assert [one in (before, after) for one in seen] == [True] * len(seen)
    assert before in seen
    assert [row[:2] for row in after if row[3] == "open"] == [(hole.start, hole.end) for hole in acts.AFTER]


def test_killed_promotion_leaves_one_champion(database, url):
    store = ModelStore(database)
    for name in ("m1", "m2"):
        store.insert(make_record(name))
    store.promote("m1", promoted_at=START)

    for _ in steps_of(acts.promote, url, "m2"):
        serving = [one.id for one in store.list("1h", 1) if one.status == "champion"]
        assert serving in (["m1"], ["m2"])

    assert store.champion("1h", 1).id == "m2"


def test_killed_write_of_the_ledger_leaves_chains_whole(database, url):
    store, entries = PredictionStore(database), acts.entries_of(2, 3, 4)
    SymbolStore(database).ensure([Symbol.parse("BTC/USDT")])
    for name in ("m1", "m2"):
        ModelStore(database).insert(make_record(name))
    store.record(acts.entries_of(0, 1))

    def lengths():
        chains = [store.chain(("BTC/USDT", "1h", 1, name)) for name in ("m1", "m2")]
        assert [verify_chain(rows, head=head) for rows, head in chains] == [[], []]
        return [len(rows) for rows, _ in chains]

    seen = [lengths() for _ in steps_of(acts.record_forecasts, url, entries)]

    assert lengths() == [5, 5]
    assert [one in ([2, 2], [5, 5]) for one in seen] == [True] * len(seen)
    assert [2, 2] in seen


def test_killed_settlement_leaves_outcomes_and_their_summary_equal(database, url):
    world = make_world(database, n=60)
    record(world, [world.entry(symbol, place) for place in range(30, 50) for symbol in SYMBOLS])
    plain = acts.RecordWorld(None, world.candles, world.ids)

    for _ in steps_of(acts.settle, url, plain):
        [(n_settled, _)], [(n_summed,)] = rows_of(database, SETTLED), rows_of(database, SUMMARY)
        assert n_settled == n_summed
        # nothing is called settled that is not
        assert n_settled == 40 or not rows_of(database, MARK)

    assert rows_of(database, SETTLED)[0][0] == rows_of(database, SUMMARY)[0][0] == 40
    assert len(rows_of(database, MARK)) == 1
