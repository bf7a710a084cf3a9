"""``python -m tests.node_loss FOLDER``: does ingestion outlive the nodes that it runs on?

A program of its own, because a process joins one cluster only: a head without CPUs and two nodes that
serve; one after the other is killed, a third one joins in between.
"""

import logging
import os
import sys
import time
from pathlib import Path

# nodes find each other by the machine's address here
os.environ.update(RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="1", RAY_AUTH_MODE="disabled", RAY_USAGE_STATS_ENABLED="0")

import ray
from ray.cluster_utils import Cluster
from ray.exceptions import RayError

from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from cluster.actors.crew import Patience
from cluster.actors.supervisor import ActorState, IngestPlan
from cluster.connect import NAMESPACE
from cluster.ingestion import start_ingestion, stop_ingestion
from tests.fake_shard import FakeShard

SYMBOLS = tuple(Symbol.parse(f"C{number}/USDT") for number in range(12))
NODE = {"num_cpus": 1, "labels": {"role": "serve"}}
LIMIT_S = 90


def main(folder: Path) -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        nodes = [cluster.add_node(**NODE) for _ in range(2)]
        ray.init(address=cluster.address, namespace=NAMESPACE, logging_level=logging.WARNING)
        settings = Settings(models={"folder": folder}, _env_file=None)
        supervisor = start_ingestion(
            IngestPlan(settings, SYMBOLS, 3, "1", make_shard=FakeShard, patience=Patience(round_s=0.5))
        )
        pids = wait_until_whole(supervisor, without=set())
        cluster.remove_node(nodes[1], allow_graceful=False)
        pids = wait_until_whole(supervisor, without=those_that_ended(pids))
        cluster.add_node(**NODE)
        cluster.remove_node(nodes[0], allow_graceful=False)
        wait_until_whole(supervisor, without=pids)
        stop_ingestion()
    finally:
        ray.shutdown()
        cluster.shutdown()


def wait_until_whole(supervisor, *, without: set[int]) -> set[int]:
    """Return the processes of a crew that follows every symbol once and has none of `without`."""
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        crew = ask(supervisor)
        pids = {state.pid for state in crew if state.pid is not None}
        followed = sorted(name for state in crew for name in state.symbols)
        if len(pids) == 3 and not pids & without and followed == sorted(symbol.name for symbol in SYMBOLS):
            return pids
        assert time.monotonic() < deadline_s, crew
        time.sleep(0.2)


def ask(supervisor) -> list[ActorState]:
    try:
        return ray.get(supervisor.status.remote(), timeout=5)
    except RayError:
        # it is being made again on another node
        return []


def those_that_ended(pids: set[int]) -> set[int]:
    """Return which of `pids` are gone, once at least one is."""
    deadline_s = time.monotonic() + LIMIT_S
    while not (gone := {pid for pid in pids if not Path(f"/proc/{pid}").exists()}):
        assert time.monotonic() < deadline_s, pids
        time.sleep(0.1)
    return gone


if __name__ == "__main__":
    main(Path(sys.argv[1]))
