import pytest

from tests.fakes.models import make_model
from ui.models_page.measure import Measure
from ui.models_page.measures import coverage_80, headline, measures_of
from ui.models_page.measures import test_span as span_of


def measure(value, **overrides):
    return Measure("some figure", value, overrides.pop("better", "higher"), {}, **overrides)


def test_measures_of_a_model_equal_its_metrics_beside_their_baselines():
    found = {each.name: each for each in measures_of(make_model())}

    assert found["Direction right"].value == 0.531
    assert found["Direction right"].text() == "53.1 % [51.8–54.4]"
    assert found["Direction right"].baselines == {"always the same way": 0.509, "last direction again": 0.522}
    assert found["Log loss"].value == 0.6904
    assert found["Log loss"].baselines["coin"] == pytest.approx(0.693147, abs=1e-6)
    assert found["80 % interval held"].baselines == {"past volatility": 0.831}
    assert found["Ranks calm and wild (volatility)"].value == 0.59


def test_measures_of_a_model_without_figures_are_not_known():
    bare = make_model(metrics={"direction": {"model": {"accuracy": None}}})

    assert all(each.value is None for each in measures_of(bare))
    assert headline(bare).text() == "–"
    assert coverage_80(bare) is None
    assert span_of(bare) is None


def test_beats_of_a_share_that_should_be_near_goes_by_the_distance_to_its_target():
    held = measure(0.79, better="near", target=0.8)

    assert held.beats(0.83) is True
    assert held.beats(0.805) is False
    assert held.beats(None) is None


def test_beats_of_a_loss_goes_downwards():
    assert measure(0.69, better="lower").beats(0.693) is True
    assert measure(0.69, better="higher").beats(0.693) is False
    assert measure(0.69).beats(0.69) is None
