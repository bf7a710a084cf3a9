"""What each kind of work may book on the cluster, and where."""

from typing import Any

# Compose and the local stack label every node that serves; a node that only trains goes without
SERVE_NODE: dict[str, str] = {"role": "serve"}

INGEST_TASK: dict[str, Any] = {"num_cpus": 1, "max_retries": 2}
INGEST_BUNDLE: dict[str, float] = {"CPU": 0.25}
INGEST_ACTOR: dict[str, Any] = {"num_cpus": INGEST_BUNDLE["CPU"], "max_restarts": 0}
# it sleeps nearly always, and must find a place on a cluster that is full
SUPERVISOR_ACTOR: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1, "lifetime": "detached"}
# it waits nearly always, for feeds, for candles and for the next round
DUTY_ACTOR: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1, "lifetime": "detached"}
# one thread: where Serve runs on the same cores, a second one cost more than it gave
TRAIN_TASK: dict[str, Any] = {"num_cpus": 1, "max_retries": 1}
TUNE_TRIAL: dict[str, float] = {"cpu": 1}
