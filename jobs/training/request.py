"""What can be asked of a training."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

N_FOLDS = 3
ALGORITHM = "xgboost"


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """How to train, beside the market that the settings name.

    Parameters
    ----------
    if_missing : bool
        Do nothing when a model is promoted already.
    params : mapping
        Parameters of the estimator that differ from its defaults.
    n_folds : int
        Test blocks of the walk-forward over the last half of the history.
    algorithm : str
        Which estimator says the direction.
    tuning : mapping or None
        What a search found, to be kept with the metrics.
    resumable : bool
        Keep each step, so that the same command goes on where it was killed.
    """

    if_missing: bool = False
    params: Mapping[str, float] = field(default_factory=dict)
    n_folds: int = N_FOLDS
    algorithm: str = ALGORITHM
    tuning: Mapping[str, Any] | None = None
    resumable: bool = False
