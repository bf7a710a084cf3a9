"""What does a report say in words and tables? Rows of texts, for a terminal and for a page alike."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Cell = str
Report = Mapping[str, Any]
Plain = Mapping[str, Any]

_MARK = "–"
_PARTS = ("tercile", "quarter")
_SYMBOL_METRICS = (
    *("accuracy", "auc", "top_decile_accuracy", "log_loss", "coverage_80", "coverage_90"),
    *("interval_score_vs_histvol_90", "interval_score_vs_har_90", "volatility_ic"),
)


def protocol_words(report: Report) -> str:
    """Return how the forecasts of a report were made, in one sentence."""
    span = report["train_candles"]
    way = "expanding" if span is None else f"rolling ({span:,} candles)"
    judged, trained = ", ".join(report["symbols"]), len(report["trained_on"]) or len(report["symbols"])
    return (
        f"{report['n_folds']} {way} folds, {report['test_start'][:10]} to {report['test_end'][:10]}, purge of "
        f"{report['horizon']} and embargo of {report['embargo_candles']} candles, trained on {trained} symbols, "
        f"judged on {judged}: n = {report['n_test']:,}"
    )


def pooled_rows(report: Report) -> list[list[Cell]]:
    """Return a table of all figures over all symbols but those of `coverage_rows`: the header first."""
    chosen = [f for f in _pooled(report) if not f["part"].startswith(_PARTS)]
    return [["figure", "model", "95 % interval", "n", "beside it"], *map(_row, chosen)]


def coverage_rows(report: Report) -> list[list[Cell]]:
    """Return a table of the coverage by tercile of sigma and by quarter over all symbols: the header first."""
    chosen = [f for f in _pooled(report) if f["part"].startswith(_PARTS)]
    return [["coverage", "model", "95 % interval", "n", "promised"], *map(_row, chosen)]


def symbol_rows(report: Report) -> list[list[Cell]]:
    """Return a table with a row for each symbol: the header first."""
    found = {(f["symbol"], f["metric"]): f for f in report["figures"] if not f["part"]}
    names = [name for name in report["symbols"] if (name, "accuracy") in found]
    shown = [metric for metric in _SYMBOL_METRICS if any((name, metric) in found for name in names)]
    rows = [["symbol", "n", *shown]]
    for name in names:
        cells = [found.get((name, metric)) for metric in shown]
        texts = [_MARK if cell is None else f"{number(cell['value'])} {bounds(cell)}".strip() for cell in cells]
        rows.append([name, f"{found[name, 'accuracy']['n']:,}", *texts])
    return rows


def fold_rows(report: Report) -> list[list[Cell]]:
    """Return a table with a row for each fold: the header first."""
    names = ("n", "accuracy", "majority_share", "auc", "log_loss", "coverage_80")
    rows = [["fold", "from", *names]]
    for fold in report["folds"]:
        texts = [f"{fold[name]:,}" if name == "n" else number(fold[name]) for name in names]
        rows.append([str(fold["fold"]), str(fold["test_start"])[:10], *texts])
    return rows


def number(value: float | None) -> Cell:
    """Return a figure with four decimals, fewer for large ones; a dash for what is undefined."""
    if value is None:
        return _MARK
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}"


def bounds(figure: Plain) -> Cell:
    """Return the 95 % interval of a figure in brackets, "" when it has none."""
    if figure["low"] is None or figure["high"] is None:
        return ""
    return f"[{number(figure['low'])}, {number(figure['high'])}]"


def as_lines(rows: Sequence[Sequence[Cell]]) -> Iterable[str]:
    """Yield the rows of a table as aligned lines, the columns between the first and the last to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if place in (0, len(widths) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _pooled(report: Report) -> list[Plain]:
    return [figure for figure in report["figures"] if figure["symbol"] == "pooled"]


def _row(figure: Plain) -> list[Cell]:
    name = " ".join(filter(None, (figure["metric"], figure["part"])))
    beside = "  ".join(f"{rival} {number(value)}" for rival, value in figure["beside"].items())
    return [name, number(figure["value"]), bounds(figure), f"{figure['n']:,}", beside]
