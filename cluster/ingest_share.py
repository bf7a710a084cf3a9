"""The CPUs of ingestion: booked once, kept whether or not an actor uses them, so that no search can take them."""

import time

import ray
import structlog
from ray.exceptions import RaySystemError
from ray.util.placement_group import (
    PlacementGroup,
    get_placement_group,
    placement_group,
    remove_placement_group,
)

from candlecast.errors import StackError
from cluster.resources import INGEST_BUNDLE, SERVE_NODE

SHARE = "ingest"

_WARN_AFTER_S = 5.0
# a node that restarts takes some tens of seconds to come back
_NODES_S = 60.0

log = structlog.get_logger(__name__)


def reserve_share(n_actors: int) -> PlacementGroup:
    """Return the share of ingestion, booked first if it is not; safe to repeat, from any driver.

    A share of more bundles is kept, one of fewer is made anew, which ends the actors that use it.
    Every driver that is about to book CPUs calls this first: what is booked before the share could
    hold it off.

    Parameters
    ----------
    n_actors : int
        Bundles that are needed.
    """
    share = _existing()
    if share is not None and share.bundle_count < n_actors:
        remove_placement_group(share)
        share = None
    return share or _create(n_actors)


def wait_for_share(share: PlacementGroup) -> None:
    """Wait until the CPUs of `share` are booked, however long others hold them.

    Raises
    ------
    StackError
        When no node of the cluster could ever hold a bundle; names the label and the size.
    """
    started_s, warned = time.monotonic(), False
    while not share.wait(timeout_seconds=1):
        waited_s = time.monotonic() - started_s
        if waited_s > _NODES_S and not _fits(share.bundle_count):
            raise StackError(
                f"ingestion needs {share.bundle_count} x {INGEST_BUNDLE['CPU']} CPU on nodes labelled "
                f"{_label()}, and no such node has them; start one with `ray start --labels {_label()}`, or follow "
                "more symbols an actor with CANDLECAST_INGEST__SYMBOLS_PER_ACTOR"
            )
        if waited_s > _WARN_AFTER_S and not warned:
            log.warning("ingestion waits for its CPUs, which others hold", bundles=share.bundle_count)
            warned = True


def _existing() -> PlacementGroup | None:
    try:
        return get_placement_group(SHARE)
    except ValueError:
        return None


def _create(n_actors: int) -> PlacementGroup:
    try:
        return placement_group(
            [INGEST_BUNDLE] * n_actors,
            strategy="SPREAD",
            name=SHARE,
            lifetime="detached",
            bundle_label_selector=[SERVE_NODE] * n_actors,
        )
    except RaySystemError:
        # another driver was quicker
        return get_placement_group(SHARE)


def _fits(n_bundles: int) -> bool:
    # by what the nodes have, not by what is free
    serving = [node for node in ray.nodes() if node["Alive"] and SERVE_NODE.items() <= node["Labels"].items()]
    return sum(int(node["Resources"].get("CPU", 0) // INGEST_BUNDLE["CPU"]) for node in serving) >= n_bundles


def _label() -> str:
    return ",".join(f"{name}={value}" for name, value in SERVE_NODE.items())
