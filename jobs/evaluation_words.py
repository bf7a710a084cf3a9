"""What does an evaluation show? Tables for a terminal, one last line, and a page."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from candlecast.evaluation.report_page import render_page
from candlecast.evaluation.report_words import (
    as_lines,
    coverage_rows,
    fold_rows,
    number,
    pooled_rows,
    protocol_words,
    symbol_rows,
)
from jobs.page_file import plotly_script, write_text

Report = Mapping[str, Any]


def report_lines(report: Report) -> Iterator[str]:
    """Yield the tables of one horizon, and its gates."""
    yield f"{report['timeframe']}, {report['horizon']} ahead: {protocol_words(report)}"
    recipe = "the default recipe" if report["model_id"] is None else f"the recipe of {report['model_id']}"
    yield f"{recipe}, {report['columns']}"
    yield from (f"left out: {reason}" for reason in report["skipped"].values())
    for rows in (tell(report) for tell in (pooled_rows, symbol_rows, fold_rows, coverage_rows)):
        if len(rows) > 1:
            yield from ("", *as_lines(rows))
    yield ""
    for gate in report["gates"]:
        yield f"{'ok  ' if gate['passed'] else 'LEAK'} {gate['name']}: {gate['finding']}"
    if report["leak_alarm"] and not report["gates"]:
        yield f"LEAK plausible accuracy: {report['leak_alarm']}"


def leaks_of(report: Report) -> list[str]:
    """Return what each gate that fired found, and the alarm of an accuracy too good to be true."""
    fired = [f"{gate['name']}: {gate['finding']}" for gate in report["gates"] if not gate["passed"]]
    alarm = [f"plausible accuracy: {report['leak_alarm']}"] if report["leak_alarm"] and not report["gates"] else []
    return [f"{report['horizon']} ahead, {words}" for words in (*fired, *alarm)]


def summary(reports: Sequence[Report], *, leaks: Sequence[str], html: str) -> str:
    """Return the last line of an evaluation."""
    figures = [_headline(report) for report in reports]
    n_gates = sum(len(report["gates"]) for report in reports)
    told = f"LEAK: {'; '.join(leaks)}" if leaks else f"all {n_gates} leak gates passed" if n_gates else ""
    page = f"page at {html}" if html else ""
    return "; ".join(filter(None, (*figures, page, told)))


def write_page(reports: Sequence[Report], file: Path) -> None:
    """Write the reports as one HTML file that carries plotly.js.

    Raises
    ------
    InvalidRequestError
        When the file cannot be written.
    """
    gates = [gate | {"name": f"{gate['name']}, {r['horizon']} ahead"} for r in reports for gate in r["gates"]]
    write_text(render_page(reports, plotly_script=plotly_script(), gates=gates), file)


def _headline(report: Report) -> str:
    found = {f["metric"]: f for f in report["figures"] if f["symbol"] == "pooled" and not f["part"]}
    accuracy, coverage = found["accuracy"], found["coverage_80"]
    return (
        f"{report['timeframe']} {report['horizon']} ahead: accuracy {number(accuracy['value'])} "
        f"[{number(accuracy['low'])}, {number(accuracy['high'])}], AUC {number(found['auc']['value'])}, "
        f"coverage of the 80 % interval {number(coverage['value'])}, n = {report['n_test']:,}"
    )
