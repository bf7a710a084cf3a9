"""Which benchmarks are there? How each is run, whom it is compared with, and which of its figures stand on the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One file of this folder.

    Parameters
    ----------
    name : str
        Of the file.
    question : str
        What it answers.
    full : tuple of str
        Arguments of a run that is not quick.
    takes : mapping of str to str
        Which input of the suite (data, texts, news) is handed on, and by which flag.
    needs : tuple of str
        Inputs without which it cannot run.
    metrics : tuple of str
        Figures that stand on the page; all if empty.
    only : mapping of str to Any
        What a row must say to stand on the page.
    limit_s, quick_limit_s : int
        Wall seconds after which a run is ended.
    """

    name: str
    question: str
    full: tuple[str, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    only: Mapping[str, Any] = field(default_factory=dict)
    limit_s: int = 3_600
    quick_limit_s: int = 300

    def arguments(self, *, quick: bool, given: Given) -> tuple[str, ...]:
        """Return what follows the file's name on the command line."""
        inputs = [part for name, flag in self.takes.items() if given.get(name) for part in (flag, *given[name])]
        return (*(("--quick",) if quick else self.full), *inputs, "--json")

    def lacks(self, given: Given) -> list[str]:
        """Return the inputs that are needed and not given."""
        return [name for name in self.needs if not given.get(name)]

    def shows(self, row: Mapping[str, Any], *, pooled: bool) -> bool:
        """Return whether a row stands on the page; parts of a whole do not, nor one symbol where all are pooled."""
        whole = not row.keys() & {"tercile", "quarter", "rule"} and (not pooled or row.get("symbol") == "pooled")
        wanted = all(row.get(name) == value for name, value in self.only.items())
        return whole and wanted and (not self.metrics or row["metric"] in self.metrics)


_CANDLES = {"data": "--data"}
_QUALITY = (
    *("accuracy", "auc", "top_decile_accuracy", "brier", "log_loss", "ece", "coverage_80", "coverage_90"),
    *("interval_score_vs_histvol", "interval_score_vs_har", "volatility_ic"),
)
_CAPACITY = (
    *("history_candles_per_s", "candle_write_s", "forecasts_s", "settle_s", "forecaster_mb"),
    *("candle_bytes", "ledger_row_bytes"),
)

BENCHMARKS = (
    Benchmark("start", "From nothing to the first forecast, and its memory", limit_s=2_400),
    Benchmark("ingest", "History from a venue into the database", takes=_CANDLES),
    Benchmark("freshness", "From the close of a candle to its row and its forecast", quick_limit_s=420),
    Benchmark("cache", "Answers that are there already"),
    Benchmark("features_speed", "Indicators of a history, and of one candle more", takes=_CANDLES),
    Benchmark("forecast_quality", "Forecasts out of sample", takes=_CANDLES, metrics=_QUALITY, limit_s=7_200),
    Benchmark("interval_kinds", "Ways to make intervals", takes=_CANDLES, only={"level": 0.9}, limit_s=7_200),
    Benchmark("model_shapes", "One model for all symbols?", takes=_CANDLES, metrics=("gain_nats",), limit_s=7_200),
    Benchmark("train_scale", "Training by two workers", takes=_CANDLES, limit_s=7_200, quick_limit_s=420),
    Benchmark("tune_speed", "Search of parameters", takes=_CANDLES),
    Benchmark("sentiment_quality", "Labels of texts", takes={"texts": "--data"}),
    Benchmark("sentiment_speed", "Texts a second"),
    Benchmark(
        "sentiment_value",
        "What news adds to forecasts",
        takes={"data": "--candles", "news": "--news"},
        needs=("data", "news"),
        limit_s=7_200,
        quick_limit_s=600,
    ),
    Benchmark("serve", "Forecasts over HTTP"),
    Benchmark("rollout", "Swaps, deployments and kills under load"),
    Benchmark("overload", "Four times as much as can be answered"),
    Benchmark("ui", "The page in a browser", quick_limit_s=420),
    Benchmark("capacity", "What a symbol costs", metrics=_CAPACITY),
    Benchmark(
        "growth",
        "What grows with the history",
        takes={"sizes": "--sizes"},
        metrics=("latest 500 candles, held", "forecasts of a close, held", "first forecasts, held"),
        limit_s=7_200,
    ),
)


# what the report that the program was planned by says of its own, and which figures answer it
CLAIMS = (
    (
        "starts in 45 s",
        "start",
        ("run_first_green_s", "run_again_green_s", "compose_first_green_s", "compose_again_green_s"),
    ),
    ("takes 150 to 300 MB a container", "start", ("compose_container_mb", "compose_memory_mb", "run_memory_mb")),
    ("92 % of cache reads are hits", "cache", ("hit_rate",)),
    ("from candle to forecast in less than 2 s", "freshness", ("candle_to_forecast_p95_s",)),
)


def chosen(names: str) -> list[Benchmark]:
    """Return the benchmarks of a comma-separated list, in the order of the suite; all of them if it is empty.

    Raises
    ------
    ValueError
        When one is not known; names those that are.
    """
    wanted = {name for name in names.split(",") if name}
    known = {benchmark.name for benchmark in BENCHMARKS}
    if strange := sorted(wanted - known):
        raise ValueError(f"no benchmark is called {', '.join(strange)}; there are {', '.join(sorted(known))}")
    return [benchmark for benchmark in BENCHMARKS if not wanted or benchmark.name in wanted]
