"""How good are the forecasts out of sample, beside their baselines?

``python benchmarks/forecast_quality.py --data DIR [--symbols A,B] [--horizon 1] [--folds 3]
[--test-start DAY] [--quick] [--json]``

Walk-forward with purge and embargo over the last half of the history; without --data it runs on the
daily stocks that ship. `ours` is the model, `peer` the named baseline; above 1 the ratio is in our favour.
"""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from report import commit, machine

from candlecast.models.fitting import TrainingConfig
from candlecast.models.training import train
from candlecast.replay.recordings import load_recording

QUICK_CANDLES = 6_000
DIRECTION = {
    # metric: (key, baseline, higher is better)
    "accuracy": ("accuracy", "majority", True),
    "auc": ("auc", "logistic", True),
    "top_decile_accuracy": ("top_decile_accuracy", "logistic", True),
    "brier": ("brier", "majority", False),
    "log_loss": ("log_loss", "majority", False),
    "ece": ("calibration_error", "logistic", False),
}


def main() -> None:
    options = _options()
    names = [name for name in options.symbols.split(",") if name]
    recording = load_recording(Path(options.data) if options.data else None, names)
    panel = {
        name: series.candles.tail(QUICK_CANDLES if options.quick else len(series.candles))
        for name, series in recording.series.items()
    }
    start = datetime.fromisoformat(options.test_start).replace(tzinfo=UTC) if options.test_start else None
    config = TrainingConfig(
        timeframe=recording.timeframe, horizon=options.horizon, n_folds=options.folds, test_start=start
    )
    result = train(panel, config=config)
    rows = _direction_rows(result.metrics) + _interval_rows(result.metrics) + _volatility_rows(result.metrics)
    rows = [{"dataset": recording.name, "symbol": "pooled", "horizon": options.horizon} | row for row in rows]
    rows += _symbol_rows(result.metrics, dataset=recording.name, horizon=options.horizon)
    if options.json:
        run = {"benchmark": "forecast_quality", "commit": commit(), "machine": machine()}
        print(json.dumps(run | {"results": rows}))
        return
    for row in rows:
        bounds = f"  [{row['low']:.4f}, {row['high']:.4f}]" if "low" in row else ""
        peer = "" if row["peer"] is None else f"  {row['baseline']} {row['peer']:.4f}  ratio {row['ratio']:.3f}"
        print(f"{row['symbol']:10} {row['metric']:26} {row['ours']:.4f}{bounds}{peer}  n {row['n']:,.0f}")


def _direction_rows(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    model = metrics["direction"]["model"]
    for metric, (key, baseline, higher) in DIRECTION.items():
        row = _row(metric, model[key], metrics["direction"][baseline][key], baseline=baseline, higher=higher)
        row["n"] = model["n"]
        if metric == "accuracy":
            row |= {"low": model["accuracy_low"], "high": model["accuracy_high"]}
        rows.append(row)
    return rows


def _interval_rows(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for level, interval in metrics["intervals"].items():
        percent = round(100 * float(level))
        rows.append(_row(f"coverage_{percent}", interval["coverage"], float(level), baseline="level", higher=True))
        ratio = interval["winkler_to_histvol"]
        row = {"metric": f"interval_score_vs_histvol_{percent}", "ours": ratio, "peer": 1.0, "ratio": 1 / ratio}
        rows.append(row | {"baseline": "histvol", "unit": "ratio", "higher_is_better": False})
    return [{"n": metrics["n_test"]} | row for row in rows]


def _volatility_rows(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    volatility = metrics["volatility"]
    row = _row("volatility_ic", volatility["sigma"], volatility["histvol"], baseline="histvol", higher=True)
    return [{"n": metrics["n_test"]} | row]


def _symbol_rows(metrics: dict[str, Any], *, dataset: str, horizon: int) -> list[dict[str, Any]]:
    rows = []
    for symbol, brief in metrics["per_symbol"].items():
        for metric in ("accuracy", "auc"):
            row = {"dataset": dataset, "symbol": symbol, "horizon": horizon, "metric": metric, "ours": brief[metric]}
            rows.append(row | {"peer": None, "ratio": None, "n": brief["n"], "unit": "share", "higher_is_better": True})
    return rows


def _row(metric: str, ours: float, peer: float, *, baseline: str, higher: bool) -> dict[str, Any]:
    ratio = ours / peer if higher else peer / ours
    return {
        "metric": metric, "ours": ours, "peer": peer, "ratio": ratio, "baseline": baseline, "unit": "share",
        "higher_is_better": higher,
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="")
    parser.add_argument("--symbols", default="")
    parser.add_argument("--horizon", type=int, default=1)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--test-start", default="", help="first tested day, as 2020-03-01; empty: the last half")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
