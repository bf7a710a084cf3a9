"""Do forecasts gain by news?

``python benchmarks/sentiment_value.py --candles DIR --news FILE [FILE …] [--symbols A,B] [--engine lexicon]
[--start DAY] [--end DAY] [--horizon 1] [--quick] [--json]``

The same walk-forward, with purge and embargo, trains the same model on the same rows twice: on price columns alone and
with the news columns behind them, each time with several seeds whose forecasts are averaged. Articles count as known
ten minutes after their publication, near-duplicates once. What is printed is the difference, with news minus without,
whatever its sign, and its 95 % interval from a bootstrap of whole days, the same days on both sides, and of the seeds:
one seed against another may differ more than news does. The regression behind the intervals takes no news;
`delta_volatility_ic` says what it would gain if it did.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from news_archive import read_stories
from report import finish

from candlecast.evaluation.metrics import Array, auc, spearman
from candlecast.evaluation.walk_forward import Fold
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES, WARM_UP_CANDLES
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.news import PanelNews
from candlecast.models.rows import PanelRows, collect_rows
from candlecast.models.volatility import DESIGN
from candlecast.replay.recordings import load_recording
from candlecast.sentiment.engines import open_engine
from candlecast.settings import Settings

VOLATILITY_NEWS = ("news_count", "news_dispersion", "news_negative_share", "news_known")
SIDES = ("with", "without")
N_SEEDS = 8
BOOTSTRAP_SEED = 11

Seeds = npt.NDArray[np.int64]


def main() -> None:
    options = _options()
    settings = Settings(_env_file=None).sentiment
    engine = open_engine(options.engine, settings)
    names = options.symbols.split(",")
    panel = _panel(options, names)
    news = PanelNews(read_stories(options.news, engine, names), (engine.name, engine.version))
    config = TrainingConfig(
        timeframe="1h", horizon=options.horizon, n_folds=2 if options.quick else 5, test_share=0.6, nthread=1
    )
    rows, _ = collect_rows(panel, timeframe="1h", horizon=options.horizon, news=news)
    judged = judge(rows, config=config)
    found = list(_rows(judged, n_resamples=100 if options.quick else 1_000))
    shared = {"dataset": "+".join(path.parent.name for path in options.news), "engine": engine.name}
    results = [shared | {"horizon": options.horizon} | row for row in found]
    if not options.json:
        _print(results, news=news, rows=rows)
    finish("sentiment_value", results, as_json=options.json)


def judge(rows: PanelRows, *, config: TrainingConfig) -> pd.DataFrame:
    """Return one row for each tested candle: what both sides said, seed by seed, and what happened.

    Parameters
    ----------
    rows : PanelRows
        With news columns behind those of prices.
    config : TrainingConfig
        The walk-forward and how to fit.
    """
    plain = replace(rows, features=rows.features[:, : len(FEATURE_NAMES)], feature_names=FEATURE_NAMES, scored_by=())
    parts = []
    for fold in config.walk_forward().split(rows.closes, pd.DatetimeIndex(rows.targets["target_time"])):
        test = rows.known(fold.test)
        part = {"symbol": np.array(rows.names)[rows.symbol[test]], "day": rows.closes[test].floor("D")}
        part |= {name: rows.column(name)[test] for name in ("direction", "log_return", "realised_volatility")}
        for side, seen in zip(SIDES, (rows, plain), strict=True):
            part[f"sigma_{side}"] = _log_sigma(seen, fold=fold)
            for seed in range(N_SEEDS):
                model = fit_model(seen, train=fold.train, config=replace(config, seed=seed))
                part[f"p_{side}_{seed}"] = model.p_up(seen.features[test])
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def _log_sigma(rows: PanelRows, *, fold: Fold) -> Array:
    terms = [name for name in (*DESIGN, *VOLATILITY_NEWS) if name in rows.feature_names]
    places = [rows.feature_names.index(name) for name in terms]
    design = np.nan_to_num(np.column_stack([np.ones(len(rows.features)), rows.features[:, places]]))
    target = rows.column("range_volatility")
    train = fold.train[np.isfinite(target[fold.train])]
    weights = np.linalg.lstsq(design[train], target[train], rcond=None)[0]
    return np.asarray(design[rows.known(fold.test)] @ weights, dtype=np.float64)


def _rows(judged: pd.DataFrame, *, n_resamples: int) -> Iterator[dict[str, Any]]:
    for symbol, part in [("pooled", judged), *judged.groupby("symbol")]:
        found = _differences(part, seeds={side: np.arange(N_SEEDS) for side in SIDES})
        draws = [_differences(sample, seeds=seeds) for sample, seeds in _samples(part, n_resamples)]
        for metric, unit, higher in (("auc", "AUC", True), ("brier", "Brier", False), ("volatility_ic", "IC", True)):
            low, high = np.quantile([draw[f"delta_{metric}"] for draw in draws], [0.025, 0.975])
            yield {
                "metric": f"delta_{metric}", "symbol": str(symbol), "ours": found[f"delta_{metric}"], "peer": None,
                "ratio": None, "low": float(low), "high": float(high), "unit": unit, "n": len(part),
                "higher_is_better": higher, "with_news": found[f"with_{metric}"],
                "without_news": found[f"without_{metric}"],
            }  # fmt: skip


def _differences(judged: pd.DataFrame, *, seeds: dict[str, Seeds]) -> dict[str, float]:
    values = {name: judged[name].to_numpy() for name in judged.columns}
    found: dict[str, float] = {}
    for side in SIDES:
        p = np.mean([values[f"p_{side}_{seed}"] for seed in seeds[side]], axis=0)
        sigma = values[f"sigma_{side}"]
        found[f"{side}_auc"] = auc(p, values["direction"])
        found[f"{side}_brier"] = float(np.mean((p - values["direction"]) ** 2))
        found[f"{side}_volatility_ic"] = spearman(sigma, values["realised_volatility"])
    return found | {
        f"delta_{metric}": found[f"with_{metric}"] - found[f"without_{metric}"]
        for metric in ("auc", "brier", "volatility_ic")
    }


def _samples(judged: pd.DataFrame, n_resamples: int) -> Iterator[tuple[pd.DataFrame, dict[str, Seeds]]]:
    days = [np.asarray(rows) for rows in judged.groupby("day").indices.values()]
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    for _ in range(n_resamples):
        drawn = rng.integers(0, len(days), len(days))
        seeds = {side: rng.integers(0, N_SEEDS, N_SEEDS) for side in SIDES}
        yield judged.iloc[np.concatenate([days[day] for day in drawn])], seeds


def _print(results: list[dict[str, Any]], *, news: PanelNews, rows: PanelRows) -> None:
    score = rows.features[:, rows.feature_names.index(NEWS_FEATURE_NAMES[0])].astype(np.float64)
    told = ", ".join(f"{name} {len(stories.score):,}" for name, stories in news.stories.items())
    ic = spearman(score, rows.column("log_return"))
    print(f"stories scored by {news.scored_by[0]}: {told}; rank correlation of score and next return {ic:+.3f}")
    for row in results:
        sides = f"with {row['with_news']:.4f}, without {row['without_news']:.4f}"
        verdict = "a gain" if _gains(row) else "no gain shown"
        print(
            f"{row['symbol']:9} {row['metric']:20} {row['ours']:+.5f} [{row['low']:+.5f}, {row['high']:+.5f}]  "
            f"{sides}  n {row['n']:,}  {verdict}"
        )


def _gains(row: dict[str, Any]) -> bool:
    return bool(row["low"] > 0 if row["higher_is_better"] else row["high"] < 0)


def _panel(options: argparse.Namespace, names: list[str]) -> dict[str, pd.DataFrame]:
    start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (options.start, options.end))
    recording = load_recording(options.candles, names)
    first = start - timedelta(hours=WARM_UP_CANDLES)
    taken = {name: series.candles for name, series in recording.series.items()}
    return {
        name: candles[(candles["open_time"] >= first) & (candles["close_time"] <= end)].reset_index(drop=True)
        for name, candles in taken.items()
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candles", type=Path, required=True, help="folder of hourly candles, BTC_USDT.csv.gz")
    parser.add_argument("--news", type=Path, nargs="+", required=True, help="CSV(.gz) of published_at,title")
    parser.add_argument("--symbols", default="BTC/USDT,ETH/USDT")
    parser.add_argument("--engine", default="", help="empty: the one that scores the news")
    parser.add_argument("--start", default="2021-11-01")
    parser.add_argument("--end", default="2022-10-01")
    parser.add_argument("--horizon", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.engine = options.engine or Settings(_env_file=None).sentiment.engine
    return options


if __name__ == "__main__":
    main()
