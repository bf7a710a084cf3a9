"""The same Ray head as for the integration tests."""

from tests.integration.cluster.conftest import ray_head

__all__ = ["ray_head"]
