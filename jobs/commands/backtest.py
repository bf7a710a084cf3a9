"""Trading on forecasts: submits the Ray Job of the same name and follows it."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.work import Horizon, Symbols, Timeframe, follow_job


def backtest(
    source: Annotated[str, typer.Option(help="ledger: forecasts that were served; or walk-forward")] = "ledger",
    symbols: Symbols = "",
    timeframe: Timeframe = "",
    horizon: Horizon = 0,
    model: Annotated[str, typer.Option(help="whose forecasts of the ledger; default: the promoted model's")] = "",
    since: Annotated[str, typer.Option(help="first day, as 2020-03-01; default: all that there is")] = "",
    threshold: Annotated[float, typer.Option(help="P(up) from which on to buy; 1 - it: sell; 0.5 to 1")] = 0.5,
    sizing: Annotated[str, typer.Option(help="fixed, kelly or volatility")] = "fixed",
    fee_bps: Annotated[float, typer.Option(help="fee of buying or selling one unit, in bps")] = 10.0,
    slippage_bps: Annotated[float, typer.Option(help="how much worse than the open a fill is, in bps")] = 2.0,
    long_only: Annotated[bool, typer.Option("--long-only", help="never sell short")] = False,
    html: Annotated[Path | None, typer.Option(help="page with all figures, written by the cluster")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Trade on forecasts over the stored candles, after costs, and print what came of it beside holding.

    Example: candlecast backtest --source walk-forward --threshold 0.55 --sizing kelly --html backtest.html
    """
    options: dict[str, object] = {"source": source, "symbols": symbols, "timeframe": timeframe, "model": model}
    options |= {"horizon": horizon or "", "since": since, "threshold": threshold, "sizing": sizing}
    options |= {"fee-bps": fee_bps, "slippage-bps": slippage_bps, "html": html.resolve() if html else ""}
    follow_job("backtest", options, "--long-only" if long_only else "", "--json" if as_json else "")
