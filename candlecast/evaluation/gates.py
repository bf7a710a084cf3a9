"""May these figures be believed? Gates that each say passed or not, and what they found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.report import leak_alarm
from candlecast.evaluation.walk_forward import Fold, WalkForward
from candlecast.features.targets import TARGET_NAMES
from candlecast.market.calendars import to_microseconds

CANARY_AUC = 0.9
CHANCE_REACH = 0.03
_SHOWN = 5
_TARGETS = (*TARGET_NAMES, "target_time")


@dataclass(frozen=True, slots=True)
class Gate:
    """What one gate found.

    Parameters
    ----------
    name : str
        Which gate.
    passed : bool
        False: do not believe the figures.
    finding : str
        What was checked, or what leaks, on one line.
    """

    name: str
    passed: bool
    finding: str

    @property
    def line(self) -> str:
        """Return the gate on one line, for a terminal."""
        return f"{'ok  ' if self.passed else 'LEAK'} {self.name}: {self.finding}"


def prefix_gate(leaks: Mapping[str, float], *, checked: str) -> Gate:
    """Judge `panel_leaks` without a window: a feature that changes when the future is cut off knew it."""
    if not leaks:
        return Gate("prefix invariance", True, f"{checked} equal when recomputed without what came after")
    return Gate("prefix invariance", False, f"change when the future is cut off: {_named(leaks)}; shift them back")


def window_gate(leaks: Mapping[str, float], *, window_candles: int) -> Gate:
    """Judge `panel_leaks` with a window: a feature that changes depends on where the history starts."""
    if not leaks:
        return Gate("window invariance", True, f"the last {window_candles} candles give the same features")
    return Gate(
        "window invariance", False, f"depend on candles older than {window_candles}: {_named(leaks)}; difference them"
    )


def canary_gate(canary_leaks: Mapping[str, float], *, canary: str, canary_auc: float) -> Gate:
    """Judge what a planted future did: checks that overlook it prove nothing.

    Parameters
    ----------
    canary_leaks : mapping of str to float
        What the prefix check found with the column `canary` planted.
    canary : str
        Name of the planted column.
    canary_auc : float
        AUC of the pipeline with that column among its features.
    """
    if canary not in canary_leaks:
        return Gate("future-shift canary", False, "a planted column of future closes passed the prefix check")
    if not canary_auc >= CANARY_AUC:
        found = (
            f"AUC with a planted future is {canary_auc:.3f}, at least {CANARY_AUC} is due: no leak would show here; "
            "look at what the model may read, or give a longer history"
        )
        return Gate("future-shift canary", False, found)
    return Gate("future-shift canary", True, f"a planted future is caught, and shows as AUC {canary_auc:.3f}")


def shuffled_gate(aucs: Sequence[float], *, deviation: float) -> Gate:
    """Judge AUCs of pipelines that were taught shuffled labels.

    Parameters
    ----------
    aucs : sequence of float
        On true test labels, one for each shuffle.
    deviation : float
        Standard deviation of one such AUC by chance.
    """
    mean, limit = float(np.mean(aucs)), max(CHANCE_REACH, 3.0 * deviation)
    words = f"mean AUC of {len(aucs)} shuffles is {mean:.3f}, chance is 0.5 ± {limit:.3f}"
    passed = bool(abs(mean - 0.5) <= limit)
    return Gate("shuffled labels", passed, words if passed else f"{words}: test labels reach the training")


def purge_gate(folds: Sequence[Fold], *, closes: pd.DatetimeIndex, targets: pd.DatetimeIndex, horizon: int) -> Gate:
    """Judge folds: no training target may be known later than the first test close, nor a short purge accepted.

    Parameters
    ----------
    folds : sequence of Fold
        The walk-forward.
    closes, targets : DatetimeIndex of shape (n,)
        When each row's forecast was made, and when its target is known.
    horizon : int
        Candles ahead.
    """
    made, known = to_microseconds(closes), to_microseconds(targets)
    overlap = [fold.number for fold in folds if known[fold.train].max() >= made[fold.test].min()]
    if overlap:
        named = ", ".join(map(str, overlap))
        return Gate(
            "purge", False, f"training targets reach into the test part of fold {named}; purge {horizon} candles"
        )
    try:
        WalkForward(n_folds=1, horizon=horizon, purge_candles=horizon - 1)
    except InvalidRequestError:
        return Gate("purge", True, f"no training target reaches into one of {len(folds)} test parts")
    return Gate("purge", False, f"a purge of {horizon - 1} candles for a horizon of {horizon} was accepted")


def future_gate(full: pd.DataFrame, cut: pd.DataFrame) -> Gate:
    """Judge out-of-sample forecasts made twice: with all data, and without what came after.

    Catches what is fitted on more than the training part: a scaler over the whole history, a
    calibration on test rows.

    Parameters
    ----------
    full, cut : DataFrame
        Rows of `forecast_fold` of the same fold; `cut` from data that ends inside the test part.
    """
    keys = ["symbol", "close_time"]
    names = [name for name in full.columns if name not in (*keys, "fold", *_TARGETS)]
    left, right = cut.set_index(keys)[names], full.set_index(keys)[names]
    both = left.index.intersection(right.index)
    if not len(both):
        return Gate("future of the test part", False, "no forecast was made both ways: give a longer history")
    same = np.isclose(left.loc[both], right.loc[both], rtol=1e-6, atol=1e-12, equal_nan=True)
    changed = [name for name, column in zip(names, same.T, strict=True) if not column.all()]
    if changed:
        named = ", ".join(changed[:_SHOWN])
        return Gate(
            "future of the test part", False, f"{named} of a test row depend on later rows; fit on training only"
        )
    return Gate("future of the test part", True, f"{len(both):,} forecasts are the same without what came after")


def alarm_gate(direction: Mapping[str, float]) -> Gate:
    """Judge the accuracy: one too good to be true is a leak until proven otherwise; see `leak_alarm`."""
    alarm = leak_alarm(direction)
    if alarm is not None:
        return Gate("plausible accuracy", False, alarm)
    words = f"accuracy is at least {direction['accuracy_low']:.3f}, majority share {direction['majority_share']:.3f}"
    return Gate("plausible accuracy", True, words)


def _named(leaks: Mapping[str, float]) -> str:
    names = sorted(leaks, key=lambda name: -leaks[name])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
