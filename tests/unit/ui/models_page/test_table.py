from candlecast.errors import SourceUnavailableError
from tests.fakes.models import make_model
from tests.fakes.service import make_readiness
from ui.models_page.shelf import Shelf
from ui.models_page.table import registry_panel


def panel(*models, chosen="", beside=""):
    return registry_panel(Shelf(list(models), make_readiness()), chosen=chosen, beside=beside)


def test_registry_panel_shows_figures_span_and_commit_of_each_model():
    text = panel(make_model("aa11"), make_model("bb22", status="retired"), chosen="aa11")

    for said in ("xgboost aa11", "53.1 % [51.8–54.4]", "50.9 %", "0.6904", "80.3 %", "5,600", "efefefef", "champion"):
        assert said in text
    assert 'data-go="model=bb22"' in text
    assert 'data-go="with=bb22"' in text
    assert 'data-go="with=aa11"' not in text


def test_registry_panel_lets_the_compared_model_go_again():
    text = panel(make_model("aa11"), make_model("bb22"), chosen="aa11", beside="bb22")

    assert 'data-go="with="' in text


def test_registry_panel_without_models_says_how_to_train_one():
    assert "candlecast train" in panel()


def test_registry_panel_that_failed_says_why_and_offers_another_try():
    text = registry_panel(Shelf(SourceUnavailableError("no API <b>"), make_readiness()), chosen="", beside="")

    assert 'data-state="failed"' in text
    assert "no API &lt;b&gt;" in text
    assert "data-retry" in text


def test_registry_panel_escapes_what_the_registry_holds():
    text = panel(make_model("x", algorithm="<script>", timeframe="<i>"))

    assert "<script>" not in text
    assert "<i>" not in text
