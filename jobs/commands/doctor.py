"""Is everything well? The parts of the stack, and on demand the data."""

from typing import Annotated, Any

import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.schemas import Check
from jobs.entry import load_settings, show


def doctor(
    data: Annotated[bool, typer.Option("--data", help="look through all stored candles of the timeframe")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Check every part of the stack; with --data, count what is stored and what is missing. Exit 1: something is wrong.

    Example: candlecast doctor --data
    """
    from jobs.checks import check_parts

    settings = load_settings()
    checks = check_parts(settings)
    result: dict[str, Any] = {"checks": [check.model_dump() for check in checks]}
    lines = [_line(check) for check in checks]
    ok = all(check.ok for check in checks)
    if data:
        from jobs.data_report import as_json as plain
        from jobs.data_report import as_lines, report_data

        reports = report_data(open_market(settings), open_database(settings))
        lines += [line for report in reports for line in as_lines(report)]
        result["series"] = [plain(report) for report in reports]
        ok = ok and all(report.ok for report in reports)
    show({"ok": ok, **result}, text="\n".join(lines), as_json=as_json)
    if not ok:
        raise typer.Exit(1)


def _line(check: Check) -> str:
    return f"{'ok ' if check.ok else 'BAD'} {check.name}: {check.detail}"
