from datetime import timedelta

import pytest

from candlecast.evaluation.paired import PairedTest
from candlecast.promotion import Challenger, judge_alone, judge_by_ledger, judge_together
from tests.storage_builders import START, make_record

CHAMPION = make_record(symbols=["BTC/USDT", "ETH/USDT"], features=["a", "b"])
NOW = START + timedelta(days=10)


def challenger(**changes):
    return Challenger(
        **(
            {
                "symbols": ("ETH/USDT", "BTC/USDT"),
                "features": ("a", "b"),
                "algorithm": "xgboost",
                "params": {"max_depth": 4},
                "alarm": None,
            }
            | changes
        )
    )


def decide(made, champion=CHAMPION, *, now=NOW, fault=None):
    return judge_alone(made, champion, now=now, fault=fault)


def test_first_model_is_promoted():
    assert decide(challenger(), None).promote


def test_model_with_a_leak_alarm_is_not_promoted_even_as_the_first():
    verdict = decide(challenger(alarm="accuracy .9"), None)

    assert not verdict.promote
    assert verdict.why == "accuracy .9"


def test_model_that_knows_fewer_symbols_is_not_promoted_even_when_the_champion_expired():
    verdict = decide(challenger(symbols=("BTC/USDT",)), now=START + timedelta(days=99))

    assert not verdict.promote
    assert "it never saw ETH/USDT" in verdict.why


@pytest.mark.parametrize(("days", "promote"), [(29, None), (30, True)])
def test_champion_expires_thirty_days_after_the_last_candle_it_learned_from(days, promote):
    verdict = decide(challenger(), now=CHAMPION.data_end + timedelta(days=days))

    assert (verdict and verdict.promote) == promote


def test_champion_that_cannot_be_loaded_gives_way():
    verdict = decide(challenger(), fault="model.json is missing")

    assert verdict.promote
    assert "model.json is missing" in verdict.why


def test_same_recipe_is_not_promoted_until_the_champion_expires():
    verdict = decide(challenger(params={"max_depth": 5}))

    assert not verdict.promote
    assert "expires on 2022-01-31" in verdict.why


def test_model_without_a_feature_of_the_champion_is_not_compared():
    verdict = decide(challenger(features=("a",)))

    assert not verdict.promote
    assert "it goes without b" in verdict.why


@pytest.mark.parametrize("changes", [{}, {"features": ("a", "b", "c")}, {"algorithm": "logistic"}])
def test_other_recipe_is_left_to_the_comparison(changes):
    assert decide(challenger(**changes)) is None


@pytest.mark.parametrize(
    ("gain", "p_value", "promote"), [(0.001, 0.04, True), (0.001, 0.06, False), (0.0, float("nan"), False)]
)
def test_comparison_promotes_below_the_level_only(gain, p_value, promote):
    verdict = judge_together(PairedTest(gain, p_value, 900, 90_000))

    assert verdict.promote is promote
    assert f"log loss {-gain:+.5f} nats against the promoted model on 900 days" in verdict.why


@pytest.mark.parametrize(("n_rivals", "promote"), [(1, True), (2, False)])
def test_challengers_who_are_tried_at_once_share_the_level(n_rivals, promote):
    verdict = judge_by_ledger(PairedTest(0.001, 0.007, 60, 60_000), n_rivals=n_rivals)

    assert verdict.promote is promote
    assert verdict.why.endswith(f"promoted below {0.01 / n_rivals:.2g}")
