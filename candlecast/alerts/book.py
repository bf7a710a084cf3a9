"""The rules as the API shows and changes them."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from candlecast.alerts.rules import check, hysteresis_of
from candlecast.clock import Clock
from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.symbols import Symbol
from candlecast.news.reader import window_seconds
from candlecast.schemas import Alert, AlertDeliveryPage, AlertList, NewAlert
from candlecast.storage.postgres.alert_deliveries import DeliveryStore, Place
from candlecast.storage.postgres.alerts import AlertStore
from candlecast.storage.postgres.database import Database

_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class AlertLimits:
    """What rules may name, and how many there may be.

    Parameters
    ----------
    channels : tuple of str
        Names of the channels that the settings hold.
    max_rules : int
        Most rules.
    """

    channels: tuple[str, ...]
    max_rules: int


class AlertBook:
    """Lists, makes and deletes rules; tells what was sent.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    timeframe : str
        The followed timeframe, which every rule is about.
    clock : Clock
        Market time.
    database : Database
        Where rules lie.
    limits : AlertLimits
        What a rule may name.
    """

    def __init__(
        self,
        *,
        symbols: Mapping[str, tuple[Symbol, int]],
        timeframe: str,
        clock: Clock,
        database: Database,
        limits: AlertLimits,
    ) -> None:
        self._symbols, self._timeframe, self._clock = symbols, timeframe, clock
        self._rules, self._deliveries = AlertStore(database), DeliveryStore(database)
        self._limits = limits

    async def all(self) -> AlertList:
        """Return all rules and the channels that one may name.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        return AlertList(items=await asyncio.to_thread(self._rules.all), channels=[*self._limits.channels])

    async def add(self, wanted: NewAlert) -> tuple[Alert, bool]:
        """Keep a rule; return it and whether it is new: an equal one is kept once.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the symbol is not followed, the threshold can never be crossed, the window makes no
            sense, a channel is not in the settings, or there are too many rules.
        StorageError
            When the database does not answer.
        """
        if wanted.symbol not in self._symbols:
            raise UnknownSymbolError(wanted.symbol, self._symbols)
        check(wanted)
        window_seconds(wanted.window)
        for channel in wanted.channels:
            if channel not in self._limits.channels:
                raise InvalidRequestError(_unknown_channel(channel, self._limits.channels))
        rule = wanted.model_dump(exclude={"symbol"})
        rule |= {"hysteresis": hysteresis_of(wanted), "channels": sorted(set(wanted.channels))}
        return await asyncio.to_thread(
            self._rules.add,
            self._symbols[wanted.symbol][1],
            self._timeframe,
            rule,
            created_at=self._clock.now(),
            limit=self._limits.max_rules,
        )

    async def remove(self, alert_id: int) -> bool:
        """Delete a rule and tell whether there was one; what it said stays on record.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        return await asyncio.to_thread(self._rules.remove, alert_id)

    async def deliveries(self, *, alert_id: int | None, cursor: str | None, limit: int) -> AlertDeliveryPage:
        """Return one page of what was said, newest first; `next_cursor` is None on the last one.

        Raises
        ------
        InvalidRequestError
            When the cursor is none.
        StorageError
            When the database does not answer.
        """
        # one more than wanted tells that there is a next page
        items, places = await asyncio.to_thread(
            self._deliveries.page, alert_id=alert_id, before=_before(cursor), limit=limit + 1
        )
        more = len(items) > limit
        firing, delivery = places[limit - 1] if more else (0, 0)
        return AlertDeliveryPage(items=items[:limit], next_cursor=f"{firing}-{delivery}" if more else None)


def _before(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidRequestError(f"cursor {cursor[:40]!r} is not a cursor; take next_cursor of the page before")
    return int(match[1]), int(match[2])


def _unknown_channel(channel: str, known: Sequence[str]) -> str:
    near = get_close_matches(channel, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}" if known else "there are none"
    return f"channel {channel!r} is not configured; {hint} (the operator names them in CANDLECAST_ALERTS__CHANNELS)"
