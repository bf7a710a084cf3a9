"""What each kind of work may book on the cluster."""

from typing import Any

INGEST_TASK: dict[str, Any] = {"num_cpus": 1, "max_retries": 2}
INGEST_ACTOR: dict[str, Any] = {"num_cpus": 0.25, "max_restarts": -1}
# one thread: where Serve runs on the same cores, a second one cost more than it gave
TRAIN_TASK: dict[str, Any] = {"num_cpus": 1, "max_retries": 1}
TUNE_TRIAL: dict[str, float] = {"cpu": 1}
