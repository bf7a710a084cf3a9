"""Does the record answer what was forecast and how good that was, page by page, and refuse nonsense?"""

import asyncio

import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.queries import LedgerQuery, TrackRecordQuery
from candlecast.record.reader import RecordReader
from candlecast.schemas import LedgerLine
from tests.record_world import HOUR, SYMBOLS, frozen, make_world, record
from tests.storage_builders import START

BTC, ETH = SYMBOLS


LAST = 76


@pytest.fixture
def world(database):
    world = make_world(database, n=LAST + 4)
    kinds = [(BTC, "m1"), (ETH, "m1"), (BTC, "m2")]
    record(world, [world.entry(name, place, model=model) for name, model in kinds for place in range(30, LAST + 1)])
    world.settler(world.close(BTC, LAST)[0]).round()
    return world


def reader_of(world) -> RecordReader:
    return RecordReader(world.database, clock=frozen(world.close(BTC, LAST)[0]), symbols=SYMBOLS)


def figures(item) -> dict:
    return {figure.metric: figure for figure in item.figures}


def test_pages_of_the_ledger_hold_every_row_once_newest_target_first(world):
    reader, query = reader_of(world), {"symbol": BTC, "timeframe": "1h", "limit": 40}
    rows, cursor = [], None
    while cursor is not None or not rows:
        page = asyncio.run(reader.page(LedgerQuery(**query, cursor=cursor)))
        rows, cursor = rows + page.items, page.next_cursor

    assert len({row.id for row in rows}) == len(rows) == 2 * 47
    targets = [row.forecast.target_time for row in rows]
    assert targets == sorted(targets, reverse=True)
    assert rows[0].outcome is None
    assert rows[-1].outcome.realised_close == world.close(BTC, 31)[1]


def test_page_without_a_symbol_holds_those_of_all(world):
    page = asyncio.run(reader_of(world).page(LedgerQuery(timeframe="1h", model="m1", limit=4)))

    newest = world.close(BTC, LAST)[0]
    assert [row.forecast.target_time for row in page.items] == [newest + HOUR] * 2 + [newest] * 2
    assert {row.forecast.symbol for row in page.items} == {BTC, ETH}


def test_page_keeps_to_model_and_bounds(world):
    start, end = world.close(BTC, 50)[0], world.close(BTC, 60)[0]
    query = LedgerQuery(symbol=BTC, timeframe="1h", model="m2", start=start, end=end)

    page = asyncio.run(reader_of(world).page(query))

    assert [row.forecast.target_time for row in page.items] == [end - n * HOUR for n in range(11)]
    assert {row.forecast.model.id for row in page.items} == {"m2"}
    assert LedgerLine.of(page.items[0]).realised_close == world.close(BTC, 60)[1]


def test_track_record_has_the_figures_of_its_rows(world):
    ours, _ = asyncio.run(reader_of(world).track_record(TrackRecordQuery(symbol=BTC, window="all"))).items
    rows = world.rows(
        "SELECT p_up, (realised_close > last_close)::int, held_log_return, direction, last_direction, p_last_direction "
        "FROM predictions_table p JOIN outcomes_table o ON o.prediction_id = p.id JOIN symbols s ON s.id = symbol_id "
        "WHERE model_id = 'm1' AND symbol = 'BTC/USDT'"
    )
    p_up, up = (np.array([row[place] for row in rows], dtype=float) for place in (0, 1))
    sign = np.array([{"up": 1, "down": -1, "abstain": 0}[row[3]] for row in rows])
    earned = sign * 1e4 * np.expm1([row[2] for row in rows])
    found = figures(ours)

    assert (ours.model_id, ours.n, ours.n_missed, ours.n_unsettled) == ("m1", len(rows), 0, 0)
    assert found["accuracy"].value == pytest.approx(((p_up > 0.5) == (up > 0.5)).mean())
    assert found["accuracy"].low < found["accuracy"].value < found["accuracy"].high
    assert found["accuracy"].beside["always_up"] == pytest.approx(up.mean())
    last = np.array([row[4] == "up" for row in rows])
    assert found["accuracy"].beside["last_direction"] == pytest.approx((last == (up > 0.5)).mean())
    assert found["brier"].value == pytest.approx(((p_up - up) ** 2).mean())
    assert found["edge_after_costs_bps"].value == pytest.approx(earned.sum() / abs(sign).sum() - 20.0)
    assert found["coverage_80"].beside["level"] == 0.8
    assert 0.5 < found["coverage_80"].beside["histvol"] < 1.0
    assert sum(tenth.n for tenth in ours.reliability) == ours.n


def test_track_record_keeps_symbols_apart_and_counts_days_back_where_asked(world):
    reader = reader_of(world)
    apart = asyncio.run(reader.track_record(TrackRecordQuery(model="m1", window="all", by_symbol=True))).items
    [recent] = asyncio.run(reader.track_record(TrackRecordQuery(model="m1", window="1d", days=True))).items

    assert [(one.symbol, one.n) for one in apart] == [(BTC, 46), (ETH, 46)]
    assert (recent.symbol, (recent.last_day - recent.first_day).days) == (None, 1)
    assert figures(recent)["brier"].low is None
    assert [one.day for one in recent.days] == [recent.first_day, recent.last_day]
    assert sum(one.n for one in recent.days) == recent.n
    assert sum(one.n * one.figures["coverage_80"] for one in recent.days) / recent.n == pytest.approx(
        figures(recent)["coverage_80"].value
    )
    assert apart[0].days == []


def test_missed_forecasts_are_counted_even_alone(database):
    world = make_world(database, n=LAST + 4)
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO forecast_misses "
            "(symbol_id, timeframe, horizon, model_id, as_of, target_time, noticed_at, cause) VALUES "
            "(%s, '1h', 4, 'm1', '2022-01-01Z', '2022-01-01T04:00Z', '2022-01-01T05:00Z', 'too late')",
            (world.ids[BTC],),
        )

    [alone] = asyncio.run(reader_of(world).track_record(TrackRecordQuery(horizon=4, window="all"))).items

    assert (alone.n, alone.n_missed, alone.figures) == (0, 1, [])


REFUSED_PAGES = [{"cursor": cursor} for cursor in ("1", "x-1", "9" * 18 + "-1", "1-1-1", "-1-1")]
REFUSED_RECORDS = [{"window": "0d"}, {"window": "30"}, {"symbol": "BTC/USD"}, {"timeframe": "7m"}]


def test_nonsense_is_refused(database):
    reader = RecordReader(database, clock=frozen(START), symbols=SYMBOLS)

    for query in REFUSED_PAGES:
        with pytest.raises(InvalidRequestError, match="cursor"):
            asyncio.run(reader.page(LedgerQuery(symbol=BTC, timeframe="1h", **query)))
    for query in REFUSED_RECORDS:
        with pytest.raises(InvalidRequestError):
            asyncio.run(reader.track_record(TrackRecordQuery(**query)))
