import numpy as np
import pandas as pd

from candlecast.models.fitting import settled_volatility
from candlecast.models.out_of_sample import forecast_fold
from candlecast.models.rows import collect_rows
from candlecast.models.spans import conformity
from tests.trained import small_config, small_panel, small_quantile_model


def test_fold_forecasts_do_not_depend_on_what_comes_after_them():
    config = small_config(n_folds=1)
    short = {name: candles.iloc[:1_500] for name, candles in small_panel().items()}
    found = []
    for panel in (small_panel(), short):
        rows, _ = collect_rows(panel, timeframe="1h", horizon=1)
        full, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
        targets = pd.DatetimeIndex(rows.targets["target_time"])
        start = full.closes[900].to_pydatetime()
        (fold,) = small_config(n_folds=1, test_start=start).walk_forward().split(rows.closes, targets)
        found.append(forecast_fold(rows, fold=fold, config=config))
    long, cut = (frame.set_index(["symbol", "close_time"]) for frame in found)

    columns = ["p_model", "p_logistic", "p_last_direction", "sigma", "histvol", "ewma", "har"]
    columns += ["reach_50", "reach_95", "har_reach_50", "har_reach_95"]
    pd.testing.assert_frame_equal(long.loc[cut.index, columns], cut[columns])


def test_fold_intervals_use_only_settled_scores():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    (fold, _) = small_config().walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"]))

    frame = forecast_fold(rows, fold=fold, config=small_config())

    scores = conformity(frame["log_return"].to_numpy(), frame[["sigma"]].to_numpy())
    inside = scores <= (frame["reach_80"] / frame["sigma"]).to_numpy()
    assert 0.7 < inside.mean() < 0.9
    assert np.isfinite(frame[["p_model", "p_logistic", "sigma", "reach_80", "har_reach_80", "ewma"]]).all(axis=None)


def test_fold_intervals_of_learned_quantiles_hold_their_share_around_their_own_centre():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    (fold, _) = small_config().walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"]))

    frame = forecast_fold(rows, fold=fold, config=small_config(), model=small_quantile_model())

    apart = (frame["log_return"] - frame["centre_80"]).abs()
    assert 0.7 < (apart <= frame["reach_80"]).mean() < 0.9
    assert (frame["centre_80"] != 0.0).all()
    assert (frame["reach_95"] > frame["reach_50"]).all()


def test_volatility_of_a_fold_is_not_taught_by_its_test_part():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=24)
    train = np.flatnonzero(rows.closes < rows.closes[1_000])

    kept = settled_volatility(rows, rows=train, horizon=24)

    last = rows.closes[kept].max()
    assert last + pd.Timedelta(hours=96) <= rows.closes[train].max() + pd.Timedelta(hours=24)
