"""Does every forecast get its outcome, once, from closed candles alone, and the summary the same figures as SQL?"""

from datetime import datetime, timedelta

import numpy as np
import pytest

from candlecast.clock import SystemClock
from candlecast.market.gaps import Hole
from candlecast.record.settler import Settler
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.outcomes import OutcomeStore
from tests.record_world import HOUR, SYMBOLS, make_world, record

BTC, ETH = SYMBOLS

# written without a look at the product's code: every figure from predictions, outcomes and their raw values
INDEPENDENT = """
WITH graded AS (
    SELECT p.symbol_id, p.timeframe, p.horizon, p.model_id, (p.as_of AT TIME ZONE 'UTC')::date AS day,
        p.p_up, p.direction,
        (o.realised_close > p.last_close)::int AS y, o.last_direction, o.p_always_up, o.p_last_direction,
        10000 * (exp(o.held_log_return) - 1) AS earned
    FROM predictions_table p JOIN outcomes_table o ON o.prediction_id = p.id WHERE o.realised_close IS NOT NULL
)
SELECT symbol_id, timeframe, horizon, model_id, day, count(*), sum(y),
    sum(((p_up > 0.5) = (y = 1))::int), sum((direction <> 'abstain')::int),
    sum(((direction = 'up' AND y = 1) OR (direction = 'down' AND y = 0))::int),
    sum(power(p_up - y, 2)), sum(-ln(CASE WHEN y = 1 THEN p_up ELSE 1 - p_up END)),
    sum(power(p_always_up - y, 2)), sum(-ln(CASE WHEN y = 1 THEN p_last_direction ELSE 1 - p_last_direction END)),
    sum(CASE direction WHEN 'up' THEN earned WHEN 'down' THEN -earned ELSE 0 END), sum(earned)
FROM graded GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
SUMMARY = """
SELECT symbol_id, timeframe, horizon, model_id, day, n, ups, hits, calls, call_hits, brier, log_loss,
    brier_always_up, log_loss_last_direction, edge_bps, edge_always_up_bps
FROM track_record_days ORDER BY 1, 2, 3, 4, 5
"""
INDEPENDENT_LEVELS = """
WITH graded AS (
    SELECT p.symbol_id, p.model_id, p.horizon, (p.as_of AT TIME ZONE 'UTC')::date AS day,
        (b->>'level')::float8 AS level,
        ln((b->>'low')::float8 / p.last_close) AS low, ln((b->>'high')::float8 / p.last_close) AS high,
        ln(o.realised_close / p.last_close) AS r, o.histvol
    FROM predictions_table p JOIN outcomes_table o ON o.prediction_id = p.id, jsonb_array_elements(p.intervals) b
    WHERE o.realised_close IS NOT NULL
)
SELECT symbol_id, model_id, horizon, day, level, count(*), sum((r BETWEEN low AND high)::int),
    sum(high - low + 2 / (1 - level) * (greatest(low - r, 0) + greatest(r - high, 0)))
FROM graded GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
LEVELS = """
SELECT symbol_id, model_id, horizon, day, level, n, covered, score FROM track_record_levels ORDER BY 1, 2, 3, 4, 5
"""


