"""What must be set before the first test module is imported, and what all kinds of tests share."""

import gc
import os

# Ray reads both when it is imported: a driver in the test process joins heads that listen on loopback only and,
# being its own, ask for no token
os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
os.environ.setdefault("RAY_AUTH_MODE", "disabled")
# as in every process of the product: fits of tests are so small that threads wait for one another most of the time
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import structlog

from tests.ray_head import ray_head

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# a traceback painted with every local takes a second
structlog.get_config()["processors"][-1].exception_formatter = structlog.dev.plain_traceback

__all__ = ["ray_head"]

# what imports make stays: looking for garbage among it takes a fifth of their time
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
