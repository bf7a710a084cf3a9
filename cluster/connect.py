"""The only place that joins the Ray cluster."""

import logging
import os
import signal

import ray

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings

NAMESPACE = "candlecast"


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
    # Ray puts its own in place, which would end a job without its clean-up
    signal.signal(signal.SIGTERM, handler)
