from candlecast.storage.postgres.use import DatabaseUse
from candlecast.storage.redis_use import RedisUse
from serve.metrics.stores import CacheReads, StoreUse
from tests.unit.serve.metrics.lines import lines_of
from tests.unit.serve.totals import make_totals


def test_counted_reads_are_exposed_by_kind_and_outcome():
    lines = lines_of(CacheReads(make_totals({("price", "hit"): 97, ("http", "shared"): 2, ("forecast", "miss"): 1})))

    assert 'candlecast_cache_reads_total{kind="price",outcome="hit"} 97.0' in lines
    assert 'candlecast_cache_reads_total{kind="http",outcome="shared"} 2.0' in lines
    assert "candlecast_cache_hit_ratio 0.97" in lines
    assert "candlecast_redis_up 1.0" in lines


def test_cache_without_redis_says_so_and_counts_nothing():
    lines = lines_of(CacheReads(None))

    assert "candlecast_redis_up 0.0" in lines
    assert not any("cache_reads" in line for line in lines)


def test_hit_ratio_before_the_first_read_is_absent():
    assert not any("hit_ratio" in line for line in lines_of(CacheReads(make_totals({}))))


def test_stores_that_answer_tell_their_use_and_those_that_do_not_are_down():
    whole = lines_of(StoreUse(RedisUse(1_000, 2_000, 3, 4), DatabaseUse(5_000, 6, 100)))
    down = lines_of(StoreUse(None, None))

    assert {"candlecast_database_up 1.0", "candlecast_redis_memory_bytes 1000.0"} <= set(whole)
    assert {"candlecast_redis_evicted_keys_total 3.0", "candlecast_database_connections_limit 100.0"} <= set(whole)
    assert [line for line in down if not line.startswith("#")] == ["candlecast_database_up 0.0"]
