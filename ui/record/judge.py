"""Is a figure of the record better than those beside it? Said only as far as its interval bears it."""

from collections.abc import Callable
from dataclasses import dataclass

from candlecast.schemas import RecordFigure, TrackRecord
from ui import words

MIN_SETTLED = 50
MIN_DAYS = 10
COIN_BRIER = 0.25
COIN_LOG_LOSS = 0.693147
_NAMES = {
    "always_up": "always up",
    "last_direction": "last direction",
    "histvol": "past volatility",
    "level": "promised",
    "coin": "a coin",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How a metric is read.

    Parameters
    ----------
    metric : str
        As the API names it.
    title : str
        As the page names it.
    unit : str
        ``share``, ``score``, ``loss`` or ``bps``.
    better : int
        1: higher is better, -1: lower is, 0: it should be near what was promised.
    told : str
        What it is, in one sentence.
    """

    metric: str
    title: str
    unit: str
    better: int
    told: str

    def text(self, value: float | None) -> str:
        """Write a value of this metric."""
        return "–" if value is None else _WRITERS[self.unit](value)


KINDS = (
    Kind("accuracy", "Direction right", "share", 1, "How often the likelier direction came true."),
    Kind("brier", "Brier score", "score", -1, "Mean squared error of P(up); always 50 % gives 0.250."),
    Kind("log_loss", "Log loss", "score", -1, "Punishes being sure and wrong; always 50 % gives 0.693."),
    Kind("coverage_80", "80 % interval held", "share", 0, "How often the close fell inside the 80 % interval."),
    Kind("interval_score_80", "80 % interval score", "loss", -1, "Width plus fines for misses, as log return."),
    Kind("edge_after_costs_bps", "Edge after costs", "bps", 1, "Mean return of a call, bought and sold at cost."),
)


def figure_of(record: TrackRecord, metric: str) -> RecordFigure | None:
    """Return a figure of a record, None where it has none."""
    return next((figure for figure in record.figures if figure.metric == metric), None)


def beside_of(figure: RecordFigure) -> dict[str, float | None]:
    """Return what stands beside a figure, with what a coin would get where that is known."""
    coin: dict[str, dict[str, float | None]] = {"brier": {"coin": COIN_BRIER}, "log_loss": {"coin": COIN_LOG_LOSS}}
    return {**figure.beside, **coin.get(figure.metric, {})}


def name_of(baseline: str) -> str:
    """Return a baseline in words."""
    return _NAMES.get(baseline, baseline.replace("_", " "))


def verdict(kind: Kind, figure: RecordFigure, *, n_days: int) -> tuple[str, str]:
    """Return what may be said of a figure of so many days, and the class that colours it."""
    if figure.value is None or figure.n < MIN_SETTLED:
        return f"too few settled yet: {figure.n}, {MIN_SETTLED} make a figure", ""
    if kind.metric == "edge_after_costs_bps":
        return _edge(figure)
    if kind.better == 0:
        return _promise(figure)
    return _against_baselines(kind, figure, n_days=n_days)


def n_days_of(record: TrackRecord) -> int:
    """Return how many UTC days a record spans."""
    if record.first_day is None or record.last_day is None:
        return 0
    return (record.last_day - record.first_day).days + 1


def _against_baselines(kind: Kind, figure: RecordFigure, *, n_days: int) -> tuple[str, str]:
    known = [value for value in beside_of(figure).values() if value is not None]
    if not known or figure.value is None:
        return "nothing to compare it with yet", ""
    best = max(known, key=lambda value: kind.better * value)
    if kind.better * figure.value <= kind.better * best:
        return "not better than the best naive one", "cc-warn"
    worst_case = figure.low if kind.better > 0 else figure.high
    # symbols move together: many forecasts of few days are few draws, whatever Wilson's interval says
    if worst_case is None or n_days < MIN_DAYS:
        return "better than every naive one; too few days to say how surely", ""
    if kind.better * worst_case > kind.better * best:
        return "better than every naive one, beyond chance", "cc-up"
    return "better than every naive one, but it may be chance", ""


def _promise(figure: RecordFigure) -> tuple[str, str]:
    level = figure.beside.get("level")
    if level is None or figure.low is None or figure.high is None:
        return "too few days to say whether the promise is kept", ""
    if figure.low <= level <= figure.high:
        return "as promised, within chance", "cc-up"
    return ("narrower than promised" if figure.high < level else "wider than promised"), "cc-warn"


def _edge(figure: RecordFigure) -> tuple[str, str]:
    if figure.low is None or figure.high is None:
        return "too few days to tell a gain from chance", ""
    if figure.low > 0:
        return "a gain, beyond chance", "cc-up"
    return ("a loss, beyond chance", "cc-warn") if figure.high < 0 else ("not told apart from nothing", "")


_WRITERS: dict[str, Callable[[float], str]] = {
    "share": words.share_pct,
    "score": lambda value: f"{value:.4f}",
    "loss": lambda value: f"{value:.5f}",
    "bps": lambda value: f"{words.signed(value, digits=1)} bp",
}
