"""What does a process tell of itself? Its meters as Prometheus text, each with the process it comes from."""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector


def process_labels(program: str) -> dict[str, str]:
    """Return what tells this process from others of the same program."""
    return {"program": program, "host": socket.gethostname(), "pid": str(os.getpid())}


def process_page(collectors: Sequence[Collector], labels: Mapping[str, str]) -> str:
    """Return the metrics of `collectors` as Prometheus text, with `labels` on every sample."""
    return generate_latest(Labelled(collectors, labels)).decode()


class Labelled(Collector):
    """Other collectors, with labels on every sample, without what was never counted.

    Parameters
    ----------
    collectors : sequence of Collector
        What is told.
    labels : mapping of str to str
        What is added.
    """

    def __init__(self, collectors: Sequence[Collector], labels: Mapping[str, str]) -> None:
        self._collectors = collectors
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of all."""
        for collector in self._collectors:
            for metric in collector.collect():
                if not _counted(metric):
                    continue
                told = Metric(metric.name, metric.documentation, metric.type)
                told.samples = [
                    sample._replace(labels={**sample.labels, **self._labels})
                    for sample in metric.samples
                    # when a counter began is nobody's question
                    if not sample.name.endswith("_created")
                ]
                yield told


def _counted(metric: Metric) -> bool:
    # every process has every meter, and most of them belong to others
    if metric.type not in ("counter", "histogram"):
        return bool(metric.samples)
    return any(sample.value for sample in metric.samples if not sample.name.endswith("_created"))
