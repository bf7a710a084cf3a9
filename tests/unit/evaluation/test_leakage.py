import numpy as np

from candlecast.evaluation.leakage import canary_auc, panel_leaks, prefix_leaks, shuffled_label_auc, window_leaks
from candlecast.evaluation.metrics import auc
from candlecast.features.table import build_features
from candlecast.models.estimators import fit_booster, learner_settings, margins
from tests.builders import make_candles

CANDLES = make_candles(600, seed=8)
LEARNER = {"max_depth": 3, "min_child_weight": 5, "learning_rate": 0.08, "subsample": 0.5, "colsample_bytree": 0.5}
SETTINGS = learner_settings(LEARNER, seed=1, nthread=1)
RNG = np.random.default_rng(2)
FEATURES = RNG.normal(size=(3_000, 5))
DIRECTION = (FEATURES[:, 0] + RNG.normal(size=3_000) > 0).astype(float)


def cheat(candles):
    return build_features(candles).assign(canary=candles["close"].shift(-1) / candles["close"])


def scale_by_all(candles):
    return build_features(candles)[["rsi_14"]].assign(scaled=candles["close"] / candles["close"].mean())


def cumulate(candles):
    return (candles["close"] / candles["close"].iloc[0]).to_frame("cumulative")


def forecast(train, direction, test):
    booster = fit_booster(train.astype(np.float32), direction, settings=SETTINGS, rounds=15)
    return margins(booster, test.astype(np.float32))


def test_feature_of_the_next_close_is_caught():
    assert list(prefix_leaks(cheat, CANDLES, rows=[300, 400])) == ["canary"]


def test_feature_scaled_by_the_whole_history_is_caught():
    assert list(prefix_leaks(scale_by_all, CANDLES, rows=[300])) == ["scaled"]


def test_feature_that_depends_on_the_start_is_caught():
    assert prefix_leaks(cumulate, CANDLES, rows=[300]) == {}
    assert list(window_leaks(cumulate, CANDLES, rows=[400], window_candles=300)) == ["cumulative"]


def test_forecaster_taught_shuffled_labels_is_at_chance():
    honest = auc(forecast(FEATURES[:2_000], DIRECTION[:2_000], FEATURES[2_000:]), DIRECTION[2_000:])

    shuffled = shuffled_label_auc(forecast, FEATURES, DIRECTION, n_train=2_000, seed=3)

    assert honest > 0.7
    assert abs(shuffled - 0.5) < 0.06


def test_forecaster_handed_the_label_gives_itself_away():
    assert canary_auc(forecast, FEATURES, DIRECTION, n_train=2_000) > 0.99


def lead(panel):
    """Each symbol's table holds the return of the other one, an hour late or, for a cheat, an hour early."""
    return lambda shift: {
        name: panel[other]["close"].pct_change().shift(shift).to_frame("other")
        for name, other in (("A", "B"), ("B", "A"))
    }


PANEL = {"A": CANDLES, "B": make_candles(600, seed=9, symbol="ETH/USDT")}
MOMENTS = [CANDLES["close_time"].iloc[row] for row in (300, 450)]


def test_feature_of_another_symbols_past_passes():
    assert panel_leaks(lambda panel: lead(panel)(1), PANEL, moments=MOMENTS) == {}


def test_feature_of_another_symbols_next_return_is_caught():
    assert list(panel_leaks(lambda panel: lead(panel)(-1), PANEL, moments=MOMENTS)) == ["other"]


def test_feature_that_depends_on_the_start_of_a_panel_is_caught_by_the_window_alone():
    def build(panel):
        return {name: cumulate(candles) for name, candles in panel.items()}

    assert panel_leaks(build, PANEL, moments=MOMENTS) == {}
    assert list(panel_leaks(build, PANEL, moments=MOMENTS, window_candles=200)) == ["cumulative"]


def test_symbol_shorter_than_the_window_is_passed_over():
    short = PANEL | {"B": PANEL["B"].iloc[:100]}

    found = panel_leaks(
        lambda panel: {name: cumulate(candles) for name, candles in panel.items() if name == "B"},
        short,
        moments=MOMENTS,
        window_candles=200,
    )

    assert found == {}
