"""Does a second node that trains halve the time of a search?

The trials sleep in place of computing, because the machine that runs the tests has two cores: what is shown is that
the search spreads over nodes, not that cores compute.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.cluster import TRAIN_NODE, RayApi
from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack

TRIALS, TRIAL_S = 16, 3.0
START_LIMIT_S = 120
MOST_SHARE = 0.5 * 1.25
_SEARCH = Path(__file__).with_name("sleeping_search.py").read_text()


def search_s(ray_api: RayApi, *, concurrent: int) -> float:
    job = ray_api.submit("python", "-c", _SEARCH, str(TRIALS), str(concurrent), str(TRIAL_S))
    assert job.code == 0, job.text
    return float(re.search(r"slept through \d+ trials in ([\d.]+) s", job.text)[1])


def nodes_that_train(ray_api: RayApi) -> int:
    return sum(node["labels"].items() >= TRAIN_NODE.items() for node in ray_api.alive("nodes"))


@pytest.fixture
def scaled_back(stack: ComposeStack) -> Iterator[None]:
    yield
    stack.up("--no-recreate", "--scale", "ray-train=1", "ray-train", limit_s=START_LIMIT_S)


def test_second_node_that_trains_halves_the_time_of_a_search(
    stack: ComposeStack, ray_api: RayApi, figures: Figures, scaled_back: None
):
    assert nodes_that_train(ray_api) == 1
    alone_s = search_s(ray_api, concurrent=1)

    stack.up("--no-recreate", "--scale", "ray-train=2", "ray-train", limit_s=START_LIMIT_S)

    assert nodes_that_train(ray_api) == 2
    together_s = search_s(ray_api, concurrent=2)
    figures.note(f"search of {TRIALS} trials that sleep {TRIAL_S} s, one node", f"{alone_s:8.1f} s")
    figures.note("the same with --scale ray-train=2", f"{together_s:8.1f} s")
    figures.bound("share of the time with two nodes", together_s / alone_s, most=MOST_SHARE, unit="", slack=1.3)
