"""Real ccxt clients whose every address is a replay's."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import ccxt.pro


@contextlib.asynccontextmanager
async def open_client(venue: str, url: str, **options: Any) -> AsyncIterator[ccxt.pro.Exchange]:
    """Yield ccxt.pro's client of `venue` with `url` in place of the venue's hosts."""
    spot_only = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False} if venue == "binance" else {}
    client = getattr(ccxt.pro, venue)(
        {"enableRateLimit": False, "timeout": 5_000, "options": {"defaultType": "spot"} | spot_only | options}
    )
    _turn(client.urls["api"], url.partition("://")[2])
    try:
        yield client
    finally:
        await client.close()


def _turn(addresses: dict[str, Any], host: str) -> None:
    for name, address in addresses.items():
        if isinstance(address, dict):
            _turn(address, host)
        elif isinstance(address, str):
            scheme = "ws" if address.startswith("ws") else "http"
            path = address.split("/", 3)[3:]
            addresses[name] = "/".join([f"{scheme}://{host}", *path])
    if "spot" in addresses:
        addresses["spot"] = f"ws://{host}/stream"