class MovedClock(SystemClock):
    """Stands still until `at` is set anew."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def outcomes(world) -> dict:
    rows = world.rows(
        "SELECT p.as_of, s.symbol, o.realised_close, o.realised_log_return, o.unsettled_reason, o.last_direction, "
        "o.histvol FROM outcomes_table o JOIN predictions_table p ON p.id = prediction_id "
        "JOIN symbols s ON s.id = p.symbol_id"
    )
    return {(as_of, symbol): values for as_of, symbol, *values in rows}


def test_forecasts_whose_target_has_closed_are_settled_the_others_wait(database):
    world = make_world(database)
    record(world, [world.entry(BTC, place) for place in (40, 41, 42)])
    now, close = world.close(BTC, 42)

    done = world.settler(now).round()

    assert [one.forecast.as_of for one in done.settled] == [world.close(BTC, place)[0] for place in (40, 41)]
    closes = world.candles[BTC]["close"].to_numpy()
    realised, change, reason, direction, histvol = outcomes(world)[world.close(BTC, 41)[0], BTC]
    assert (realised, reason) == (close, None)
    assert change == pytest.approx(np.log(closes[42] / closes[41]), abs=1e-15)
    assert direction == ("up" if closes[41] > closes[40] else "down")
    assert histvol == pytest.approx(np.diff(np.log(closes[17:42])).std(), rel=1e-9)


def test_settling_again_changes_nothing(database):
    world = make_world(database)
    record(world, [world.entry(name, place) for name in SYMBOLS for place in range(40, 90)])
    now = world.close(BTC, 80)[0]
    first = world.settler(now).round()
    before = world.rows(SUMMARY), world.rows(LEVELS)

    again, later = world.settler(now).round(), world.settler(now + 5 * HOUR).round()

    assert (len(first.settled), len(again.settled), len(later.settled)) == (80, 0, 10)
    assert sum(row[5] for row in world.rows(SUMMARY)) == 90
    assert before != (world.rows(SUMMARY), world.rows(LEVELS))


def test_summary_equals_an_independent_query_over_the_raw_tables(database):
    world = make_world(database)
    entries = [
        world.entry(name, place, horizon=horizon, model=model)
        for name in SYMBOLS
        for place in range(30, 115, 2)
        for horizon in (1, 4)
        for model in ("m1", "m2")
    ]
    record(world, entries)
    for place in (60, 61, 90, 119):
        world.settler(world.close(BTC, place)[0]).round()

    for ours, theirs in ((SUMMARY, INDEPENDENT), (LEVELS, INDEPENDENT_LEVELS)):
        found, expected = world.rows(ours), world.rows(theirs)
        assert len(found) == len(expected) > 30
        for row, other in zip(found, expected, strict=True):
            assert row[:4] == other[:4]
            assert [float(value) for value in row[5:]] == pytest.approx([float(value) for value in other[5:]], rel=1e-9)


def test_candle_that_is_missing_is_waited_for_and_then_a_reason(database):
    world = make_world(database, left_out=(60,))
    record(world, [world.entry(BTC, 59), world.entry(ETH, 59)])
    target = world.close(ETH, 60)[0]
    settler = world.settler(target + HOUR)

    done = settler.round()
    assert (len(done.settled), done.n_waiting) == (1, 1)

    world.settler(target + 97 * HOUR).round()
    realised, _, reason, *_ = outcomes(world)[world.close(BTC, 59)[0], BTC]
    assert realised is None
    assert "did not come" in reason


def test_outage_is_the_reason_at_once(database):
    world = make_world(database, left_out=(60, 61))
    record(world, [world.entry(BTC, 59)])
    opened = world.close(ETH, 59)[0]
    gaps = GapStore(database)
    span = (opened - HOUR, opened + 4 * HOUR)
    hole = Hole(opened, opened + 2 * HOUR, 2)
    stored = gaps.record(world.ids[BTC], "1h", [hole], span=span, noticed_at=opened + 3 * HOUR)
    gaps.mark_outage([gap.id for gap in stored], settled_at=opened + 3 * HOUR)

    world.settler(opened + 3 * HOUR).round()

    assert outcomes(world)[opened, BTC][2].startswith("outage: no venue has the candles")
    assert world.rows("SELECT n, n_unsettled FROM track_record_days") == [(0, 1)]


def test_facts_are_those_known_when_the_forecast_was_made(database):
    world = make_world(database)
    record(world, [world.entry(BTC, 60)])
    changed = world.candles[BTC].iloc[[59]].assign(high=1e9, close=1e9 - 1)
    later = world.close(BTC, 60)[0] + timedelta(minutes=10)
    CandleStore(database).upsert(world.ids[BTC], "1h", changed, source="test", quality="repaired", known_at=later)

    world.settler(world.close(BTC, 61)[0]).round()

    closes = world.candles[BTC]["close"].to_numpy()
    *_, direction, histvol = outcomes(world)[world.close(BTC, 60)[0], BTC]
    assert direction == ("up" if closes[60] > closes[59] else "down")
    assert histvol == pytest.approx(np.diff(np.log(closes[36:61])).std(), rel=1e-9)


def test_forecast_without_an_open_before_its_target_is_graded_but_no_trade(database):
    world = make_world(database)
    late = world.close(BTC, 60)[0] + timedelta(minutes=50)
    record(world, [world.entry(BTC, 59, direction="up"), world.entry(BTC, 60, direction="up", made_at=late)])

    world.settler(world.close(BTC, 61)[0]).round()

    [sums] = world.rows(
        "SELECT sum(n)::int, sum(calls)::int, sum(fills)::int, sum(call_fills)::int, sum(last_fills)::int "
        "FROM track_record_days"
    )
    assert sums == (2, 2, 1, 1, 1)


def test_market_that_begins_anew_is_settled_again(database):
    world = make_world(database)
    record(world, [world.entry(BTC, 100)])
    world.settler(world.close(BTC, 110)[0]).round()
    record(world, [world.entry(BTC, 40)])

    assert len(world.settler(world.close(BTC, 41)[0]).round().settled) == 1


def test_naive_odds_come_from_days_before(database):
    world = make_world(database)
    record(world, [world.entry(BTC, place) for place in range(30, 110)])

    world.settler(world.close(BTC, 119)[0]).round()

    first, second, *_ = world.rows("SELECT day, n, ups FROM track_record_days ORDER BY day")
    odds = dict(
        world.rows(
            "SELECT (p.as_of AT TIME ZONE 'UTC')::date, max(p_always_up) FROM outcomes_table "
            "JOIN predictions_table p ON p.id = prediction_id GROUP BY 1"
        )
    )
    assert odds[first[0]] == 0.5
    assert odds[second[0]] == pytest.approx((first[2] + 10) / (first[1] + 20))


def test_naive_odds_of_a_far_horizon_come_from_days_whose_targets_had_come(database):
    world = make_world(database)
    record(world, [world.entry(BTC, place, horizon=12) for place in range(24, 108)])

    world.settler(world.close(BTC, 119)[0]).round()

    days = {day: (n, ups) for day, n, ups in world.rows("SELECT day, n, ups FROM track_record_days ORDER BY day")}
    odds = world.rows(
        "SELECT (p.as_of AT TIME ZONE 'UTC')::date, min(p_always_up), max(p_always_up) FROM outcomes_table "
        "JOIN predictions_table p ON p.id = prediction_id GROUP BY 1 ORDER BY 1"
    )
    # targets of the day before were still to come when a day began
    n, ups = days[odds[0][0]]
    assert [low for _, low, _ in odds][:3] == [0.5, 0.5, pytest.approx((ups + 10) / (n + 20))]
    assert all(low == high for _, low, high in odds)


def test_forecast_that_waits_does_not_have_later_ones_read_again(database, monkeypatch):
    world = make_world(database, left_out=(40,))
    record(world, [world.entry(BTC, 39), *(world.entry(ETH, place) for place in range(39, 90))])
    clock, read = MovedClock(world.close(ETH, 60)[0]), []
    settler = Settler(database, clock=clock, timeframe="1h")
    due = OutcomeStore.due

    def noted(self, *, since, **wanted):
        read.append(since)
        return due(self, since=since, **wanted)

    monkeypatch.setattr(OutcomeStore, "due", noted)

    assert settler.round().n_waiting == 1
    clock.at = world.close(ETH, 80)[0]
    assert settler.round().n_waiting == 1
    assert read[-1] == world.close(ETH, 50)[0]
    # who begins anew finds the one that waits
    assert OutcomeStore(database).settled_until() < world.close(ETH, 40)[0]
    clock.at = world.close(ETH, 80)[0] + 60 * HOUR
    done = settler.round()
    assert done.n_waiting == 0
    assert "did not come" in outcomes(world)[world.close(ETH, 39)[0], BTC][2]
    assert len(outcomes(world)) == 52
