"""Are the CPUs of ingestion booked once, and kept from everybody else?"""

import time
from collections.abc import Iterator

import pytest
import ray
from ray.util.placement_group import remove_placement_group

from candlecast.errors import StackError
from cluster.ingest_share import reserve_share, wait_for_share


@pytest.fixture(autouse=True)
def nothing_booked(ray_head) -> Iterator[None]:
    remove_placement_group(reserve_share(1))
    yield
    remove_placement_group(reserve_share(1))


def free_cpus() -> float:
    return ray.available_resources().get("CPU", 0.0)


def test_share_reserved_again_is_the_same():
    share = reserve_share(2)

    assert reserve_share(2) == share
    assert reserve_share(1) == share
    wait_for_share(share)


def test_share_that_is_too_small_is_made_anew():
    wait_for_share(reserve_share(1))

    larger = reserve_share(3)

    wait_for_share(larger)
    assert larger.bundle_count == 3


def test_share_booked_first_is_not_taken_by_those_that_want_every_cpu():
    share = reserve_share(2)
    wait_for_share(share)

    @ray.remote(num_cpus=0.5)
    def hog() -> None:
        time.sleep(30)

    hogs = [hog.remote() for _ in range(12)]
    deadline_s = time.monotonic() + 30
    while free_cpus() >= 0.5 and time.monotonic() < deadline_s:
        time.sleep(0.1)

    @ray.remote(num_cpus=0.25)
    class Follower:
        def follow(self) -> str:
            return "follows"

    strategy = ray.util.scheduling_strategies.PlacementGroupSchedulingStrategy(share)
    follower = Follower.options(scheduling_strategy=strategy).remote()
    assert ray.get(follower.follow.remote(), timeout=60) == "follows"
    assert len(ray.wait(hogs, num_returns=len(hogs), timeout=0)[0]) < len(hogs)
    ray.kill(follower)
    for task in hogs:
        ray.cancel(task, force=True)


def test_share_that_no_node_can_hold_names_the_label_and_the_way_out(monkeypatch):
    monkeypatch.setattr("cluster.ingest_share._NODES_S", 1.0)

    with pytest.raises(StackError, match="role=serve") as failed:
        wait_for_share(reserve_share(100))

    assert "CANDLECAST_INGEST__SYMBOLS_PER_ACTOR" in str(failed.value)
