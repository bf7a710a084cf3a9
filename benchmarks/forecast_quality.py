"""How good are the forecasts out of sample, beside their baselines and the published references?

``python benchmarks/forecast_quality.py --data DIR [--symbols A,B] [--train-symbols A,B,C] [--timeframe 1h]
[--horizons 1,4,24] [--folds 5] [--test-from 2020-03-01] [--rolling CANDLES] [--quick] [--json]``

Walk-forward with purge and embargo; one model over all symbols of the recording (or --train-symbols), judged on
--symbols. Without --data it runs on the daily stocks that ship. `ours` is the model, `peer` the named baseline;
above 1 the ratio is in our favour. On the hourly recording of 2017 to 2022, tested from 2020-03-01, the reference
figures and the bars of ``benchmarks/quality_references.py`` stand beside it as well.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from quality_references import references_of
from report import finish

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.full_report import Protocol, full_report
from candlecast.models.fitting import TrainingConfig
from candlecast.models.judging import judge
from candlecast.replay.recordings import Recording, load_recording

QUICK_CANDLES, QUICK_SYMBOLS = 5_000, 4
# metric: (baseline, higher is better)
PEERS = {
    "accuracy": ("majority", True),
    "balanced_accuracy": ("logistic", True),
    "auc": ("logistic", True),
    "top_decile_accuracy": ("logistic", True),
    "brier": ("majority", False),
    "log_loss": ("majority", False),
    "ece": ("logistic", False),
    "volatility_ic": ("histvol", True),
    **{f"coverage_{percent}": ("level", True) for percent in (50, 80, 90, 95)},
}
HEADLINE_LEVEL = "_90"

Row = dict[str, Any]


def main() -> None:
    options = _options()
    recording, judged = _load(options)
    panel = {name: series.candles for name, series in recording.series.items()}
    if options.quick:
        panel = {name: candles.tail(QUICK_CANDLES).reset_index(drop=True) for name, candles in panel.items()}
    rows: list[Row] = []
    for horizon in [int(text) for text in options.horizons.split(",")]:
        rows += _judge(panel, recording, judged=judged, horizon=horizon, options=options)
    shown = [row for row in rows if row["symbol"] == "pooled" or not row.keys() & {"tercile", "quarter", "rule"}]
    for row in [] if options.json else shown:
        bounds = f"  [{row['low']:.4f}, {row['high']:.4f}]" if row.get("low") is not None else ""
        peer = "" if row["peer"] is None else f"  {row['baseline']} {row['peer']:.4f}"
        ratio = "" if row["ratio"] is None else f"  ratio {row['ratio']:.3f}"
        part = row.get("tercile") or row.get("quarter") or row.get("rule") or ""
        ours = "undefined" if row["ours"] is None else f"{row['ours']:.4f}"
        name = f"h {row['horizon']:<2} {row['symbol']:10} {row['metric']:30} {part:23}"
        print(f"{name} {ours}{bounds}{peer}{ratio}  n {row['n']:,}")
    finish("forecast_quality", rows, as_json=options.json)


def _judge(
    panel: Mapping[str, pd.DataFrame],
    recording: Recording,
    *,
    judged: Sequence[str],
    horizon: int,
    options: argparse.Namespace,
) -> list[Row]:
    config = TrainingConfig(
        timeframe=recording.timeframe,
        horizon=horizon,
        n_folds=options.folds,
        test_start=datetime.fromisoformat(options.test_from).replace(tzinfo=UTC) if options.test_from else None,
        train_candles=options.rolling or None,
        nthread=options.threads,
    )
    started_s = time.perf_counter()
    found = judge(panel, config=config, symbols=judged)
    protocol = Protocol(recording.timeframe, horizon, options.folds, config.embargo_candles, config.train_candles)
    report = full_report(found.forecasts, protocol=protocol)
    facts = {"dataset": Path(recording.name).name, "horizon": horizon}
    rows = [facts | _row(figure) for figure in report["figures"]]
    known = references_of(recording.timeframe, test_from=options.test_from) if not options.quick else []
    rows += [facts | row for row in _reference_rows(report["figures"], known, horizon=horizon)]
    spent = {"metric": "judging_s", "symbol": "pooled", "ours": time.perf_counter() - started_s, "peer": None}
    spent |= {"ratio": None, "n": report["n_test"], "unit": "s", "higher_is_better": False}
    return [*rows, facts | spent]


def _row(figure: Mapping[str, Any]) -> Row:
    metric, value = figure["metric"], figure["value"]
    row = {"metric": metric, "symbol": figure["symbol"], "ours": value, "peer": None, "ratio": None}
    row |= {"low": figure["low"], "high": figure["high"], "n": figure["n"], "unit": "share", "higher_is_better": True}
    if metric.startswith("interval_score_vs_"):
        row |= {"metric": metric.removesuffix(HEADLINE_LEVEL), "peer": 1.0, "unit": "ratio", "higher_is_better": False}
        row["baseline"] = metric.removeprefix("interval_score_vs_").rpartition("_")[0]
    elif metric in PEERS:
        baseline, higher = PEERS[metric]
        row |= {"baseline": baseline, "peer": figure["beside"].get(baseline), "higher_is_better": higher}
    elif metric.startswith("edge"):
        row |= {
            "baseline": "always long",
            "peer": figure["beside"]["always long"],
            "unit": "bps",
            "rule": figure["part"],
        }
    elif metric.startswith("width"):
        row |= {"unit": "log return", "higher_is_better": False}
    kind, _, part = figure["part"].partition(" ")
    if kind in ("tercile", "quarter"):
        row[kind] = part
    if row["unit"] != "bps":
        row["ratio"] = _ratio(value, row["peer"], higher=bool(row["higher_is_better"]))
    return row


def _reference_rows(
    figures: Sequence[Mapping[str, Any]], known: Sequence[tuple[str, str, int, str, float]], *, horizon: int
) -> list[Row]:
    found = {(f["symbol"], f["metric"].removesuffix(HEADLINE_LEVEL)): f for f in figures if not f["part"]}
    rows = []
    for symbol, metric, ahead, kind, peer in known:
        figure = found.get((symbol, metric))
        if ahead != horizon or figure is None:
            continue
        row = _row(figure) | {"baseline": kind, "peer": peer}
        rows.append(row | {"ratio": _ratio(row["ours"], peer, higher=bool(row["higher_is_better"]))})
    return rows


def _ratio(ours: float | None, peer: float | None, *, higher: bool) -> float | None:
    if not ours or not peer:
        return None
    return ours / peer if higher else peer / ours


def _load(options: argparse.Namespace) -> tuple[Recording, list[str]]:
    judged, trained = ([name for name in text.split(",") if name] for text in (options.symbols, options.train_symbols))
    folder = Path(options.data) if options.data else None
    if options.quick and not trained:
        everything = judged or list(load_recording(folder, []).series)
        trained = everything[:QUICK_SYMBOLS]
        judged = [name for name in judged if name in trained]
    recording = load_recording(folder, sorted({*judged, *trained}) if trained else [])
    if options.timeframe and options.timeframe != recording.timeframe:
        raise InvalidRequestError(
            f"{recording.name} holds {recording.timeframe} candles, --timeframe was {options.timeframe}; "
            f"name a folder of {options.timeframe} candles with --data"
        )
    missing = [name for name in judged if name not in recording.series]
    if missing:
        raise InvalidRequestError(
            f"{', '.join(missing)} is not in {recording.name}; it holds {', '.join(recording.series)}"
        )
    return recording, judged


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="")
    parser.add_argument("--symbols", default="", help="judged, comma-separated; default: all that are trained on")
    parser.add_argument("--train-symbols", default="", help="learned from beside them; default: all of --data")
    parser.add_argument("--timeframe", default="", help="of the recording, checked when given")
    parser.add_argument("--horizons", default="1,4,24")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--test-from", default="", help="first tested day, as 2020-03-01; default: the last half")
    parser.add_argument("--rolling", type=int, default=0, help="candles that each fold learns from; 0: all before it")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
