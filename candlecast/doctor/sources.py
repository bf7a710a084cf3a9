"""Do venues, feeds and the replay server answer? Asked all at once, nothing that costs budget."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from candlecast.bootstrap import open_probe_venue, venue_order
from candlecast.doctor.finding import Finding, broken, skipped, together, warning, well
from candlecast.errors import CandlecastError
from candlecast.news.feeds.factory import open_feeds
from candlecast.news.feeds.protocol import Feed
from candlecast.replay.remote import fetch_clock, fetch_recording
from candlecast.settings import Settings

_OFFLINE = "check the network, a proxy in HTTPS_PROXY, or play a recording: --source recorded"
_KEYLESS = "rss:"


def look_at_replay(settings: Settings, *, timeout_s: float) -> Finding:
    """Ask the replay server what it plays, and whether its clock runs forward."""
    url = settings.replay.url
    if not url:
        return skipped("not used: candles are live")
    recording, clock = fetch_recording(url, timeout_s=timeout_s), fetch_clock(url, timeout_s=timeout_s)
    ended = ", which has ended" if clock.ended() else f" at speed {clock.speed:g}"
    plays = (
        f"plays {len(recording.symbols)} symbols to {recording.end:%Y-%m-%d %H:%MZ}{ended}, now {clock.now():%F %TZ}"
    )
    back_s = (clock.now() - fetch_clock(url, timeout_s=timeout_s).now()).total_seconds()
    if back_s > clock.speed:
        return broken(f"{plays}; its clock went back by {back_s:,.0f} s", "start the stack again")
    return well(plays)


def look_at_venues(settings: Settings, *, timeout_s: float) -> Finding:
    """Ask each venue whether it answers; the first one is the home of crypto pairs."""
    order, market = venue_order(settings.market), settings.market
    if market.source == "recorded" and not (market.venue_url or settings.replay.url):
        return skipped("candles are recorded: no venue is asked")
    silent = asyncio.run(_silent({name: _ping(settings, name) for name in order}, timeout_s=timeout_s))
    said = "; ".join(f"{name} fails ({silent[name]})" if name in silent else f"{name} answers" for name in order)
    if len(silent) == len(order):
        found = warning if market.source == "auto" and not market.venue_url else broken
        return found(f"no venue answers, this machine may be offline: {said}", _OFFLINE)
    if order[0] in silent:
        instead = next(name for name in order if name not in silent)
        return broken(f"{said}; candles come from {instead}", "wait, or name the venues in CANDLECAST_MARKET__VENUES")
    return together([warning(said, "wait: it is tried again by itself")] if silent else [], otherwise=said)


def look_at_feeds(settings: Settings, *, timeout_s: float) -> Finding:
    """Ask each feed for its page, but none whose pages are counted."""
    if not settings.news.enabled:
        return skipped("news is not followed")
    return asyncio.run(_look_at_feeds(settings, timeout_s=timeout_s))


async def _look_at_feeds(settings: Settings, *, timeout_s: float) -> Finding:
    opened = open_feeds(settings.news)
    asked = [feed for feed in opened.feeds if settings.news.feed_url or feed.name.startswith(_KEYLESS)]
    counted = [feed.name for feed in opened.feeds if feed not in asked]
    try:
        silent = await _silent({feed.name: _fetch(feed) for feed in asked}, timeout_s=timeout_s)
    finally:
        await opened.client.close()
    told = [f"{len(asked) - len(silent)} of {len(asked)} answer"]
    told += [f"{', '.join(counted)} not asked, because that costs budget"] if counted else []
    told += [f"{name} skipped ({why})" for name, why in opened.skipped.items()]
    if not silent:
        return well("; ".join(told))
    told += silent.values()
    mend = _OFFLINE if len(silent) == len(asked) else "wait, or name other feeds in CANDLECAST_NEWS__RSS"
    # news is enrichment: forecasts are made without it, and say so
    return warning("; ".join(told), mend)


Question = Callable[[], Coroutine[Any, Any, object]]


async def _silent(questions: Mapping[str, Question], *, timeout_s: float) -> dict[str, str]:
    async def ask(name: str, question: Question) -> str | None:
        try:
            await asyncio.wait_for(question(), timeout_s)
        except CandlecastError as error:
            return str(error)
        except TimeoutError:
            return f"{name} did not answer within {timeout_s:g} s"
        return None

    answers: Sequence[str | None] = await asyncio.gather(*(ask(*one) for one in questions.items()))
    return {name: why for name, why in zip(questions, answers, strict=True) if why is not None}


def _ping(settings: Settings, name: str) -> Question:
    async def ping() -> None:
        alone = settings.market.model_copy(update={"venues": name})
        venue = open_probe_venue(settings.model_copy(update={"market": alone}))
        try:
            await venue.ping()
        finally:
            await venue.close()

    return ping


def _fetch(feed: Feed) -> Question:
    async def fetch() -> object:
        return await feed.fetch()

    return fetch
