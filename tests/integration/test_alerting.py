"""Does the watch, put together from settings, see what is stored?"""

import asyncio

from pydantic import SecretStr

from candlecast.alerting import open_alerts
from candlecast.bootstrap import open_market
from candlecast.ingest.loader import Loader
from candlecast.reading import open_reading
from candlecast.schemas import NewAlert
from tests.alert_builders import receiving
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at


def test_watch_of_settings_tells_the_channel_of_settings(database, postgres, tmp_path):
    recording = make_small_recording(["BTC/USDT"], 700)
    wanted = {"symbol": "BTC/USDT", "side": "above", "channels": ["ops"]}

    async def work(settings):
        reading, watch = open_reading(settings), open_alerts(settings)
        for metric, threshold in (("price", 0.01), ("move_pct", -99.0), ("data_age_s", 60.0), ("p_up", 0.1)):
            await reading.alerts.add(NewAlert(metric=metric, threshold=threshold, **wanted))
        await watch.round()
        running = asyncio.create_task(watch.run())
        async with asyncio.timeout(10):
            await asyncio.to_thread(receiver.took_one.wait)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [alert.metric for alert in (await reading.alerts.all()).items if not alert.armed]

    with (
        receiving() as receiver,
        market_at(recording.end - HOUR * 3, recording=recording, url=postgres.app_url, folder=tmp_path) as settings,
    ):
        settings.alerts.channels = SecretStr(f"ops={receiver.address}")
        settings.market.history_candles = 600
        Loader(settings).load(open_market(settings).symbols)
        told = asyncio.run(work(settings))

    # the next candle is not late, and no model has said anything
    assert told == ["price", "move_pct"]
    assert receiver.received[0]["message"].endswith("UTC (recorded data)")
