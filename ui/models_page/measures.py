"""What was a model judged by? Its figures out of sample, each beside those of its baselines."""

import math
from collections.abc import Mapping
from typing import Any

from candlecast.schemas import ModelDetail
from ui.models_page.measure import Better, Measure

BASELINES = {"majority": "always the same way", "last_direction": "last direction again", "logistic": "logistic model"}
_COIN_LOG_LOSS = math.log(2)
_COIN_BRIER = 0.25


def measures_of(model: ModelDetail) -> list[Measure]:
    """Return all figures of a model in the order in which they are shown."""
    direction = _part(model.metrics, "direction")
    return [*_of_direction(direction), *_of_intervals(_part(model.metrics, "intervals")), *_of_volatility(model)]


def headline(model: ModelDetail) -> Measure:
    """Return the figure that a table of models shows first: how often the direction was right."""
    return _accuracy(_part(model.metrics, "direction"))


def log_loss(model: ModelDetail) -> Measure:
    """Return the figure by which models are promoted, beside a coin's."""
    return _measure(
        _part(model.metrics, "direction"), "log_loss", "Log loss", better="lower", baselines={"coin": _COIN_LOG_LOSS}
    )


def coverage_80(model: ModelDetail) -> float | None:
    """Return how often the 80 % interval held."""
    return _number(_part(_part(model.metrics, "intervals"), "0.8"), "coverage")


def test_span(model: ModelDetail) -> tuple[str, str, int] | None:
    """Return first and last moment of the rows that a model was judged on and their number, None if not told."""
    found = [model.metrics.get(name) for name in ("test_start", "test_end")]
    n_rows = _number(model.metrics, "n_test")
    if not all(isinstance(each, str) for each in found) or n_rows is None:
        return None
    return str(found[0]), str(found[1]), int(n_rows)


def _of_direction(direction: Mapping[str, Any]) -> list[Measure]:
    coins: dict[str, Mapping[str, float | None]] = {
        "log_loss": {"coin": _COIN_LOG_LOSS},
        "brier": {"coin": _COIN_BRIER},
        "auc": {"coin": 0.5},
    }
    figures: list[tuple[str, str, Better]] = [
        ("balanced_accuracy", "Right, both directions counted alike", "higher"),
        ("top_decile_accuracy", "Right in the surest tenth", "higher"),
        ("auc", "Ranks up above down (AUC)", "higher"),
        ("log_loss", "Log loss", "lower"),
        ("brier", "Brier score", "lower"),
        ("calibration_error", "Calibration error", "lower"),
    ]
    shares = {"balanced_accuracy", "top_decile_accuracy"}
    rest = [
        _measure(direction, key, name, better=better, baselines=coins.get(key, {}), in_percent=key in shares)
        for key, name, better in figures
    ]
    return [_accuracy(direction), *rest]


def _accuracy(direction: Mapping[str, Any]) -> Measure:
    model = _part(direction, "model")
    return Measure(
        "Direction right",
        _number(model, "accuracy"),
        "higher",
        _beside(direction, "accuracy"),
        low=_number(model, "accuracy_low"),
        high=_number(model, "accuracy_high"),
        in_percent=True,
    )


def _measure(
    direction: Mapping[str, Any],
    key: str,
    name: str,
    *,
    better: Better,
    baselines: Mapping[str, float | None],
    in_percent: bool = False,
) -> Measure:
    beside = _beside(direction, key) | dict(baselines)
    return Measure(name, _number(_part(direction, "model"), key), better, beside, in_percent=in_percent)


def _of_intervals(intervals: Mapping[str, Any]) -> list[Measure]:
    levels = sorted((float(level), _part(intervals, level)) for level in intervals)
    held = [
        Measure(
            f"{100 * level:.0f} % interval held",
            _number(part, "coverage"),
            "near",
            {"past volatility": _number(part, "histvol_coverage")},
            target=level,
            in_percent=True,
        )
        for level, part in levels
    ]
    scored = [
        Measure(
            f"{100 * level:.0f} % interval score, past volatility = 1",
            _number(part, "winkler_to_histvol"),
            "lower",
            {"past volatility": 1.0},
        )
        for level, part in levels
    ]
    return held + scored


def _of_volatility(model: ModelDetail) -> list[Measure]:
    part = _part(model.metrics, "volatility")
    beside = {"HAR": _number(part, "har"), "EWMA": _number(part, "ewma"), "past volatility": _number(part, "histvol")}
    return [Measure("Ranks calm and wild (volatility)", _number(part, "sigma"), "higher", beside)] if part else []


def _beside(direction: Mapping[str, Any], key: str) -> dict[str, float | None]:
    return {words_: _number(_part(direction, name), key) for name, words_ in BASELINES.items() if name in direction}


def _part(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(values: Mapping[str, Any], name: str) -> float | None:
    found = values.get(name)
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else None
