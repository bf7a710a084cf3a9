import asyncio
from datetime import timedelta

from candlecast.bootstrap import open_market
from candlecast.reading import tell_promoted
from candlecast.storage.cache import Cache
from candlecast.storage.event_log import Position
from tests.builders import make_small_recording
from tests.integration.world import market_at
from tests.storage_builders import make_record

SERIES = [("BTC/USDT", "1h", 1), ("ETH/USDT", "1h", 1), ("ETH/USDT", "1h", 4)]


def test_promotion_forgets_the_forecasts_of_the_followed_symbols_and_is_told(valkey, postgres, tmp_path):
    recording = make_small_recording(["BTC/USDT", "ETH/USDT"])

    async def told() -> list[dict]:
        cache = Cache(valkey.url)
        entries, _ = await cache.log.read(Position("0", "0"), wait_s=0.1)
        await cache.close()
        return [payload for entry in entries if entry.channel == "models" for payload in entry.payloads]

    async def ask(*, keep: bool) -> list[bytes | None]:
        cache = Cache(valkey.url)
        await cache.set_forecasts({one: (b"x", 60) for one in SERIES} if keep else {})
        found = await cache.get_forecasts(SERIES)
        await cache.close()
        return found

    assert asyncio.run(ask(keep=True)) == [b"x"] * 3
    now = recording.end - timedelta(hours=5)
    with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        settings.redis.url = type(settings.redis.url)(valkey.url)
        tell_promoted(settings, open_market(settings), make_record(horizon=1))

    assert asyncio.run(ask(keep=False)) == [None, None, b"x"]
    assert asyncio.run(told()) == [{"timeframe": "1h", "horizon": 1, "model_id": "m1"}]
