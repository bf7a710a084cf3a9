"""Does every part of the stack answer? One check a part, each on a line of its own."""

import asyncio
from collections.abc import Callable

from candlecast.bootstrap import open_cache, open_market, open_probe_venue, venue_order
from candlecast.client import CandlecastClient
from candlecast.errors import CandlecastError, StackError, StorageError
from candlecast.replay.remote import fetch_clock, fetch_recording
from candlecast.schemas import Check
from candlecast.settings import Settings

_TIMEOUT_S = 5.0


def check_parts(settings: Settings) -> list[Check]:
    """Return one check a part: what it says of itself, or why it does not answer."""
    parts: dict[str, Callable[[Settings], str]] = {
        "settings": _settings,
        "database": _database,
        "redis": _redis,
        "replay": _replay,
        "venues": _venues,
        "cluster": _cluster,
        "api": _api,
    }
    return [_checked(name, part, settings) for name, part in parts.items()]


def _checked(name: str, part: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name=name, ok=True, detail=part(settings))
    except CandlecastError as error:
        return Check(name=name, ok=False, detail=str(error))


def _settings(settings: Settings) -> str:
    market = open_market(settings).settings
    symbols = market.symbols.split(",")
    return f"{market.source} candles of {len(symbols)} symbols, {market.timeframe}: {', '.join(symbols[:5])}" + (
        " …" if len(symbols) > 5 else ""
    )


def _database(settings: Settings) -> str:
    from candlecast.storage.postgres import migrate

    url = settings.database.url.get_secret_value()
    if not url:
        raise StackError("no database is configured, CANDLECAST_DATABASE__URL is empty")
    schema = migrate.status(url)
    if not schema.up_to_date:
        raise StorageError(f"the schema is at {schema.current}, newest {schema.head}; run `candlecast db upgrade`")
    return f"answers, schema at {schema.current}"


def _redis(settings: Settings) -> str:
    if not settings.redis.url.get_secret_value():
        return "not configured: nothing is cached"

    async def ping() -> bool:
        cache = open_cache(settings)
        try:
            return await cache.ping()
        finally:
            await cache.close()

    if not asyncio.run(ping()):
        raise StorageError("does not answer: nothing is lost, everything is slower")
    return "answers"


def _replay(settings: Settings) -> str:
    url = settings.replay.url
    if not url:
        return "not used: candles are live"
    recording, clock = fetch_recording(url), fetch_clock(url)
    ended = ", which has ended" if clock.ended() else f" at speed {clock.speed:g}"
    return f"plays {len(recording.symbols)} symbols to {recording.end:%Y-%m-%d %H:%MZ}{ended}, now {clock.now():%F %TZ}"


def _venues(settings: Settings) -> str:
    silent = asyncio.run(_silent_venues(settings))
    home, *_ = order = venue_order(settings.market)
    said = "; ".join(f"{name} {silent.get(name, 'answers')}" for name in order)
    if home in silent:
        raise StackError(f"{said}; candles come from {next((n for n in order if n not in silent), 'nowhere')}")
    return said


async def _silent_venues(settings: Settings) -> dict[str, str]:
    async def ping(name: str) -> str | None:
        alone = settings.market.model_copy(update={"venues": name})
        venue = open_probe_venue(settings.model_copy(update={"market": alone}))
        try:
            await asyncio.wait_for(venue.ping(), _TIMEOUT_S)
        except CandlecastError as error:
            return f"fails ({error})"
        except TimeoutError:
            return f"does not answer within {_TIMEOUT_S:.0f} s"
        finally:
            await venue.close()
        return None

    order = venue_order(settings.market)
    failures = await asyncio.gather(*(ping(name) for name in order))
    return {name: failure for name, failure in zip(order, failures, strict=True) if failure is not None}


def _cluster(settings: Settings) -> str:
    from cluster.submit import ClusterClient

    cluster = ClusterClient(settings.cluster)
    cluster.wait_until_up(timeout_s=_TIMEOUT_S)
    if not cluster.running("ingest-"):
        raise StackError("answers, but no job of it follows candles; run `candlecast ingest`")
    return f"answers at {settings.cluster.jobs_url}, candles are followed"


def _api(settings: Settings) -> str:
    with CandlecastClient(
        settings.api.url, api_key=settings.api.key.get_secret_value(), timeout_s=_TIMEOUT_S
    ) as client:
        readiness = client.readiness()
    if not readiness.ready:
        bad = "; ".join(f"{check.name}: {check.detail}" for check in readiness.checks if not check.ok)
        raise StackError(f"answers at {settings.api.url}, but is not ready: {bad}")
    return f"ready at {settings.api.url}"
