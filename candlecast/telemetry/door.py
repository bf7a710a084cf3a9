"""A port of its own for the metrics of a process that cannot tell them through Redis, as the page."""

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server

from candlecast.telemetry.pages import Labelled, process_labels
from candlecast.telemetry.surroundings import ContainerUse


def open_metrics_door(*, program: str, host: str, port: int) -> None:
    """Answer `/metrics` on a port until the process ends, from a thread.

    Parameters
    ----------
    program : str
        What the process is called.
    host, port : str, int
        Where; raises OSError when it is taken.
    """
    registry = CollectorRegistry()
    registry.register(Labelled([ProcessCollector(registry=None), ContainerUse()], process_labels(program)))
    start_http_server(port, addr=host, registry=registry)
