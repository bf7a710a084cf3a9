"""What does a backtest say in words and tables? Rows of texts, for a terminal and for a page alike."""

from collections.abc import Mapping
from typing import Any

from candlecast.evaluation.report_words import Cell, number

Report = Mapping[str, Any]
Figures = Mapping[str, Any]

_MARK = "–"
# name, key, unit, key of its interval
_FIGURES = (
    ("return", "return_pct", " %", ""),
    ("return a year", "cagr_pct", " %", ""),
    ("volatility a year", "volatility_pct", " %", ""),
    ("Sharpe ratio", "sharpe", "", "sharpe"),
    ("largest drawdown", "drawdown_pct", " %", ""),
    ("longest drawdown", "drawdown_days", " days", ""),
    ("positions taken", "n_trades", "", ""),
    ("positions that gained", "hit_rate", "", "hit_rate"),
    ("time in the market", "exposure", "", ""),
    ("mean position", "mean_weight", "", ""),
    ("turnover a year", "turnover_per_year", " x capital", ""),
    ("paid in fees", "fees_pct", " %", ""),
    ("lost to slippage", "slippage_pct", " %", ""),
)


def rules_words(report: Report) -> str:
    """Return what was followed and how, in one sentence."""
    rules = report["rules"]
    sizes = {
        "fixed": "the whole part of a symbol at stake",
        "kelly": f"{rules['kelly_fraction']:g} of Kelly at stake",
        "volatility": f"sized to {rules['target_volatility_pct']:g} % volatility a year",
    }
    sides = "long only" if rules["long_only"] else "long and short"
    return (
        f"{report['source']} forecasts, {report['start'][:10]} to {report['end'][:10]}, {sides} from P(up) "
        f"{rules['threshold']:g}, {sizes[rules['sizing']]}, {rules['fee_bps']:g} bps fee and "
        f"{rules['slippage_bps']:g} bps slippage a side, filled at the next open: {report['n_filled']:,} of "
        f"{report['n_forecasts']:,} forecasts could be filled"
    )


def figure_rows(report: Report) -> list[list[Cell]]:
    """Return a table of every figure beside that of holding: the header first."""
    strategy, hold = report["strategy"], report["hold"]
    rows = [["figure", "forecasts", "95 % interval", "holding"]]
    for name, key, unit, interval in _FIGURES:
        bounds = interval_words(strategy, interval) if interval else ""
        rows.append([name, _value(strategy[key], unit), bounds, _value(hold[key], unit)])
    return rows


def part_rows(report: Report) -> list[list[Cell]]:
    """Return a table with a row for each symbol: the header first."""
    rows = [["symbol", "return %", "holding %", "Sharpe", "drawdown %", "positions", "gained"]]
    for part in report["by_symbol"]:
        own, hold = part["strategy"], part["hold"]
        figures = [own["return_pct"], hold["return_pct"], own["sharpe"], own["drawdown_pct"]]
        rows.append([part["symbol"], *map(number, figures), f"{own['n_trades']:,}", number(own["hit_rate"])])
    return rows


def summary(report: Report) -> str:
    """Return the outcome in one line."""
    own, hold = report["strategy"], report["hold"]
    sharpe = f"Sharpe {number(own['sharpe'])} {interval_words(own, 'sharpe')}".rstrip()
    return (
        f"{report['timeframe']} {report['horizon']} ahead, {report['source']}: {own['return_pct']:+.2f} % after "
        f"costs, {sharpe}, drawdown {own['drawdown_pct']:.1f} %, {own['n_trades']:,} positions; "
        f"holding {hold['return_pct']:+.2f} %, Sharpe {number(hold['sharpe'])}, drawdown {hold['drawdown_pct']:.1f} %"
    )


def interval_words(figures: Figures, name: str) -> Cell:
    """Return the 95 % interval of a figure in brackets, "" when it has none."""
    low, high = figures[f"{name}_low"], figures[f"{name}_high"]
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def _value(value: float | None, unit: str) -> Cell:
    if value is None:
        return _MARK
    return f"{value:,}" if isinstance(value, int) else f"{number(value)}{unit}"
