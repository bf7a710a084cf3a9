"""What is stored of each series, what is missing, and does anybody know why?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from candlecast.bootstrap import Market
from candlecast.market.calendars import expected_open_times
from candlecast.market.gaps import Hole, find_holes
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.census import SeriesCensus, take_census
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gaps import GapStore, StoredGap
from candlecast.storage.postgres.symbols import SymbolStore

# a candle is expected this long after its close: streams and venues need a moment
_GRACE_CANDLES = 2
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """How whole one series is.

    Parameters
    ----------
    census : SeriesCensus
        What is stored.
    n_expected : int
        Candles on the grid from the first stored one to now; to the newest stored one where the
        symbol is not followed.
    missing : tuple of Hole
        Holes that nobody has settled.
    outages, repaired : tuple of StoredGap
        From the ledger: holes that no venue can fill, and holes that were filled.
    """

    census: SeriesCensus
    n_expected: int
    missing: tuple[Hole, ...]
    outages: tuple[StoredGap, ...]
    repaired: tuple[StoredGap, ...]

    @property
    def ok(self) -> bool:
        """Whether there is a candle, and every missing one is known to be nowhere."""
        return self.census.n_candles > 0 and not self.missing


def report_data(market: Market, database: Database) -> list[SeriesReport]:
    """Look through all series of the followed timeframe, the followed symbols first.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    timeframe = market.settings.timeframe
    known = {symbol.name: (symbol, number) for symbol, number in SymbolStore(database).all().items()}
    census = {one.symbol: one for one in take_census(database, timeframe)}
    followed = [symbol.name for symbol in market.symbols]
    nothing = [SeriesCensus(name, timeframe, 0, None, None, {}, 0, {}) for name in followed if name not in census]
    counted = sorted([*census.values(), *nothing], key=lambda one: (one.symbol not in followed, one.symbol))
    gaps = GapStore(database).list(timeframe)
    now = market.clock.now() - _GRACE_CANDLES * timedelta(seconds=timeframe_s(timeframe))
    reports = []
    for one in counted:
        mine = [gap for gap in gaps if gap.symbol == one.symbol]
        end = max(one.newest_close or now, now) if one.symbol in followed else one.newest_close
        reports.append(_report(database, one, known.get(one.symbol), gaps=mine, end=end))
    return reports


def _report(
    database: Database,
    census: SeriesCensus,
    known: tuple[Symbol, int] | None,
    *,
    gaps: Sequence[StoredGap],
    end: datetime | None,
) -> SeriesReport:
    outages = tuple(gap for gap in gaps if gap.status == "outage" and _is_inside(gap, census))
    repaired = tuple(gap for gap in gaps if gap.status == "repaired")
    if census.first_open is None or end is None or known is None:
        return SeriesReport(census, 0, (), outages, repaired)
    symbol, number = known
    grid = {"timeframe": census.timeframe, "calendar": symbol.calendar}
    settled = CandleStore(database).open_times(number, census.timeframe, start=census.first_open, end=end)
    for gap in outages:
        settled = pd.DatetimeIndex(settled.append(expected_open_times(gap.hole.start, gap.hole.end, **grid)))
    missing = find_holes(settled, start=census.first_open, end=end, **grid)
    n_outage = sum(gap.hole.n_candles for gap in outages)
    n_expected = census.n_candles + n_outage + sum(hole.n_candles for hole in missing)
    return SeriesReport(census, n_expected, tuple(missing), outages, repaired)


def _is_inside(gap: StoredGap, census: SeriesCensus) -> bool:
    # before its first candle a symbol was not traded, or is not wanted
    return census.first_open is not None and gap.hole.end > census.first_open


def as_lines(report: SeriesReport) -> list[str]:
    """Return the report as one line, and one more for each of the first holes and outages."""
    one = report.census
    if one.first_open is None:
        return [f"BAD {one.symbol} {one.timeframe}: no candle is stored, {_rejects(one)}"]
    origins = ", ".join(f"{source} {quality} {n:,}" for (source, quality), n in sorted(one.by_origin.items()))
    n_missing, n_outage = (sum(n) for n in (_sizes(report.missing), _sizes(_holes(report.outages))))
    head = (
        f"{'ok ' if report.ok else 'BAD'} {one.symbol} {one.timeframe}: {one.n_candles:,} of {report.n_expected:,} "
        f"candles, {one.first_open:%Y-%m-%d %H:%M} to {one.newest_close:%Y-%m-%d %H:%M}; {n_missing:,} missing, "
        f"{n_outage:,} that no venue has, repaired holes: {len(report.repaired)}; {origins}; "
        f"{one.n_revisions:,} revised, {_rejects(one)}"
    )
    return [head, *_spans("missing", report.missing), *_spans("outage", _holes(report.outages))]


def as_json(report: SeriesReport) -> dict[str, Any]:
    """Return the report as plain values."""
    one = report.census
    return {
        "symbol": one.symbol,
        "timeframe": one.timeframe,
        "ok": report.ok,
        "expected": report.n_expected,
        "stored": one.n_candles,
        "first_open": one.first_open,
        "newest_close": one.newest_close,
        "missing": [asdict(hole) for hole in report.missing],
        "outages": [{**asdict(gap.hole), "venues_asked": gap.venues_asked} for gap in report.outages],
        "repaired": [{**asdict(gap.hole), "settled_at": gap.settled_at} for gap in report.repaired],
        "by_origin": [{"source": source, "quality": q, "n": n} for (source, q), n in sorted(one.by_origin.items())],
        "revisions": one.n_revisions,
        "quarantined": one.rejected,
    }


def _rejects(one: SeriesCensus) -> str:
    reasons = ", ".join(f"{reason} {n:,}" for reason, n in sorted(one.rejected.items()))
    return f"{sum(one.rejected.values()):,} quarantined{f' ({reasons})' if reasons else ''}"


def _holes(gaps: Sequence[StoredGap]) -> list[Hole]:
    return [gap.hole for gap in gaps]


def _sizes(holes: Sequence[Hole]) -> list[int]:
    return [hole.n_candles for hole in holes]


def _spans(what: str, holes: Sequence[Hole]) -> list[str]:
    lines = [
        f"      {what} {hole.start:%Y-%m-%d %H:%M} to {hole.end:%Y-%m-%d %H:%M}, {hole.n_candles:,} "
        f"{'candle' if hole.n_candles == 1 else 'candles'}"
        for hole in holes[:_SHOWN]
    ]
    more = len(holes) - _SHOWN
    return [*lines, f"      … and {more:,} more; all with --json"] if more > 0 else lines
