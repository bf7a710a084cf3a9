"""Candles -> trained model -> registry, in one process."""

from collections.abc import Mapping
from typing import Any

from candlecast.settings import Settings
from jobs.training.driver import Here, run_training
from jobs.training.request import ALGORITHM, N_FOLDS, TrainingRequest


def train_model(
    settings: Settings,
    *,
    if_missing: bool,
    params: dict[str, float] | None = None,
    n_folds: int = N_FOLDS,
    algorithm: str = ALGORITHM,
    tuning: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train over the followed symbols in this process, see `jobs.training.driver.run_training`.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe, horizon, database and artefact folder.
    if_missing, params, n_folds, algorithm, tuning
        As in `TrainingRequest`.

    Returns
    -------
    dict
        ``summary`` for people, ``model_id``, ``promoted``, ``metrics``, ``skipped``, ``columns``: what
        it learned from.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough stored candles.
    InvalidRequestError
        When algorithm or parameters are unknown, or the candles cannot be learned from.
    """
    request = TrainingRequest(if_missing, params or {}, n_folds, algorithm, tuning)
    return run_training(settings, request, workers=Here(), say=lambda _: None)
