"""What is answered without asking anybody? The newest forecast of each series, as the bytes that are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Self

import orjson

from candlecast.clock import Clock
from candlecast.market.calendars import target_time
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import TIMEFRAMES_S
from candlecast.storage.cache import Series

# the data state is the last part of a forecast on the wire, its age the first of that
_STATE = b'"data":{"age_s":'
_LONGEST_LIFE_S = 86_400.0

_MAX_HORIZON = 96

Scope = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Known:
    """A forecast as it is answered now.

    Parameters
    ----------
    body : bytes
        JSON of the forecast, its age and staleness as of now.
    etag : str
        Weak entity tag: equal for the same forecast, whatever its age.
    max_age_s : int
        Wall seconds for which a copy may be kept: up to the next close, 0 once that has passed.
    """

    body: bytes
    etag: str
    max_age_s: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One encoded forecast, cut where its age and staleness go.

    Parameters
    ----------
    head, tail : bytes
        What comes before the age, and after the staleness.
    as_of, next_close, target_time : datetime
        Close it was made from, the close after that, the close it is about; aware UTC.
    model_id : str
        Who made it.
    etag : str
        Weak entity tag: equal for the same forecast, whatever its age.
    """

    head: bytes
    tail: bytes
    as_of: datetime
    next_close: datetime
    target_time: datetime
    model_id: str
    etag: str

    @classmethod
    def read(cls, body: bytes, *, calendar: str) -> Self:
        """Cut an encoded forecast.

        Raises
        ------
        ValueError, KeyError
            When it is not one that this version wrote.
        """
        content = orjson.loads(body)
        head = body[: body.rindex(_STATE) + len(_STATE)]
        as_of = datetime.fromisoformat(content["as_of"])
        name = f"{content['symbol']} {content['timeframe']} {content['horizon']} {as_of} {content['model']['id']}"
        return cls(
            head=head,
            tail=b',"source":' + orjson.dumps(content["data"]["source"]) + b"}}",
            as_of=as_of,
            next_close=_close_after(as_of, content["timeframe"], calendar),
            target_time=datetime.fromisoformat(content["target_time"]),
            model_id=content["model"]["id"],
            etag=f'W/"{sha256(name.encode()).hexdigest()[:20]}"',
        )

    def body(self, now: datetime) -> bytes:
        """Return the forecast as JSON, its age and staleness as of `now`."""
        age_s = (now - self.as_of).total_seconds()
        stale = b"true" if now >= self.target_time else b"false"
        return b'%b%.3f,"stale":%b%b' % (self.head, age_s, stale, self.tail)


class ForecastBoard:
    """The newest known forecast of each series; a look-up touches nothing but memory.

    A forecast stays up until a newer one takes its place, also beyond the next close and after another
    model is promoted: it says itself how old it is, and nobody waits while the next one is made.
    `outdated` names those whose time is over. Belongs to one event loop.

    Parameters
    ----------
    clock : Clock
        Market time.
    symbols : mapping of str to Symbol
        The followed symbols by name.

    Attributes
    ----------
    n_hits : int
        Answers given since the replica started.
    """

    def __init__(self, *, clock: Clock, symbols: Mapping[str, Symbol]) -> None:
        self._clock = clock
        self._symbols = symbols
        self._champions: Mapping[Scope, str] = {}
        self._notices: dict[Series, Notice] = {}
        self.n_hits = 0

    def find(self, series: Series) -> Known | None:
        """Return the newest forecast of `series` that is known, None for a miss."""
        notice = self._notices.get(series)
        if notice is None:
            return None
        self.n_hits += 1
        return Known(notice.body(self._clock.now()), notice.etag, int(self._life_s(notice)))

    def knows(self, series: Series) -> bool:
        """Tell whether a forecast of `series` is up, old or new."""
        return series in self._notices

    def life_s(self, series: Series) -> float:
        """Return for how many wall seconds the forecast that is up for `series` holds, at most a day."""
        return self._life_s(self._notices[series])

    def may_hold(self, series: Series) -> bool:
        """Tell whether there can be a forecast of `series` at all."""
        symbol, timeframe, horizon = series
        return symbol in self._symbols and timeframe in TIMEFRAMES_S and 1 <= horizon <= _MAX_HORIZON

    def put(self, series: Series, body: bytes) -> bool:
        """Put up an encoded forecast unless what is there is newer; return whether `series` is up to date now."""
        try:
            notice = Notice.read(body, calendar=self._symbols[series[0]].calendar)
        except (ValueError, KeyError):
            # written by another version
            return False
        known = self._notices.get(series)
        if known is None or self._rank(series, notice) >= self._rank(series, known):
            self._notices[series] = notice
        return not self._is_outdated(series, self._notices[series])

    def promote(self, champions: Mapping[Scope, str]) -> None:
        """Take note of which model is promoted for each timeframe and horizon."""
        self._champions = dict(champions)

    def outdated(self) -> list[Series]:
        """Return the series whose next candle has closed, or whose model is not the promoted one any more."""
        return [series for series, notice in self._notices.items() if self._is_outdated(series, notice)]

    def replaced(self) -> list[Series]:
        """Return the series whose model is not the promoted one any more."""
        return [series for series, notice in self._notices.items() if not self._is_champions(series, notice)]

    def wanted(self) -> list[Series]:
        """Return every series that a promoted model can forecast."""
        return [(symbol, *scope) for scope in self._champions for symbol in self._symbols]

    def _is_outdated(self, series: Series, notice: Notice) -> bool:
        return self._clock.now() >= notice.next_close or not self._is_champions(series, notice)

    def _is_champions(self, series: Series, notice: Notice) -> bool:
        return self._champions.get(series[1:], notice.model_id) == notice.model_id

    def _life_s(self, notice: Notice) -> float:
        return min(_LONGEST_LIFE_S, self._clock.wall_s_until(notice.next_close))

    def _rank(self, series: Series, notice: Notice) -> tuple[datetime, bool]:
        return notice.as_of, self._is_champions(series, notice)


@lru_cache(maxsize=4_096)
def _close_after(as_of: datetime, timeframe: str, calendar: str) -> datetime:
    # many forecasts are of one candle, and calendars are slow
    return target_time(as_of, timeframe=timeframe, horizon=1, calendar=calendar)
