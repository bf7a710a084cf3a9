"""Which forecasts are known already? Those on the board of this process, else in Redis; the rest are asked for."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import structlog

from candlecast.errors import StorageError
from candlecast.forecasts.board import ForecastBoard, Scope
from candlecast.storage.cache import Cache, Series

# an encoded forecast, or the problem that prevented it
Answer = bytes | dict[str, Any]
Ask = Callable[[list[Series]], Awaitable[list[Answer]]]
Reload = Callable[[], Awaitable[object]]

_CHECK_INTERVAL_S = 1.0
# for as long an event may be on its way; then the forecaster is asked, again and again while it has nothing newer
_PATIENCE_S, _RETRY_S = 2.0, 5.0
_LONGEST_ASK_S = 60.0
_LARGEST_ASK = 500
# requests are answered between two reads
_LARGEST_READ = 25

log = structlog.get_logger(__name__)


class KnownForecasts:
    """Answers from memory, and keeps the memory current. Belongs to one event loop.

    Redis and its events only save work: what they miss is asked from the forecaster, who has the record.

    Parameters
    ----------
    board : ForecastBoard
        The memory.
    cache : Cache
        What other replicas know, and the events.
    champion_ids : callable
        Gives the id of the promoted model of each timeframe and horizon; may block.

    Attributes
    ----------
    board : ForecastBoard
        The memory, for who can do with a miss.
    """

    def __init__(self, *, board: ForecastBoard, cache: Cache, champion_ids: Callable[[], Mapping[Scope, str]]) -> None:
        self.board = board
        self._cache = cache
        self._champion_ids = champion_ids
        self._champions: Mapping[Scope, str] | None = None
        self._following = asyncio.Lock()
        self._due_s: dict[Series, float] = {}
        self._n_counted = 0

    async def answers(self, wanted: Sequence[Series], *, ask: Ask) -> list[Answer]:
        """Return the encoded forecast or the problem of each series, in order; asks for what is not known."""
        found = self._up(wanted)
        missing = [series for series in dict.fromkeys(wanted) if series not in found]
        if missing:
            fetched = await self._fetch([series for series in missing if self.board.may_hold(series)], counted=True)
            found |= self._up(fetched)
            missing = [series for series in missing if series not in found]
        if missing:
            found |= await self._asked(missing, ask)
        return [found[series] for series in wanted]

    async def keep(self, *, ask: Ask, reload: Reload) -> None:
        """Put up what is made and promoted, until cancelled.

        Parameters
        ----------
        ask : callable
            Asks the forecaster.
        reload : callable
            Has every forecaster load the promoted models; returns when they have.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._check_always(ask, reload))
            async for entry in self._cache.log.follow():
                if entry.channel == "forecasts":
                    made = [(one["symbol"], one["timeframe"], one["horizon"]) for one in entry.payloads]
                    await self._logged(self._fetch(made))
                elif entry.channel == "models":
                    # loading takes a while, in which forecasts are still heard of
                    group.create_task(self._logged(self._follow(ask, reload)))

    async def _check_always(self, ask: Ask, reload: Reload) -> NoReturn:
        while True:
            await self._logged(self._follow(ask, reload))
            await self._logged(self._chase(ask))
            hits, self._n_counted = self.board.n_hits - self._n_counted, self.board.n_hits
            self._cache.note_forecast_hits(hits)
            await asyncio.sleep(_CHECK_INTERVAL_S)

    async def _follow(self, ask: Ask, reload: Reload) -> None:
        async with self._following:
            promoted = await asyncio.to_thread(self._champion_ids)
            if promoted == self._champions:
                return
            first, self._champions = self._champions is None, promoted
            self.board.promote(promoted)
            if first:
                await self._fill(ask)
            else:
                await reload()
                await self._renew(self.board.replaced(), ask)

    async def _fill(self, ask: Ask) -> None:
        wanted = self.board.wanted()
        fetched = await self._fetch(wanted)
        await self._renew([series for series in wanted if series not in fetched], ask)

    async def _chase(self, ask: Ask) -> None:
        now_s, outdated = time.monotonic(), self.board.outdated()
        self._due_s = {series: self._due_s.get(series, now_s + _PATIENCE_S) for series in outdated}
        late = [series for series, due_s in self._due_s.items() if now_s >= due_s]
        self._due_s |= dict.fromkeys(late, now_s + _RETRY_S)
        await self._renew(late, ask)

    async def _renew(self, wanted: Sequence[Series], ask: Ask) -> None:
        for start in range(0, len(wanted), _LARGEST_ASK):
            async with asyncio.timeout(_LONGEST_ASK_S):
                await self._asked(wanted[start : start + _LARGEST_ASK], ask)

    async def _asked(self, wanted: Sequence[Series], ask: Ask) -> dict[Series, Answer]:
        answers = dict(zip(wanted, await ask(list(wanted)), strict=True))
        fresh: dict[Series, tuple[bytes, float]] = {}
        for series, answer in answers.items():
            if isinstance(answer, bytes) and self.board.put(series, answer):
                fresh[series] = (answer, self.board.life_s(series))
        await self._cache.set_forecasts(fresh)
        return answers | self._up(answers)

    async def _fetch(self, wanted: Sequence[Series], *, counted: bool = False) -> set[Series]:
        # put up what Redis has; return those that are up to date
        read = self._cache.get_forecasts if counted else self._cache.peek_forecasts
        found: set[Series] = set()
        for start in range(0, len(wanted), _LARGEST_READ):
            some = wanted[start : start + _LARGEST_READ]
            bodies = zip(some, await read(some), strict=True)
            found |= {series for series, body in bodies if body is not None and self.board.put(series, body)}
        return found

    def _up(self, wanted: Iterable[Series]) -> dict[Series, Answer]:
        found = {series: self.board.find(series) for series in dict.fromkeys(wanted)}
        return {series: known.body for series, known in found.items() if known is not None}

    async def _logged(self, work: Awaitable[object]) -> None:
        try:
            await work
        except StorageError as error:
            log.warning("promoted models not read", reason=str(error))
        except Exception:
            # what is up stays up, and is looked at again in a second
            log.exception("forecasts not renewed")
