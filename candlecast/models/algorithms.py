"""Which estimators can say the direction? One name each, with its parameters, its fit and its file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from candlecast.errors import InvalidRequestError
from candlecast.models import estimators, forest, logistic, naive
from candlecast.models.estimators import Array, Features, resolve_params

DEFAULT_ALGORITHM = "xgboost"


class Estimator(Protocol):
    """A fitted estimator; its methods may be called from many threads."""

    def margins(self, features: Features) -> Array:
        """Return the uncalibrated log odds of up of each row, shape (n,); finite whatever is missing."""
        ...

    def contributions(self, features: Features) -> Array:
        """Return each feature's push on the log odds, shape (n, k); with one constant they sum to the margin."""
        ...

    def gain(self) -> Array:
        """Return what each feature gave to the fit, shape (k,): shares that sum to 1, or all 0."""
        ...

    def dump(self) -> bytes:
        """Return the content of its file."""
        ...


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One way to learn the direction.

    Parameters
    ----------
    name : str
        As the user says it.
    defaults : mapping
        Every parameter that it takes, with its default.
    whole : tuple of str
        Parameters that are whole numbers.
    file : str
        Name of its file in an artefact.
    fit : callable
        ``fit(features, direction, *, params, seed, nthread)`` with parameters from `resolve`; the
        same estimator for the same input, seed and threads.
    load : callable
        Reads what `Estimator.dump` wrote; for content whose digest matched.
    """

    name: str
    defaults: Mapping[str, float]
    whole: tuple[str, ...]
    file: str
    fit: Callable[..., Estimator]
    load: Callable[[bytes], Estimator]

    def resolve(self, params: Mapping[str, float]) -> dict[str, float]:
        """Return the defaults with `params` over them, see `resolve_params`."""
        return resolve_params(params, defaults=self.defaults, whole=self.whole)


def algorithm_of(name: str) -> Algorithm:
    """Return the algorithm called `name`.

    Raises
    ------
    InvalidRequestError
        When there is none; the message names a near one and all.
    """
    if name not in ALGORITHMS:
        near = get_close_matches(name, ALGORITHMS, n=1)
        hint = f"did you mean {near[0]}? All are" if near else "use one of"
        raise InvalidRequestError(f"algorithm {name!r} is unknown; {hint} {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def recipe_of(algorithm: str, params: Mapping[str, float]) -> dict[str, Any]:
    """Return the algorithm and the parameters by which a model was made, as `TrainingConfig` takes them.

    Parameters
    ----------
    algorithm : str
        Its name.
    params : mapping
        As they are recorded with the model; those that came later get the value that they had unsaid.
    """
    return {"algorithm": algorithm, "params": {**_UNSAID.get(algorithm, {}), **params}}


# what a model did that was made before it was a parameter
_UNSAID: dict[str, dict[str, float]] = {DEFAULT_ALGORITHM: {"step_parts": 1}}
ALGORITHMS: dict[str, Algorithm] = {
    each.name: each
    for each in (
        Algorithm(
            name=DEFAULT_ALGORITHM,
            defaults=estimators.DEFAULT_PARAMS,
            whole=estimators.WHOLE_PARAMS,
            file="model.ubj",
            fit=estimators.BoostedTrees.fit,
            load=estimators.BoostedTrees.load,
        ),
        Algorithm(
            name="random_forest",
            defaults=forest.DEFAULT_PARAMS,
            whole=forest.WHOLE_PARAMS,
            file="model.joblib",
            fit=forest.Forest.fit,
            load=forest.Forest.load,
        ),
        Algorithm(
            name="logistic",
            defaults=logistic.DEFAULT_PARAMS,
            whole=(),
            file="model.joblib",
            fit=logistic.Logistic.fit,
            load=logistic.Logistic.load,
        ),
        Algorithm(
            name="naive",
            defaults={},
            whole=(),
            file="model.naive.json",
            fit=naive.LastDirection.fit,
            load=naive.LastDirection.load,
        ),
    )
}
