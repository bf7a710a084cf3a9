"""Do all parts of the stack tell their figures in one page?"""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from candlecast.storage.process_pages import ProcessPages
from candlecast.storage.redis_link import RedisLink
from serve.metrics.page import MetricsPage

PAGE = """# HELP candlecast_candles_waiting Rows.
# TYPE candlecast_candles_waiting gauge
candlecast_candles_waiting{pid="7"} 3.0
"""


def tell(url: str) -> None:
    async def put() -> None:
        link = RedisLink(url)
        await ProcessPages(link).put("ingest/a/7", PAGE, ttl_s=60)
        await link.close()

    asyncio.run(put())


def test_stores_symbols_and_processes_are_on_one_page(world, client):
    tell(world.settings.redis.url.get_secret_value())
    world.use(metrics=MetricsPage())

    text = client.get("/metrics").text

    families = {family.name: family.samples for family in text_string_to_metric_families(text)}
    [age] = families["candlecast_data_age_seconds"]
    assert (age.labels["symbol"], age.value >= 0) == ("BTC/USDT", True)
    assert [one.value for one in families["candlecast_database_up"]] == [1.0]
    assert families["candlecast_database_size_bytes"][0].value > 1_000_000
    assert families["candlecast_redis_memory_bytes"][0].value > 0
    assert [(one.labels, one.value) for one in families["candlecast_candles_waiting"]] == [({"pid": "7"}, 3.0)]
