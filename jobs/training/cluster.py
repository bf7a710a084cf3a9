"""Steps of a training as tasks of the cluster: what one gives lies in the object store for the next."""

from collections.abc import Iterator, Sequence
from typing import Any

import ray

from jobs.tasks import train_step

# a worker that is killed is replaced, and its step done again
_RETRIES = 3


class OnCluster:
    """Workers of the cluster; each step computes on one thread.

    Parameters
    ----------
    cpus : float
        What a step books. One: as many at a time as there are CPUs; all of them: one at a time.
    """

    def __init__(self, cpus: float = 1) -> None:
        self._booked: dict[str, Any] = {"num_cpus": cpus, "max_retries": _RETRIES}

    def submit(self, step: str, *arguments: Any, n_results: int = 1) -> Any:
        """Begin a step as a task; results of others are given as their references."""
        return train_step.options(num_returns=n_results, **self._booked).remote(step, *arguments)

    def get(self, handle: Any) -> Any:
        """Wait for a result and copy it here."""
        return ray.get(handle)

    def as_done(self, handles: Sequence[Any]) -> Iterator[Any]:
        """Yield references as their tasks end; a failed one raises what it raised."""
        waiting = list(handles)
        while waiting:
            [done], waiting = ray.wait(waiting, num_returns=1, fetch_local=False)
            yield done
