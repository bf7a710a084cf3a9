"""Does the watch on the cluster tell a channel? Real Ray, PostgreSQL and a receiver on loopback."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from candlecast.alerts.book import AlertBook, AlertLimits
from candlecast.bootstrap import followed_symbols, open_market
from candlecast.ingest.loader import Loader
from candlecast.schemas import NewAlert
from cluster.actors.duties import DutyOrder
from cluster.duties import open_watch, start_duties, stop_duties
from tests.alert_builders import receiving
from tests.builders import make_small_recording
from tests.integration.world import market_at

LIMIT_S = 60


@pytest.mark.usefixtures("ray_head")
def test_watch_on_the_cluster_tells_its_channel(database, postgres, tmp_path):
    recording = make_small_recording(["BTC/USDT"], 700)
    now = recording.end - timedelta(hours=1)
    with (
        receiving() as receiver,
        market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings,
    ):
        settings.alerts.channels = SecretStr(f"ops={receiver.address}")
        settings.market.history_candles = 600
        market = open_market(settings)
        Loader(settings).load(market.symbols)
        book = AlertBook(
            symbols=followed_symbols(market, database),
            timeframe="1h",
            clock=market.clock,
            database=database,
            limits=AlertLimits(channels=("ops",), max_rules=1),
        )
        wanted = NewAlert(symbol="BTC/USDT", metric="price", side="above", threshold=0.01, channels=["ops"])
        asyncio.run(book.add(wanted))
        try:
            start_duties(settings, [DutyOrder("alerts", open_watch)])
            assert receiver.took_one.wait(LIMIT_S)
        finally:
            stop_duties()

    assert receiver.received[0]["title"] == "BTC/USDT: price above 0.01"
