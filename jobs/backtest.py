"""Follows forecasts with a capital, beside holding: ``python -m jobs.backtest --source ledger --threshold 0.55``."""

from typing import Annotated, Any, cast

import ray
import typer

from candlecast.evaluation.backtest_page import render_backtest
from candlecast.evaluation.backtest_words import figure_rows, part_rows, rules_words, summary
from candlecast.evaluation.report_words import as_lines
from candlecast.evaluation.sizing import Sizing, TradingRules
from cluster.connect import connect
from cluster.ingestion import book_share
from jobs.backtest_plan import BacktestPlan, ForecastSource
from jobs.entry import load_settings, run_command, show, with_market
from jobs.evaluation_plan import read_day, read_page
from jobs.page_file import plotly_script, write_text
from jobs.tasks import follow_forecasts

app = typer.Typer(add_completion=False)


@app.command()
def backtest(
    source: Annotated[str, typer.Option(help="ledger: forecasts that were served; or walk-forward")] = "ledger",
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizon: Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")] = 0,
    model: Annotated[str, typer.Option(help="whose forecasts of the ledger; default: the promoted model's")] = "",
    since: Annotated[str, typer.Option(help="first day, as 2020-03-01; default: all that there is")] = "",
    threshold: Annotated[float, typer.Option(help="P(up) from which on to buy; 1 - it: sell; 0.5 to 1")] = 0.5,
    sizing: Annotated[str, typer.Option(help="fixed, kelly or volatility")] = "fixed",
    fee_bps: Annotated[float, typer.Option(help="fee of buying or selling one unit, in bps")] = 10.0,
    slippage_bps: Annotated[float, typer.Option(help="how much worse than the open a fill is, in bps")] = 2.0,
    long_only: Annotated[bool, typer.Option("--long-only", help="never sell short")] = False,
    html: Annotated[str, typer.Option(help="file of the page to write, absolute")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Trade on forecasts over the stored candles, after costs, and print what came of it beside holding.

    Example: python -m jobs.backtest --source walk-forward --threshold 0.55 --html /tmp/backtest.html
    """
    page = read_page(html)
    rules = TradingRules(
        threshold=threshold,
        sizing=cast("Sizing", sizing),
        fee_bps=fee_bps,
        slippage_bps=slippage_bps,
        long_only=long_only,
    )
    followed = load_settings()
    settings = with_market(followed, symbols=symbols, timeframe=timeframe, horizon=horizon)
    plan = BacktestPlan(
        source=cast("ForecastSource", source),
        horizon=settings.market.horizon,
        rules=rules,
        model_id=model or None,
        since=read_day(since, option="since"),
    )
    connect(settings.cluster)
    book_share(followed)
    report: dict[str, Any] = ray.get(follow_forecasts.remote(settings, plan=plan))
    if page is not None:
        write_text(render_backtest(report, plotly_script=plotly_script()), page)
    for line in [] if as_json else _lines(report):
        typer.echo(line)
    told = summary(report) + (f"; page at {html}" if html else "")
    show(report, text=told, as_json=as_json)


def _lines(report: dict[str, Any]) -> list[str]:
    tables = [figure_rows(report), part_rows(report)]
    return [rules_words(report), *(line for rows in tables for line in ("", *as_lines(rows))), ""]


if __name__ == "__main__":
    run_command(app)
