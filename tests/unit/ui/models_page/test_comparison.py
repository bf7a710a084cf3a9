from tests.fakes.models import METRICS, make_model
from ui.models_page.comparison import comparison_panel, same_rows


def test_comparison_of_models_judged_on_the_same_rows_marks_the_better_figure():
    better = METRICS | {"direction": {"model": {"accuracy": 0.56, "log_loss": 0.70}}}
    one, other = make_model("aa11"), make_model("bb22", metrics=better, params={"max_depth": 5, "eta": 0.05})

    text = comparison_panel(one, other)

    assert "Both were judged on the same rows" in text
    assert '56.0 % <span class="cc-up" aria-label="better">▲</span>' in text
    assert '0.6904 <span class="cc-up" aria-label="better">▲</span>' in text
    assert "max_depth 3 / 5" in text
    assert "eta" not in text


def test_comparison_of_models_judged_on_different_rows_warns():
    later = make_model("bb22", metrics=METRICS | {"test_start": "2022-06-01T00:00:00+00:00"})

    assert same_rows(make_model("aa11"), later) is False
    assert "do not compare directly" in comparison_panel(make_model("aa11"), later)


def test_same_rows_of_another_horizon_or_other_symbols_is_false():
    one = make_model("aa11")

    assert same_rows(one, make_model("bb22", horizon=4)) is False
    assert same_rows(one, make_model("bb22", symbols=["BTC/USDT"])) is False
    assert same_rows(one, make_model("bb22", metrics={})) is None


def test_comparison_of_a_model_with_itself_asks_for_another_one():
    assert "Press “compare”" in comparison_panel(make_model("aa11"), make_model("aa11"))
