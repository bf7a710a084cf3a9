from tests.fakes.models import make_model
from ui.models_page.importance import SHOWN, importance_figure, importance_words


def test_importance_figure_is_ordered_by_permutation_and_shows_both_kinds():
    figure = importance_figure(make_model())

    gain, permutation = figure["data"]
    assert gain["text"] == permutation["text"] == ["rsi_14", "gap_return_1"]
    assert gain["x"] == [60.0, 40.0]
    assert permutation["x"] == [-0.1, 2.0]
    assert permutation["xaxis"] == "x2"


def test_importance_figure_without_permutation_shows_gain_and_says_so():
    model = make_model(importance={"gain": {"rsi_14": 0.6, "gap_return_1": 0.4}, "permutation": {}})

    figure = importance_figure(model)

    assert [trace["text"] for trace in figure["data"]] == [["gap_return_1", "rsi_14"]]
    assert "did not measure" in importance_words(model)


def test_importance_figure_never_gives_two_bars_one_label():
    gain = {f"btc_return_{n}": 1.0 / n for n in range(1, 30)}

    figure = importance_figure(make_model(importance={"gain": gain, "permutation": {}}))

    assert len(set(figure["data"][0]["y"])) == SHOWN


def test_importance_figure_of_a_model_without_weights_is_none():
    assert importance_figure(make_model(importance={"gain": {"rsi_14": 0.0}, "permutation": {}})) is None
