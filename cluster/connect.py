"""The only place that joins the Ray cluster."""

import logging
import os
import signal
import time
from typing import Any

import ray

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings

NAMESPACE = "candlecast"
_AT_ONCE_S, _PAUSE_S = 0.1, 0.5


class PatientSubscriber:
    """A subscriber that takes its time: while the head is away, Ray's own answers nothing at once, for ever.

    Without it a thread of every driver takes a whole processor, and the head does not come back for want of them.

    Parameters
    ----------
    subscriber : object
        Ray's own.
    """

    def __init__(self, subscriber: Any) -> None:
        self._subscriber = subscriber

    def __getattr__(self, name: str) -> Any:
        """Return whatever Ray's own has."""
        return getattr(self._subscriber, name)

    def poll(self, *arguments: Any, **options: Any) -> Any:
        """Return what was told; nothing told at once is nothing to ask for again at once."""
        begun_s = time.monotonic()
        told = self._subscriber.poll(*arguments, **options)
        if told in (None, (None, None)) and time.monotonic() - begun_s < _AT_ONCE_S:
            time.sleep(_PAUSE_S)
        return told


def connect(settings: ClusterSettings) -> None:
    """Join the running cluster as a driver; a Ray Job finds its own cluster.

    Raises
    ------
    StackError
        When no cluster answers at the configured address.
    """
    if ray.is_initialized():
        return
    if "RAY_ADDRESS" not in os.environ and not settings.address:
        raise StackError(
            "no Ray cluster is configured; start one with `candlecast run`, then "
            'eval "$(candlecast env)" and submit the job with `ray job submit`'
        )
    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=settings.address or "auto", namespace=NAMESPACE, logging_level=logging.WARNING)
    except ConnectionError as error:
        where = settings.address or os.environ["RAY_ADDRESS"]
        raise StackError(f"no Ray cluster answers at {where}: start it with `candlecast run`") from error
    worker: Any = ray._private.worker.global_worker
    # another one listens for what workers print; it takes no such care, so that a cluster of several nodes goes without
    worker.gcs_error_subscriber = PatientSubscriber(worker.gcs_error_subscriber)
    # Ray puts its own in place, which would end a job without its clean-up
    signal.signal(signal.SIGTERM, handler)
