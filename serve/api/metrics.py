"""Figures for Prometheus, over all replicas and processes: they are summed in Redis."""

from collections.abc import Iterator, Mapping
from typing import get_args

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from candlecast.schemas import FeedState
from candlecast.storage.counted_reads import Kind, Outcome, ReadTotals
from serve.api.node_metrics import serve_metrics
from serve.api.services import ServicesDep

router = APIRouter(tags=["health"])


class CacheReads:
    """The counted reads of the cache as Prometheus metrics.

    Parameters
    ----------
    totals : ReadTotals or None
        None: Redis does not answer.
    """

    def __init__(self, totals: ReadTotals | None) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; without Redis only that it is down."""
        yield GaugeMetricFamily("candlecast_redis_up", "Whether Redis answers.", value=self._totals is not None)
        if self._totals is None:
            return
        reads = CounterMetricFamily("candlecast_cache_reads", "Reads of cached values.", labels=["kind", "outcome"])
        for kind in get_args(Kind):
            for outcome in get_args(Outcome):
                reads.add_metric([kind, outcome], self._totals.counts[kind, outcome])
        yield reads
        if self._totals.hit_rate is not None:
            text = "Share of reads that were hits, of all kinds, since Redis was last empty."
            yield GaugeMetricFamily("candlecast_cache_hit_ratio", text, value=self._totals.hit_rate)


class FeedFigures:
    """The states of the news feeds as Prometheus metrics.

    Parameters
    ----------
    states : mapping of str to FeedState
        By feed, as whoever collects news told them last.
    """

    def __init__(self, states: Mapping[str, FeedState]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; none of a feed that nobody told about."""
        up = GaugeMetricFamily("candlecast_feed_up", "1 while a feed answers, by state.", labels=["feed", "state"])
        items = CounterMetricFamily("candlecast_feed_items", "Items of a feed.", labels=["feed", "outcome"])
        for name, state in self._states.items():
            up.add_metric([name, state.state], float(state.state in ("ok", "resting")))
            items.add_metric([name, "accepted"], state.n_accepted)
            items.add_metric([name, "rejected"], state.n_rejected)
        yield from (up, items)


@router.get("/metrics", summary="Prometheus text, over all replicas", response_class=Response)
async def metrics(services: ServicesDep) -> Response:
    """Return cache reads, news feeds and Serve's own figures, over all processes and nodes."""
    registry = CollectorRegistry()
    registry.register(CacheReads(await services.reading.cache.read_totals()))
    feeds = services.reading.feeds
    registry.register(FeedFigures({} if feeds is None else await feeds.read() or {}))
    text = generate_latest(registry) + (await serve_metrics()).encode()
    return Response(text, media_type=CONTENT_TYPE_LATEST)
