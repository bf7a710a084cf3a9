"""Tells what a process counts, every few seconds and off its event loop, for whoever answers `/metrics`."""

import asyncio
import threading
from collections.abc import Sequence
from typing import NoReturn

from prometheus_client.registry import Collector

from candlecast.settings import Settings
from candlecast.storage.process_pages import ProcessPages
from candlecast.storage.redis_link import RedisLink
from candlecast.telemetry.meters import METERS
from candlecast.telemetry.pages import process_labels, process_page
from candlecast.telemetry.surroundings import ContainerUse, DiskUse

EVERY_S = 10.0
# two rounds may be missed
_KEPT_S = 3.5 * EVERY_S


def publish_metrics(settings: Settings, *, program: str) -> None:
    """Have a thread tell the metrics of this process until it ends; without Redis there is nobody to tell.

    Parameters
    ----------
    settings : Settings
        Where Redis is, and which folders' disks are looked at.
    program : str
        What the process is called.
    """
    url = settings.redis.url.get_secret_value()
    if not url:
        return
    collectors = collectors_of(settings)

    async def publish() -> NoReturn:
        pages, labels = ProcessPages(RedisLink(url)), process_labels(program)
        while True:
            await pages.put("/".join(labels.values()), process_page(collectors, labels), ttl_s=_KEPT_S)
            await asyncio.sleep(EVERY_S)

    threading.Thread(target=lambda: asyncio.run(publish()), daemon=True, name="metrics").start()


def collectors_of(settings: Settings) -> Sequence[Collector]:
    """Return what a process can tell of itself: its meters, its container, the disks of its folders."""
    folders = [folder for folder in (settings.models.folder, settings.logs.folder) if folder is not None]
    return (METERS, ContainerUse(), DiskUse(folders))
