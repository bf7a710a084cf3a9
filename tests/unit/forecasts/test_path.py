import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InsufficientHistoryError
from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES, WARM_UP_CANDLES, build_features, features_digest
from candlecast.forecasts.path import HISTORY_CANDLES, Context, make_forecast
from candlecast.market.symbols import Symbol
from candlecast.models.calibration import Calibration
from candlecast.models.intervals import rolling_reach
from candlecast.models.rows import collect_rows
from candlecast.sentiment.aggregate import Stories
from tests.builders import make_candles
from tests.trained import small_news, small_news_model, small_panel, small_quantile_model, small_result

BTC = Symbol.parse("BTC/USDT")


def forecast_of(candles, *, model=None, as_of=None, context=None):
    moment = as_of or candles["close_time"].iloc[-1].to_pydatetime()
    return make_forecast(
        candles,
        model=model or small_result().model,
        symbol=BTC,
        as_of=moment,
        made_at=moment + timedelta(seconds=2),
        context=context,
    )


def test_forecast_states_what_it_is_of():
    candles = small_panel()["BTC/USDT"]

    found = forecast_of(candles)

    assert (found.symbol, found.timeframe, found.horizon) == ("BTC/USDT", "1h", 1)
    assert found.as_of == candles["close_time"].iloc[-1]
    assert found.target_time == found.as_of + timedelta(hours=1)
    assert found.last_close == candles["close"].iloc[-1]
    assert found.features_digest == features_digest(build_features(candles.iloc[-WARM_UP_CANDLES:]).iloc[-1].to_numpy())
    assert found.expected_log_return == (2 * found.p_up - 1) * found.expected_volatility


def test_forecast_as_of_a_time_ignores_later_candles():
    candles = small_panel()["BTC/USDT"]
    moment = candles["close_time"].iloc[1_500].to_pydatetime()

    assert forecast_of(candles, as_of=moment) == forecast_of(candles.iloc[:1_501], as_of=moment)


def test_forecast_intervals_are_nested_around_the_last_close():
    found = forecast_of(small_panel()["BTC/USDT"])

    assert [interval.level for interval in found.intervals] == [0.5, 0.8, 0.9, 0.95]
    lows = [interval.low for interval in found.intervals]
    highs = [interval.high for interval in found.intervals]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    for interval in found.intervals:
        assert math.isclose(interval.low * interval.high, found.last_close**2)


def test_forecast_of_learned_quantiles_reaches_further_on_one_side():
    found = forecast_of(small_panel()["BTC/USDT"], model=small_quantile_model())

    lows, highs = ([getattr(one, side) for one in found.intervals] for side in ("low", "high"))
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    assert lows[0] < found.last_close < highs[0]
    assert not math.isclose(lows[1] * highs[1], found.last_close**2, rel_tol=1e-6)
    assert found.expected_log_return == (2 * found.p_up - 1) * found.expected_volatility


def test_forecast_drivers_are_the_six_strongest():
    found = forecast_of(small_panel()["BTC/USDT"])

    sizes = [abs(driver.contribution) for driver in found.drivers]
    assert len(found.drivers) == 6
    assert sizes == sorted(sizes, reverse=True)
    assert {driver.feature for driver in found.drivers} <= set(FEATURE_NAMES)


def test_forecast_below_the_threshold_abstains_with_a_reason():
    model = replace(small_result().model, calibration=Calibration(1.0, 0.0, abstain_below=0.5))

    found = forecast_of(small_panel()["BTC/USDT"], model=model)

    assert found.direction == "abstain"
    assert "within 0.500 of one half" in found.abstain_reason


@pytest.mark.parametrize(("intercept", "side"), [(2.0, "up"), (-2.0, "down")])
def test_forecast_above_the_threshold_takes_a_side(intercept, side):
    model = replace(small_result().model, calibration=Calibration(1.0, intercept, abstain_below=0.01))

    found = forecast_of(small_panel()["BTC/USDT"], model=model)

    assert (found.direction, found.abstain_reason) == (side, None)


def test_forecast_of_a_market_unlike_training_abstains_and_says_why():
    trained = small_result().model
    model = replace(trained, novelty=replace(trained.novelty, high=(-1e9,) * len(trained.facts.feature_names)))

    found = forecast_of(small_panel()["BTC/USDT"], model=model)

    assert found.direction == "abstain"
    assert "of the features lie outside what the model was trained on" in found.abstain_reason


