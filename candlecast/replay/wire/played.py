"""Which symbols does a venue play, under which wire names, and what time is it there?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import orjson
from fastapi import Response

from candlecast.clock import Clock
from candlecast.market.symbols import AssetClass, Symbol
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.candles import distort
from candlecast.replay.recordings import Recording
from candlecast.replay.tape import Known, Tape, microseconds, moment_of
from candlecast.replay.wire.encoding import EncodedTape, RowFormat

JSON = "application/json;charset=UTF-8"
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a venue calls and writes what it plays.

    Parameters
    ----------
    venue : str
        Name of the venue, as in settings.
    asset_classes : tuple of str
        What it trades.
    wire_name : callable
        Its name of a symbol.
    row_format : RowFormat
        Its JSON of a candle.
    """

    venue: str
    asset_classes: tuple[AssetClass, ...]
    wire_name: Callable[[Symbol], str]
    row_format: RowFormat


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A symbol's last 24 hours: prices in quote units, volume in base units."""

    open: float
    high: float
    low: float
    last: float
    volume: float
    first_open_us: int


class PlayedVenue:
    """The symbols of a recording as one venue shows them at the time of `clock`.

    Parameters
    ----------
    recording : Recording
        What is played.
    clock : Clock
        Market time.
    dialect : Dialect
        How the venue calls and writes it.
    board : FaultBoard
        What goes wrong there.
    """

    def __init__(self, recording: Recording, clock: Clock, dialect: Dialect, board: FaultBoard) -> None:
        self.name = dialect.venue
        self.timeframe = recording.timeframe
        self.symbols: dict[str, Symbol] = {}
        for series in recording.series.values():
            if series.symbol.asset_class in dialect.asset_classes:
                # Of two pairs with one wire name the exact one wins: BTC/USD before BTC/USDT as BTC-USD.
                wire_name = dialect.wire_name(series.symbol)
                rival = self.symbols.setdefault(wire_name, series.symbol)
                self.symbols[wire_name] = min(rival, series.symbol, key=lambda symbol: len(symbol.name))
        self._tapes = {
            wire_name: EncodedTape(Tape.of(recording.series[symbol.name]), dialect.row_format)
            for wire_name, symbol in self.symbols.items()
        }
        self._clock, self._board, self._format = clock, board, dialect.row_format
        self._end_us = microseconds(recording.end)
        self._distorted: dict[str, EncodedTape] = {}
        self._version = board.version

    def now_us(self) -> int:
        """Return the venue's market time in microseconds since 1970."""
        return microseconds(self._clock.now()) + self._board.skew_us(self.name)

    def now(self) -> datetime:
        """Return the venue's market time."""
        return moment_of(self.now_us())

    def wall_s_until(self, moment_us: int) -> float:
        """Return wall seconds until it is `moment_us` here: 0 when past, infinity when it never comes."""
        return self._clock.wall_s_until(moment_of(moment_us - self._board.skew_us(self.name)))

    def encoded(self, wire_name: str) -> EncodedTape | None:
        """Return the symbol that the venue calls `wire_name`, None when it has none."""
        if not self._board.script.faults or wire_name not in self._tapes:
            return self._tapes.get(wire_name)
        if self._version != self._board.version:
            self._version = self._board.version
            self._distorted.clear()
        if wire_name not in self._distorted:
            self._distorted[wire_name] = self._distort(wire_name)
        return self._distorted[wire_name]

    def known(self, tape: Tape) -> Known:
        """Return what the venue shows of `tape` now."""
        return tape.known(self.now_us())

    def _distort(self, wire_name: str) -> EncodedTape:
        plain = self._tapes[wire_name]
        faults = self._board.candle_faults(self.name, self.symbols[wire_name].name)
        return EncodedTape(distort(plain.tape, faults, end_us=self._end_us), self._format) if faults else plain


def day_figures(tape: Tape, known: Known) -> DayFigures | None:
    """Return the last 24 hours of a symbol, None when nothing of it is known yet."""
    if known.n_visible == 0:
        return None
    day_ago = int(np.searchsorted(tape.opens_us, known.now_us - DAY_US))
    first = min(day_ago, known.n_visible - 1)
    rows = tape.rows(first, known.n_visible, known)
    return DayFigures(
        open=float(rows[0, 0]),
        high=float(rows[:, 1].max()),
        low=float(rows[:, 2].min()),
        last=float(rows[-1, 3]),
        volume=float(np.nansum(rows[:, 4])),
        first_open_us=int(tape.opens_us[first]),
    )


def answer(content: object, *, status: int = 200) -> Response:
    """Return `content` as a JSON answer."""
    return Response(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), status_code=status, media_type=JSON)
