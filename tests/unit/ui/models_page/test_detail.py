from candlecast.schemas import Check
from tests.fakes.models import make_model
from tests.fakes.service import make_readiness
from ui.models_page.detail import detail_panel, figures_panel, params_panel
from ui.models_page.health import health_panel
from ui.models_page.shelf import Shelf


def test_detail_panel_tells_where_a_model_comes_from():
    model = make_model("aa11")

    text = detail_panel(Shelf([model], make_readiness()), model)

    for said in (
        "1h candles, 1 ahead",
        "12,000",
        "efefefef",
        model.sha256[:16],
        "serves now",
        "surely better",
        "learned quantiles",
    ):
        assert said in text


def test_figures_panel_marks_what_is_worse_than_a_baseline():
    text = figures_panel(make_model(metrics={"direction": {"model": {"auc": 0.51}, "majority": {"auc": 0.52}}}))

    assert '<td class="cc-num cc-warn">0.5100</td>' in text


def test_figures_panel_of_a_model_without_figures_says_so():
    assert "without figures" in figures_panel(make_model(metrics={}))


def test_params_panel_shows_every_parameter():
    assert "max_depth" in params_panel(make_model())


def test_health_panel_puts_alarms_first_and_counts_them():
    checks = [
        Check(name="database", ok=True, detail="answers"),
        Check(name="drift", ok=False, detail="log loss of <m1> rises"),
    ]

    text = health_panel(make_readiness(checks=checks))

    assert "1 alarm<" in text
    assert text.index("log loss of &lt;m1&gt; rises") < text.index("answers")
