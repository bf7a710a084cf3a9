import pytest

from tests.fakes.models import make_model
from ui.models_page.intervals import interval_row


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (
            {"kind": "quantiles", "score_ratio": 0.9812, "p_value": 0.0104, "n": 12_000},
            ("learned quantiles", "their score 0.981 × scaled volatility&#x27;s", "p 0.010", "n 12,000"),
        ),
        (
            {"kind": "scaled volatility", "score_ratio": 1.02, "p_value": None, "n": 900},
            (">scaled volatility<", "learned quantiles: score 1.020 ×", "lower is better, n 900"),
        ),
        (
            {"kind": "scaled volatility", "score_ratio": None, "p_value": None, "n": 0},
            (">scaled volatility<", "quantiles not compared"),
        ),
        ({"kind": "<b>", "score_ratio": None}, ("&lt;b&gt;",)),
    ],
)
def test_interval_row_tells_the_choice_and_its_grounds(choice, said):
    text = interval_row(make_model(metrics={"interval_choice": choice}))

    for part in said:
        assert part in text


def test_interval_row_of_a_training_that_told_nothing_is_none():
    assert interval_row(make_model(metrics={})) == ""