def test_forecast_from_too_few_candles_is_refused():
    with pytest.raises(InsufficientHistoryError, match=f"BTC/USDT has 511 candles .* needs {WARM_UP_CANDLES}"):
        forecast_of(small_panel()["BTC/USDT"].iloc[:511])


def test_forecast_from_the_shortest_history_uses_the_rolling_reach():
    model = small_result().model
    candles = small_panel()["BTC/USDT"].iloc[:WARM_UP_CANDLES]

    found = forecast_of(candles, model=model)

    sigma = model.volatility.sigma(build_features(candles).to_numpy())[-1]
    assert math.isclose(math.log(found.intervals[1].high / found.last_close), sigma * recent(candles, model))


def recent(candles, model):
    sigma = model.volatility.sigma(build_features(candles).to_numpy())
    scores = np.abs(np.diff(np.log(candles["close"].to_numpy()), append=np.nan)) / sigma
    scores[:23] = np.nan
    return rolling_reach(scores, horizon=1, level=0.8)[-1]


def test_forecast_from_served_history_equals_that_from_all_of_it():
    candles = make_candles(HISTORY_CANDLES + 600, seed=21)

    all_of_it, served = forecast_of(candles), forecast_of(candles.iloc[-HISTORY_CANDLES:])

    assert all_of_it == served
    assert 0.7 < served.coverage_recent < 0.9


def test_forecast_is_made_from_the_row_that_training_would_see():
    panel, model = small_panel(), small_result().model
    recent = MarketReturns.of({name: candles.iloc[-MARKET_WINDOW_CANDLES:] for name, candles in panel.items()})
    rows, _ = collect_rows(panel, timeframe="1h", horizon=1)

    served = forecast_of(panel["BTC/USDT"], context=Context(market=recent))

    [trained] = model.p_up(rows.features[rows.symbol == 0][-1:])
    assert served.p_up == pytest.approx(trained, abs=1e-6)
    assert served.p_up != pytest.approx(forecast_of(panel["BTC/USDT"]).p_up, abs=1e-6)


def test_forecast_of_a_friday_stock_targets_monday():
    panel = small_panel()["BTC/USDT"]
    sessions = pd.bdate_range("2018-01-02", periods=len(panel), tz="UTC")
    candles = panel.assign(
        open_time=sessions.as_unit("us") + pd.Timedelta("14h30min"),
        close_time=sessions.as_unit("us") + pd.Timedelta("21h"),
    )
    model = replace(small_result().model, facts=replace(small_result().model.facts, timeframe="1d"))
    friday = pd.Timestamp("2020-02-07T21:00", tz="UTC").to_pydatetime()

    found = make_forecast(candles, model=model, symbol=Symbol.parse("AAPL"), as_of=friday, made_at=friday)

    assert found.target_time == pd.Timestamp("2020-02-10T21:00", tz="UTC")


def test_forecast_of_a_model_that_takes_news_is_made_from_its_columns():
    candles, stories = small_panel()["BTC/USDT"], small_news().of("BTC/USDT")

    found = forecast_of(candles, model=small_news_model(), context=Context(stories))

    row = build_features(candles.iloc[-WARM_UP_CANDLES:], stories).iloc[-1]
    assert set(NEWS_FEATURE_NAMES) < set(row.index)
    assert found.features_digest == features_digest(row.to_numpy())


def test_forecast_of_a_model_that_takes_news_without_any_has_missing_columns():
    candles = small_panel()["BTC/USDT"]

    found = forecast_of(candles, model=small_news_model())

    row = build_features(candles.iloc[-WARM_UP_CANDLES:], Stories.none()).iloc[-1]
    assert found.features_digest == features_digest(row.to_numpy())


def test_forecast_of_a_model_without_news_ignores_them():
    candles = small_panel()["BTC/USDT"]

    assert forecast_of(candles, context=Context(small_news().of("BTC/USDT"))) == forecast_of(candles)


def test_forecast_as_of_a_time_ignores_stories_known_later():
    candles, stories = small_panel()["BTC/USDT"], small_news().of("BTC/USDT")
    moment = candles["close_time"].iloc[1_500].to_pydatetime()
    cut = stories.known_us <= moment.timestamp() * 1e6
    earlier = Stories(stories.known_us[cut], stories.told_us[cut], stories.score[cut])

    found = forecast_of(candles, model=small_news_model(), as_of=moment, context=Context(stories))

    assert found == forecast_of(candles, model=small_news_model(), as_of=moment, context=Context(earlier))
