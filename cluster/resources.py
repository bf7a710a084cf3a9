"""What each kind of work may book on the cluster, and where."""

from collections.abc import Iterable, Mapping
from typing import Any

# Compose and the local stack label every node that works: serve, where everything may run, or train
SERVE_NODE: dict[str, str] = {"role": "serve"}

INGEST_TASK: dict[str, Any] = {"num_cpus": 1, "max_retries": 2}
INGEST_BUNDLE: dict[str, float] = {"CPU": 0.25}
INGEST_ACTOR: dict[str, Any] = {"num_cpus": INGEST_BUNDLE["CPU"], "max_restarts": 0}
# names of what goes on for ever
SUPERVISOR, DUTIES = "ingest-supervisor", "duties"
# what goes on for ever waits nearly always, must find a place on a cluster that is full, and must not go with the head
LASTING_ACTOR: dict[str, Any] = {
    "num_cpus": 0,
    "max_restarts": -1,
    "lifetime": "detached",
    "label_selector": SERVE_NODE,
}
# one thread: where Serve runs on the same cores, a second one cost more than it gave
TRAIN_TASK: dict[str, Any] = {"num_cpus": 1, "max_retries": 1}
TUNE_TRIAL: dict[str, float] = {"cpu": 1}


def driver_node(entrypoint: str, nodes: Iterable[Mapping[str, str]]) -> dict[str, str] | None:
    """Return the label of the nodes on which the driver of a job belongs; None: wherever the cluster likes.

    Parameters
    ----------
    entrypoint : str
        Command of the job. What begins to follow candles must not wait for a training, all else keeps away from
        what serves.
    nodes : iterable of mapping
        Labels of each node that lives.
    """
    roles = {labels.get("role") for labels in nodes}
    wanted = ("serve", "train") if "jobs.ingest" in entrypoint else ("train", "serve")
    return next(({"role": role} for role in wanted if role in roles), None)
