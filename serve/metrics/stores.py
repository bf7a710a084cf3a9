"""How do Redis and the database stand, and how often was an answer there already?"""

from collections.abc import Iterator
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from candlecast.storage.counted_reads import Kind, Outcome, ReadTotals
from candlecast.storage.postgres.use import DatabaseUse
from candlecast.storage.redis_use import RedisUse


class CacheReads(Collector):
    """The counted reads of the cache.

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


class StoreUse(Collector):
    """Size and connections of the two stores.

    Parameters
    ----------
    redis : RedisUse or None
        None: it does not answer.
    database : DatabaseUse or None
        None: it does not answer.
    """

    def __init__(self, redis: RedisUse | None, database: DatabaseUse | None) -> None:
        self._redis = redis
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of those that answer."""
        yield GaugeMetricFamily("candlecast_database_up", "Whether PostgreSQL answers.", self._database is not None)
        for name, text, value in self._gauges():
            yield GaugeMetricFamily(name, text, value=value)
        if self._redis is not None:
            text = "Keys dropped to make room, since Redis started."
            yield CounterMetricFamily("candlecast_redis_evicted_keys", text, value=self._redis.n_evicted)

    def _gauges(self) -> Iterator[tuple[str, str, float]]:
        if self._redis is not None:
            yield "candlecast_redis_memory_bytes", "Memory that Redis uses for data.", self._redis.memory_bytes
            yield "candlecast_redis_memory_limit_bytes", "Most it may use; 0: any.", self._redis.memory_limit_bytes
            yield "candlecast_redis_clients", "Connections to Redis.", self._redis.n_clients
        if self._database is not None:
            yield "candlecast_database_size_bytes", "Size of the database.", self._database.n_bytes
            yield "candlecast_database_connections", "Connections to it.", self._database.n_connections
            yield "candlecast_database_connections_limit", "Most it takes.", self._database.max_connections
