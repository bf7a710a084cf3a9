from prometheus_client import CollectorRegistry, generate_latest

from candlecast.storage.counted_reads import ReadTotals
from serve.api.metrics import CacheReads
from tests.unit.serve.totals import make_totals


def exposition(totals: ReadTotals | None) -> list[str]:
    registry = CollectorRegistry()
    registry.register(CacheReads(totals))
    return generate_latest(registry).decode().splitlines()


def test_counted_reads_are_exposed_by_kind_and_outcome():
    lines = exposition(make_totals({("price", "hit"): 97, ("http", "shared"): 2, ("forecast", "miss"): 1}))

    assert 'candlecast_cache_reads_total{kind="price",outcome="hit"} 97.0' in lines
    assert 'candlecast_cache_reads_total{kind="http",outcome="shared"} 2.0' in lines
    assert "candlecast_cache_hit_ratio 0.97" in lines
    assert "candlecast_redis_up 1.0" in lines


def test_metrics_without_redis_say_so_and_count_nothing():
    lines = exposition(None)

    assert "candlecast_redis_up 0.0" in lines
    assert not any("cache_reads" in line for line in lines)


def test_hit_ratio_before_the_first_read_is_absent():
    assert not any("hit_ratio" in line for line in exposition(make_totals({})))
