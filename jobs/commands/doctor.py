"""Is everything well? Every part of the stack, and on demand the data; each with what mends it."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.doctor.finding import Finding, broken
from candlecast.doctor.round import look_at
from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.settings import DoctorSettings, Settings, StackSettings
from jobs.entry import load_settings, show


def doctor(
    data: Annotated[bool, typer.Option("--data", help="look through all stored candles of the timeframe")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Look at every part and tell what mends it, changing nothing; with --data, count what is stored and missing.

    Exit 1: something is broken; what only works less well than it should is told, and no failure.

    Example: candlecast doctor --data
    """
    try:
        settings = load_settings()
    except InvalidRequestError as error:
        _end(_without_settings(error), [], {}, as_json=as_json)
        return
    from jobs.checks import parts_of

    findings = look_at(parts_of(settings), timeout_s=settings.doctor.timeout_s)
    lines, series = [], dict[str, Any]()
    if data:
        try:
            lines, series = _look_at_data(settings)
        except CandlecastError as error:
            findings["data"] = broken(str(error), "mend database and settings first")
    _end(findings, lines, series, as_json=as_json)


def _without_settings(error: InvalidRequestError) -> dict[str, Finding]:
    from jobs.checks import machine_parts

    own = DoctorSettings()
    found = {"settings": broken(str(error), "correct it as .env.example says")}
    return found | look_at(machine_parts(own, StackSettings().folder.resolve()), timeout_s=own.timeout_s)


def _look_at_data(settings: Settings) -> tuple[list[str], dict[str, Any]]:
    from jobs.data_report import as_json as plain
    from jobs.data_report import as_lines, report_data

    reports = report_data(open_market(settings), open_database(settings))
    lines = [line for report in reports for line in as_lines(report)]
    return lines, {"series": [plain(report) for report in reports], "whole": all(report.ok for report in reports)}


def _end(findings: dict[str, Finding], lines: list[str], series: dict[str, Any], *, as_json: bool) -> None:
    ok = series.pop("whole", True) and all(found.verdict != "broken" for found in findings.values())
    checks = [{"name": name, "ok": found.verdict != "broken", **asdict(found)} for name, found in findings.items()]
    text = "\n".join([*(found.line(name) for name, found in findings.items()), *lines])
    show({"ok": ok, "checks": checks, **series}, text=text, as_json=as_json)
    if not ok:
        raise typer.Exit(1)
