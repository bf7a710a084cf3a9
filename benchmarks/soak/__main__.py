"""Runs the whole stack for days of market time under readers and faults, and judges what was seen.

``python -m benchmarks.soak [--short] [--hours 10] [--seed 1] [--out soak-report]``

Prints every figure beside its bar, writes ``report.json`` and ``report.html``, and ends with 1 where a bar was missed
or the run was broken off; the report is written then, too. See docs/soak.md.
"""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from benchmarks.soak.course import run_soak
from benchmarks.soak.extent import FULL, SHORT, Extent, partial


def main() -> int:
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_once)
    result = run_soak(_extent(options), seed=options.seed, out=options.out.resolve())
    for figure in result.figures:
        print(figure.line, flush=True)
    print(f"\n{result.verdict}; {options.out / 'report.html'}", flush=True)
    return 0 if result.held else 1


def _end_once(_number: int, _frame: FrameType | None) -> None:
    # everything is stopped and the report is written; who is told twice does that only once
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _extent(options: argparse.Namespace) -> Extent:
    if options.short:
        return SHORT
    return FULL if options.hours is None else partial(options.hours)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="two minutes, one stack, fewer faults, bars of its own")
    parser.add_argument("--hours", type=float, help="market hours, default 72: a minute each")
    parser.add_argument("--seed", type=int, default=1, help="of candles, questions and faults")
    parser.add_argument("--out", type=Path, default=Path("soak-report"), help="folder of the report and the logs")
    options = parser.parse_args()
    if options.hours is not None and not 1 <= options.hours <= 720:
        parser.error(f"--hours must be from 1 to 720, was {options.hours:g}")
    return options


if __name__ == "__main__":
    sys.exit(main())
