"""Does the batch path say what was served, from what was known then, and is each difference told?"""

from datetime import timedelta

import pytest

from candlecast.features.market import MARKET_WINDOW_CANDLES, market_returns
from candlecast.forecasts.ledger import LedgerEntry
from candlecast.forecasts.path import Context, make_forecast
from candlecast.market.symbols import Symbol
from candlecast.models.artefacts import save_model
from candlecast.models.digests import MANIFEST
from candlecast.record.parity import ParityCheck
from candlecast.registry import Registry
from candlecast.schemas import DataState, Forecast, Interval, ModelRef
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import make_record
from tests.trained import small_panel, small_result

BTC = Symbol.parse("BTC/USDT")
PLACES = (1_900, 1_901, 1_902)


@pytest.fixture
def served(database, tmp_path):
    """A day's forecasts, recorded as they were served; the check, and the forecasts."""
    model, panel = small_result().model, small_panel()
    artefact = save_model(model, tmp_path)
    registry = Registry(ModelStore(database), tmp_path)
    registry.register(
        make_record(artefact.path.name, artefact_path=str(artefact.path), sha256=artefact.sha256, symbols=list(panel))
    )
    ids = SymbolStore(database).ensure([Symbol.parse(name) for name in panel])
    for name, frame in panel.items():
        CandleStore(database).upsert(
            ids[name], "1h", frame, source="test", quality="rest", known_at=frame["close_time"]
        )
    forecasts = [serve(panel, place, model=model, model_id=artefact.path.name) for place in PLACES]
    return ParityCheck(database, registry=registry, news=None), forecasts, ids


def serve(panel, place: int, *, model, model_id: str) -> LedgerEntry:
    candles = panel[BTC.name].iloc[: place + 1]
    as_of = candles["close_time"].iloc[-1].to_pydatetime()
    known = {name: frame[frame["close_time"] <= as_of].tail(MARKET_WINDOW_CANDLES) for name, frame in panel.items()}
    made = make_forecast(
        candles,
        model=model,
        symbol=BTC,
        as_of=as_of,
        made_at=as_of + timedelta(seconds=3),
        context=Context(market=market_returns(known)["crypto"]),
    )
    names = set(Forecast.model_fields) - {"sentiment", "model", "data"}
    values = {name: getattr(made, name) for name in names} | {
        "intervals": list(made.intervals),
        "drivers": list(made.drivers),
        "model": ModelRef(id=model_id, algorithm="xgboost", trained_at=as_of, coverage_recent=made.coverage_recent),
        "data": DataState(age_s=3.0, stale=False, source="test"),
    }
    return LedgerEntry(Forecast(**values), made.features_digest)


def days(entries) -> set:
    return {entry.forecast.as_of.date() for entry in entries}


def test_day_is_the_same_though_a_candle_was_revised_since(served, database):
    check, entries, ids = served
    PredictionStore(database).record(entries)
    first = entries[0].forecast
    revised = small_panel()[BTC.name].iloc[[PLACES[0] - 5]].assign(volume=1.0)
    later = first.made_at + timedelta(days=2)
    CandleStore(database).upsert(ids[BTC.name], "1h", revised, source="test", quality="repaired", known_at=later)

    [day] = days(entries)
    found = check.replay(day)

    assert (found.n_recorded, found.n_compared, found.n_same_features, found.n_equal) == (3, 3, 3, 3)
    assert found.differences == ()


def test_forecast_that_was_served_otherwise_is_told(served, database):
    check, entries, _ = served
    wrong = entries[1].forecast.model_copy(update={"p_up": entries[1].forecast.p_up + 0.01})
    PredictionStore(database).record([entries[0], LedgerEntry(wrong, "00" * 32)])

    [day] = days(entries)
    found = check.replay(day)

    assert (found.n_compared, found.n_same_features, found.n_equal) == (2, 1, 1)
    [difference] = found.differences
    assert difference.as_of == wrong.as_of
    assert any(told.startswith("p_up: served") for told in difference.what)
    assert any(told.startswith("features differ") for told in difference.what)


def test_more_forecasts_than_wanted_are_sampled(served, database):
    check, entries, _ = served
    PredictionStore(database).record(entries)

    [day] = days(entries)

    assert (check.replay(day, limit=2).n_recorded, check.replay(day, limit=2).n_compared) == (3, 2)


def test_forecast_whose_model_is_gone_is_a_difference(served, database, tmp_path):
    check, entries, _ = served
    PredictionStore(database).record(entries[:1])
    (tmp_path / entries[0].forecast.model.id / MANIFEST).write_text("{}")

    [day] = days(entries)

    found = check.replay(day)
    assert found.differences[0].what[0].startswith("cannot be made again")
    assert (found.n_compared, found.n_same_features, found.n_equal) == (1, 0, 0)


def test_interval_that_is_made_again_no_more_is_told(served, database):
    check, entries, _ = served
    more = [*entries[0].forecast.intervals, Interval(level=0.99, low=1.0, high=2.0)]
    wider = entries[0].forecast.model_copy(update={"intervals": more})
    PredictionStore(database).record([LedgerEntry(wider, entries[0].features_digest)])

    [day] = days(entries)

    assert check.replay(day).differences[0].what == (
        "low_99: served 1.0, replayed None",
        "high_99: served 2.0, replayed None",
    )
