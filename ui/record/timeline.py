"""How did the figures change over time? Days of the record, or single forecasts while only few days are known."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from candlecast.schemas import Forecast, LedgerItem, Outcome, RecordDay

OfRow = Callable[[Forecast, Outcome], float | None]

FEW_DAYS = 5
SPAN_DAYS = 7
SPAN_FORECASTS = 50


@dataclass(frozen=True, slots=True)
class Timeline:
    """One figure over time, ascending.

    Parameters
    ----------
    when : tuple of str
        UTC days, or UTC moments.
    values : tuple of float
        What each of them came to by itself.
    averages : tuple of float
        Mean of those up to and with it, weighed by how many forecasts each stands for.
    span : str
        Over how much the mean goes, in words.
    """

    when: tuple[str, ...]
    values: tuple[float, ...]
    averages: tuple[float, ...]
    span: str


def score_line(days: Sequence[RecordDay], rows: Sequence[LedgerItem]) -> Timeline:
    """Return the Brier score over time."""
    return _line(days, rows, metric="brier", of_row=brier_of)


def coverage_line(days: Sequence[RecordDay], rows: Sequence[LedgerItem], *, level: float) -> Timeline:
    """Return the share of closes inside the interval of `level` over time."""

    def held(forecast: Forecast, outcome: Outcome) -> float | None:
        inside = is_inside(forecast, outcome, level=level)
        return None if inside is None else float(inside)

    return _line(days, rows, metric=f"coverage_{round(100 * level)}", of_row=held)


def brier_of(forecast: Forecast, outcome: Outcome) -> float | None:
    """Return the squared error of P(up), None without an outcome."""
    rose = has_risen(outcome)
    return None if rose is None else (forecast.p_up - float(rose)) ** 2


def has_risen(outcome: Outcome | None) -> bool | None:
    """Tell whether the close at the target lay above the last close, None without an outcome."""
    if outcome is None or outcome.realised_log_return is None:
        return None
    return outcome.realised_log_return > 0


def is_inside(forecast: Forecast, outcome: Outcome | None, *, level: float) -> bool | None:
    """Tell whether the close at the target lay inside an interval, None without either."""
    band = next((band for band in forecast.intervals if abs(band.level - level) < 1e-6), None)
    if band is None or outcome is None or outcome.realised_close is None:
        return None
    return band.low <= outcome.realised_close <= band.high


def _line(days: Sequence[RecordDay], rows: Sequence[LedgerItem], *, metric: str, of_row: OfRow) -> Timeline:
    by_day = [(f"{day.day}", value, day.n) for day in days if (value := day.figures.get(metric)) is not None]
    if len(by_day) >= FEW_DAYS or not rows:
        return _averaged(by_day, span=SPAN_DAYS, words=f"{SPAN_DAYS} days")
    judged = [(row.forecast.target_time, of_row(row.forecast, row.outcome)) for row in reversed(rows) if row.outcome]
    points = [(f"{when:%Y-%m-%d %H:%M:%S}", value, 1) for when, value in judged if value is not None]
    return _averaged(points, span=SPAN_FORECASTS, words=f"{SPAN_FORECASTS} forecasts")


def _averaged(points: Iterable[tuple[str, float, int]], *, span: int, words: str) -> Timeline:
    window: deque[tuple[float, int]] = deque(maxlen=span)
    kept, averages = list(points), []
    for _, value, n in kept:
        window.append((value, n))
        total = sum(each for _, each in window)
        averages.append(sum(each * count for each, count in window) / total if total else value)
    return Timeline(tuple(p[0] for p in kept), tuple(p[1] for p in kept), tuple(averages), words)
