"""Metrics as lines of text, for tests."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector


def lines_of(*collectors: Collector) -> list[str]:
    """Return what `collectors` tell, a sample a line."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry).decode().splitlines()
