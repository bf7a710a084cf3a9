"""Is every row that an owner touched named?"""

import pytest

from candlecast.record.verify import verify_record
from candlecast.storage.postgres.audit import AuditStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.record import RecordStore
from tests.integration.conftest import as_owner
from tests.record_world import SYMBOLS, make_world, record

BTC, ETH = SYMBOLS


@pytest.fixture
def world(database):
    world = make_world(database, n=60)
    record(world, [world.entry(name, place) for name in SYMBOLS for place in range(40, 50)])
    world.settler(world.close(BTC, 50)[0]).round()
    return world


def verify(world):
    return verify_record(AuditStore(world.database), PredictionStore(world.database), RecordStore(world.database))


def place_of(world, symbol: str, place: int) -> int:
    as_of = world.close(symbol, place)[0]
    [(number,)] = world.rows(
        f"SELECT id FROM predictions_table WHERE as_of = '{as_of}' AND symbol_id = {world.ids[symbol]}"
    )
    return number


def test_record_that_nobody_touched_is_whole(world):
    found = verify(world)

    assert found.broken == ()
    assert (found.n_series, found.n_forecasts, found.n_outcomes) == (2, 20, 20)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE predictions_table SET p_up = 0.99 WHERE id = {id}", "does not match its own hash"),
        ("UPDATE predictions_table SET features_digest = 'x' WHERE id = {id}", "does not match its own hash"),
        ("UPDATE outcomes_table SET realised_close = 1 WHERE prediction_id = {id}", "outcome does not match its hash"),
    ],
)
def test_row_that_was_changed_is_named(world, postgres, change, said):
    number = place_of(world, ETH, 44)
    as_owner(postgres, change.format(id=number))

    [broken] = verify(world).broken

    assert (broken.series[0], broken.row_id, broken.as_of) == (ETH, number, world.close(ETH, 44)[0])
    assert said in broken.reason
    assert f"row {number}" in broken.line


def test_rows_that_were_removed_are_noticed(world, postgres):
    number = place_of(world, BTC, 44)
    as_owner(
        postgres,
        f"DELETE FROM outcomes_table WHERE prediction_id = {number}",
        f"DELETE FROM predictions_table WHERE id = {number}",
    )

    chain, summary = verify(world).broken

    assert chain.row_id == place_of(world, BTC, 45)
    assert "a row was removed" in chain.reason
    assert "rows came or went" in summary.reason
