"""What must be set before the first test module is imported, and what all kinds of tests share."""

import gc
import os

# Ray reads both when it is imported: a driver in the test process joins heads that listen on loopback only and,
# being its own, ask for no token
os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
os.environ.setdefault("RAY_AUTH_MODE", "disabled")

import hypothesis

from tests.ray_head import ray_head

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

__all__ = ["ray_head"]

# what imports make stays: looking for garbage among it takes a fifth of their time
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
