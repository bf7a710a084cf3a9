import numpy as np

from candlecast.models.fitting import fit_model
from candlecast.models.rows import collect_rows
from tests.trained import small_config, small_panel


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
