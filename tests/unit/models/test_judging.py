import numpy as np
import pytest

from candlecast.errors import InsufficientHistoryError
from candlecast.models.judging import judge
from tests.trained import small_config, small_panel

CONFIG = small_config(n_folds=1)


@pytest.fixture(scope="module")
def of_one():
    return judge(small_panel(), config=CONFIG, symbols=["BTC/USDT"])


def test_judging_one_symbol_learns_from_all(of_one):
    assert set(of_one.forecasts["symbol"]) == {"BTC/USDT"}
    assert of_one.trained_on == ("BTC/USDT", "ETH/USDT")


def test_judging_one_symbol_gives_the_forecasts_that_judging_all_gives(of_one):
    whole = judge(small_panel(), config=CONFIG).forecasts

    mine = whole[whole["symbol"] == "BTC/USDT"].reset_index(drop=True)
    for name in ("p_model", "p_logistic", "sigma", "reach_90", "log_return"):
        np.testing.assert_allclose(of_one.forecasts[name], mine[name], rtol=1e-9)


def test_judging_tells_what_each_feature_weighs(of_one):
    gain, permutation = of_one.importance["gain"], of_one.importance["permutation"]

    assert sum(gain.values()) == pytest.approx(1.0)
    assert set(gain) == set(permutation)


def test_judging_a_symbol_that_is_not_there_is_refused():
    with pytest.raises(InsufficientHistoryError, match="SOL/USDT has no row with a known outcome"):
        judge(small_panel(), config=CONFIG, symbols=["SOL/USDT"])
