import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InsufficientHistoryError, InvalidRequestError
from candlecast.models.training import train
from tests.builders import make_candles
from tests.trained import small_config, small_panel, small_result


def test_training_twice_gives_the_same_model_and_metrics():
    again = train(small_panel(), config=small_config())

    assert again.metrics == small_result().metrics
    assert again.model.estimator.dump() == small_result().model.estimator.dump()


def test_training_on_generated_candles_shows_no_leak_and_honest_intervals():
    metrics = small_result().metrics

    assert metrics["leak_alarm"] is None
    assert set(metrics["direction"]) == {"model", "majority", "last_direction", "logistic"}
    assert metrics["intervals"]["0.8"]["coverage"] == pytest.approx(0.8, abs=0.05)
    assert len(small_result().fold_table) == 2


def test_training_on_shuffled_returns_is_at_chance():
    candles = make_candles(6_000, seed=12)
    order = np.random.default_rng(0).permutation(6_000)
    ratios = candles[["high", "low", "close"]].div(candles["open"], axis=0).to_numpy()[order]
    opens = 100 * np.concatenate([[1.0], np.cumprod(ratios[:-1, 2])])
    candles[["open", "high", "low", "close"]] = np.column_stack([opens, opens[:, None] * ratios])

    metrics = train({"BTC/USDT": candles}, config=small_config()).metrics["direction"]["model"]

    assert metrics["auc"] == pytest.approx(0.5, abs=0.04)


def test_training_with_the_answer_in_the_volume_raises_the_alarm():
    candles = make_candles(3_000, seed=13)
    rises = (candles["close"].shift(-1) > candles["close"]).astype(float)
    candles["volume"] = 100.0 + 900.0 * rises

    assert "look for a leak" in train({"BTC/USDT": candles}, config=small_config()).metrics["leak_alarm"]


def test_training_leaves_out_the_short_symbol():
    result = train(
        {"BTC/USDT": small_panel()["BTC/USDT"], "ETH/USDT": small_panel()["ETH/USDT"].iloc[:300]},
        config=small_config(),
    )

    assert list(result.skipped) == ["ETH/USDT"]
    assert result.model.facts.symbols == ("BTC/USDT",)


def test_training_on_too_few_candles_is_refused():
    with pytest.raises(InsufficientHistoryError, match="training needs 569"):
        train({"BTC/USDT": make_candles(300)}, config=small_config())


def test_training_with_an_unknown_parameter_is_refused():
    with pytest.raises(InvalidRequestError, match="did you mean max_depth"):
        train(small_panel(), config=small_config(params={"maxdepth": 4}))


def test_training_with_an_unknown_algorithm_is_refused_before_anything_is_read():
    with pytest.raises(InvalidRequestError, match="'forest' is unknown; did you mean random_forest"):
        small_config(algorithm="forest")


def test_training_on_closes_that_only_rise_is_refused():
    candles = make_candles(700, seed=3)
    rising = np.linspace(100.0, 200.0, 700)
    candles = candles.assign(open=rising, close=rising + 0.1, high=rising + 0.2, low=rising - 0.1)

    with pytest.raises(InvalidRequestError, match="closes of BTC/USDT that could be learned from rose"):
        train({"BTC/USDT": candles}, config=small_config())


def test_training_on_least_history_gives_a_model():
    candles = {"BTC/USDT": make_candles(600, seed=14)}

    result = train(candles, config=small_config(n_folds=3))

    assert isinstance(result.fold_table, pd.DataFrame)
    assert np.isfinite(result.model.reach.quantiles).all()
