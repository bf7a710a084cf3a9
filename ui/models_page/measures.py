"""What was a model judged by? Its figures out of sample, each beside those of its baselines."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from candlecast.schemas import ModelDetail
from ui import words

Better = Literal["higher", "lower", "near"]

BASELINES = {"majority": "always the same way", "last_direction": "last direction again", "logistic": "logistic model"}
_COIN_LOG_LOSS = math.log(2)
_COIN_BRIER = 0.25


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a model.

    Parameters
    ----------
    name : str
        What it is called.
    value : float or None
        None where it is not known.
    better : str
        ``higher`` or ``lower`` is better, or to be ``near`` the target.
    baselines : mapping of str to float or None
        The same figure of what needs no model, by name.
    target : float or None
        What a figure that should be ``near`` aims at.
    low, high : float or None
        Interval of 95 % around the value, where one is known.
    in_percent : bool
        Whether it is a share.
    """

    name: str
    value: float | None
    better: Better
    baselines: Mapping[str, float | None]
    target: float | None = None
    low: float | None = None
    high: float | None = None
    in_percent: bool = False

    def text(self) -> str:
        """Return the value in words, with its interval."""
        said = self.written(self.value)
        if self.low is None or self.high is None:
            return said
        return f"{said} [{100 * self.low:.1f}–{100 * self.high:.1f}]"

    def written(self, value: float | None) -> str:
        """Return a value of this kind in words."""
        if value is None:
            return "–"
        return words.share_pct(value) if self.in_percent else f"{value:.4f}".replace("-", "−")

    def beats(self, other: float | None) -> bool | None:
        """Tell whether the value is better than another, None where they are equal or either is not known."""
        if self.value is None or other is None or self.value == other:
            return None
        if self.target is not None:
            return abs(self.value - self.target) < abs(other - self.target)
        return self.value > other if self.better == "higher" else self.value < other


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
