"""Are probabilities as sure as they are right once they are calibrated?"""

import numpy as np
import pytest

from candlecast.sentiment.calibration import (
    HIGHEST_TEMPERATURE,
    LOWEST_TEMPERATURE,
    Blend,
    expected_calibration_error,
    fit_blend,
    fit_temperature,
    log_loss,
    softmax,
)

RNG = np.random.default_rng(3)
TRUE_LOGITS = RNG.normal(0.0, 2.0, (4_000, 3))
CLASSES = np.array([RNG.choice(3, p=row) for row in softmax(TRUE_LOGITS)])
FEW = TRUE_LOGITS[:500]


def noisy_opinions():
    return tuple(softmax(FEW + RNG.normal(0.0, 2.0, FEW.shape)) for _ in range(2))


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_fit_temperature_of_logits_that_are_too_sure_finds_by_how_much(factor):
    assert fit_temperature(TRUE_LOGITS * factor, CLASSES) == pytest.approx(factor, rel=0.06)


@pytest.mark.parametrize(("sign", "bound"), [(1e6, LOWEST_TEMPERATURE), (-1e3, HIGHEST_TEMPERATURE)])
def test_fit_temperature_of_perfect_or_contrary_logits_stays_within_its_bounds(sign, bound):
    logits = 0.01 * np.sign(sign) * np.eye(3)

    assert fit_temperature(logits, np.arange(3)) == pytest.approx(bound, rel=1e-3)


def test_fit_temperature_without_texts_is_refused():
    with pytest.raises(ValueError, match="at least 1 labelled text, got 0"):
        fit_temperature(np.empty((0, 3)), np.empty(0, dtype=np.int64))


def test_softmax_of_extreme_logits_adds_up_to_one():
    probabilities = softmax(np.array([[1e4, 0.0, -1e4], [0.0, -np.inf, 0.0]]))

    np.testing.assert_allclose(probabilities, [[1, 0, 0], [0.5, 0, 0.5]])


def test_softmax_of_no_text_has_no_rows():
    assert softmax(np.empty((0, 3))).shape == (0, 3)


def test_calibration_error_is_high_for_boasts_and_low_for_honest_figures():
    honest, boasting = (expected_calibration_error(softmax(TRUE_LOGITS * k), CLASSES) for k in (1.0, 5.0))

    assert honest < 0.03
    assert boasting > 0.1


def test_calibration_error_of_four_texts_is_the_one_by_hand():
    probabilities = np.array([[0.9, 0.1, 0.0]] * 2 + [[0.6, 0.4, 0.0]] * 2)

    # bins: 0.9 with accuracy 0.5, 0.6 with accuracy 1
    assert expected_calibration_error(probabilities, np.array([0, 1, 0, 0])) == pytest.approx(0.4)


def test_blend_without_the_lexicon_is_the_transformer():
    transformer, lexicon = softmax(TRUE_LOGITS[:5]), softmax(TRUE_LOGITS[5:10])

    np.testing.assert_allclose(Blend(lexicon_weight=0.0).mix(transformer, lexicon), transformer)


def test_blend_of_two_opinions_is_the_geometric_mean_by_hand():
    mixed = Blend(lexicon_weight=0.5).mix(np.array([[0.8, 0.1, 0.1]]), np.array([[0.2, 0.4, 0.4]]))

    np.testing.assert_allclose(mixed, [[0.5, 0.25, 0.25]])


def test_fit_blend_gives_noise_no_weight_and_evidence_some():
    sure, noise = softmax(FEW), softmax(RNG.normal(0.0, 2.0, FEW.shape))
    half, other = noisy_opinions()

    assert fit_blend(sure, noise, CLASSES[: len(FEW)]).lexicon_weight < 0.05
    assert fit_blend(half, other, CLASSES[: len(FEW)]).lexicon_weight == pytest.approx(0.5, abs=0.15)


def test_fit_blend_is_never_worse_than_the_transformer_alone():
    transformer, lexicon = noisy_opinions()
    classes = CLASSES[: len(FEW)]

    blend = fit_blend(transformer, lexicon, classes)

    assert log_loss(blend.mix(transformer, lexicon), classes) < log_loss(transformer, classes)
