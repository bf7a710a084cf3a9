import numpy as np
import pytest

from candlecast.models.fitting import fit_model
from candlecast.models.interval_choice import LEARNED, IntervalChoice
from candlecast.models.rows import collect_rows
from tests.trained import small_config, small_panel, small_quantile_model


def test_model_fitted_on_a_prefix_ignores_later_rows():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    early = np.flatnonzero(rows.closes < rows.closes[1_200])
    changed, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    changed.features[rows.closes >= rows.closes[1_200]] = 7.0

    first = fit_model(rows, train=early, config=small_config())
    second = fit_model(changed, train=early, config=small_config())

    assert first.estimator.dump() == second.estimator.dump()
    assert first.calibration == second.calibration
    assert first.volatility.numbers() == second.volatility.numbers()
    assert first.volatility.trees.dump() == second.volatility.trees.dump()


def test_model_facts_state_the_span_it_learned_from():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    early = np.flatnonzero(rows.closes < rows.closes[1_200])

    facts = fit_model(rows, train=early, config=small_config()).facts

    assert facts.data_end == rows.closes[1_199]
    assert facts.data_start == rows.closes[0]
    assert facts.symbols == ("BTC/USDT", "ETH/USDT")


def test_model_of_chosen_quantiles_reaches_by_their_spans(monkeypatch):
    quantiles, choice = small_quantile_model().quantiles, IntervalChoice(LEARNED, 0.98, 0.01, 1_000)
    monkeypatch.setattr("candlecast.models.fitting.choose_intervals", lambda *_, **__: (quantiles, choice))
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)

    model = fit_model(rows, train=np.arange(1_500), config=small_config())

    assert (model.quantiles, model.interval_choice) == (quantiles, choice)
    assert model.spans(rows.features[:5]).shape == (5, model.n_spans)
    assert list(model.reach.quantiles) == sorted(model.reach.quantiles)
    assert 0.3 < model.reach.mean < 3.0


def test_model_that_shall_not_learn_quantiles_does_not_ask(monkeypatch):
    monkeypatch.setattr("candlecast.models.fitting.choose_intervals", lambda *_, **__: pytest.fail("it asked"))
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)

    model = fit_model(rows, train=np.arange(1_500), config=small_config(learn_quantiles=False))

    assert model.quantiles is None
    assert model.spans(rows.features[:5]).shape == (5, 1)
