"""All benchmarks, one after the other: what they say, what they missed, what got worse since the run before.

``python benchmarks/suite.py [--quick] [--only A,B] [--resume] [--page docs/benchmarks.md] [--compare FILE]
[--data DIR] [--texts DIR] [--news FILE ...] [--sizes all]``

Each runs as a program of its own within a time limit, and one that fails stops none of the others. What was measured is
kept at once in `.candlecast/bench`, with each program's whole output; `--resume` goes on after a run that was cut off:
what was measured at the same commit in the same way is not measured again. At the end the page and a JSON file beside
it are written, whole or not at all. What this run left alone keeps its rows there, with their own date and commit.

The exit status is 1 if a benchmark failed or missed a bar. What got worse is told, and fails nothing: people judge it.
"""

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from report import ROOT
from suite_comparison import Comparison, Measured, compare
from suite_list import BENCHMARKS, Benchmark, chosen
from suite_page import page, summary
from suite_runs import Outcome, begun, measure, read_outcomes, write_outcomes, write_whole

KEPT = ROOT / ".candlecast" / "bench"
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    options = _options()
    # what a shell puts into the background ignores interrupts, and so would the benchmarks, which end by them
    signal.signal(signal.SIGINT, signal.default_int_handler)
    given = {"data": options.data, "texts": options.texts, "news": options.news, "sizes": options.sizes}
    KEPT.mkdir(parents=True, exist_ok=True)
    if not options.resume:
        for benchmark in options.only:
            _kept(benchmark).unlink(missing_ok=True)
    outcomes = [_outcome(benchmark, begun(benchmark, quick=options.quick, given=given)) for benchmark in options.only]
    before = read_outcomes(options.compare or _json_of(options.page or PAGE))
    # what could not be asked for this time takes nothing away
    now = {
        one.benchmark: _for_the_page(one) for one in outcomes if one.status != "left out" or one.benchmark not in before
    }
    compared = compare(_measured(before), _measured(now)) if before else None
    if options.page:
        whole = before if options.compare is None else read_outcomes(_json_of(options.page))
        write_page(options.page, whole | now, compared)
    _tell(compared)
    if bad := [f"{one.benchmark} ({one.status})" for one in outcomes if one.status in ("failed", "missed a bar")]:
        sys.exit(f"failed, or missed a bar: {', '.join(bad)}")


def write_page(path: Path, outcomes: Mapping[str, Outcome], compared: Comparison | None) -> None:
    """Write the page, and the file with which the next run compares."""
    order = [outcomes[benchmark.name] for benchmark in BENCHMARKS if benchmark.name in outcomes]
    write_outcomes(_json_of(path), order)
    write_whole(path, page(outcomes, compared))


def _kept(benchmark: Benchmark) -> Path:
    return KEPT / f"{benchmark.name}.json"


def _outcome(benchmark: Benchmark, run: Outcome) -> Outcome:
    found = read_outcomes(_kept(benchmark)).get(benchmark.name)
    if found and settled(found, run):
        print(f"{benchmark.name}: measured at {found.date}", flush=True)
        return found
    if not run.said:
        print(f"{benchmark.name}: {benchmark.question} …", flush=True)
        limit_s = benchmark.quick_limit_s if run.form == "quick" else benchmark.limit_s
        run = measure(run, limit_s=limit_s, folder=KEPT)
    write_outcomes(_kept(benchmark), [run])
    print(summary(benchmark, run), flush=True)
    return run


def settled(found: Outcome, run: Outcome) -> bool:
    """Return whether what was found need not be measured again for `run`."""
    return found.status in ("measured", "missed a bar") and found.is_run_of(run)


def _for_the_page(outcome: Outcome) -> Outcome:
    [benchmark] = chosen(outcome.benchmark)
    return replace(outcome, results=outcome.shown(benchmark))


def _measured(outcomes: Mapping[str, Outcome]) -> list[Measured]:
    return [Measured(one.benchmark, one.form, one.arguments, one.machine, one.results) for one in outcomes.values()]


def _tell(compared: Comparison | None) -> None:
    if compared is None:
        print("nothing to compare with")
        return
    for name, lines in (("better", compared.better), ("worse", compared.worse)):
        print(f"{name} by more than the noise: {len(lines)} of {compared.n_compared}")
        print("\n".join(f"  {line}" for line in lines), end="\n" if lines else "")


def _json_of(page: Path) -> Path:
    return page.with_suffix(".json")


def _benchmarks(names: str) -> Sequence[Benchmark]:
    try:
        return chosen(names)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the quick form of each")
    parser.add_argument("--only", type=_benchmarks, default="", help="names, comma-separated; default: all")
    parser.add_argument("--resume", action="store_true", help="keep what a run that was cut off has measured")
    parser.add_argument("--page", type=Path, help="Markdown page that is written, its JSON beside it")
    parser.add_argument("--compare", type=Path, help="JSON of the run before; default: the one beside the page")
    parser.add_argument("--data", nargs="*", default=[], help="folders of recorded candles instead of generated ones")
    parser.add_argument("--texts", nargs="*", default=[], help="labelled texts: CSV with text,label, or folders")
    parser.add_argument("--news", nargs="*", default=[], help="CSV files of published_at,title")
    parser.add_argument("--sizes", nargs=1, default=[], help="of growth.py; all: to 100 million candles, 20 GB of disk")
    return parser.parse_args()


if __name__ == "__main__":
    main()
