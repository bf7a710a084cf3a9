import asyncio

from candlecast.storage.counted_reads import CountedReads, ReadTotals
from candlecast.storage.redis_link import RedisLink


async def _read(url: str, kind, names) -> None:
    link = RedisLink(url)
    reads = CountedReads(link)
    await reads.read(kind, names)
    await reads.flush()
    await link.close()


async def _totals(url: str) -> ReadTotals | None:
    link = RedisLink(url)
    totals = await CountedReads(link).totals()
    await link.close()
    return totals


def test_reads_of_several_clients_add_up(valkey):
    async def use() -> ReadTotals | None:
        link = RedisLink(valkey.url)
        await link.ask(lambda redis: redis.set("cc:price:A", b"1"))
        await link.close()
        await _read(valkey.url, "price", ["cc:price:A", "cc:price:B"])
        await _read(valkey.url, "price", ["cc:price:A"])
        await _read(valkey.url, "http", ["cc:http:x"])
        return await _totals(valkey.url)

    totals = asyncio.run(use())

    assert {pair: n for pair, n in totals.counts.items() if n} == {
        ("price", "hit"): 2,
        ("price", "miss"): 1,
        ("http", "miss"): 1,
    }
    assert totals.hit_rate == 0.5


def test_counts_of_an_outage_are_sent_when_redis_answers_again(valkey):
    async def use() -> ReadTotals | None:
        link = RedisLink(valkey.url)
        reads = CountedReads(link)
        valkey.stop()
        assert await reads.read("forecast", ["cc:forecast:A"] * 3) == [None] * 3
        assert await reads.totals() is None
        valkey.start()
        totals = await reads.totals()
        await link.close()
        return totals

    totals = asyncio.run(use())

    assert totals.counts["forecast", "miss"] == 3


def test_hit_rate_before_the_first_read_is_unknown(valkey):
    assert asyncio.run(_totals(valkey.url)).hit_rate is None
