"""What became of each benchmark, kept as soon as it is known: run as a program of its own, within a time limit."""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from report import ROOT, commit, machine
from suite_list import Benchmark

from candlecast.storage.process import spawn

Status = Literal["measured", "missed a bar", "failed", "left out"]

LIBRARIES = ("ray", "xgboost-cpu", "pandas", "numpy", "onnxruntime", "fastapi", "gradio")
_LOOK_S, _END_S = 3.0, 60.0
_BEGINNING = '{"benchmark"'
# a shell may say much about Candlecast and Ray that a benchmark would take for its own
_STRANGE = ("CANDLECAST_", "RAY_", "OMP_", "CC_")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One benchmark's figures and how they came about.

    Parameters
    ----------
    form : {"quick", "full"}
        Which kind of run.
    others_cpus : float
        How many CPUs were taken by other work in the seconds before it began.
    said : str
        Why there are no figures, or which bar was missed; "" otherwise.
    """

    benchmark: str
    status: Status
    form: str
    arguments: Sequence[str]
    date: str
    took_s: float = 0.0
    others_cpus: float = 0.0
    commit: str = ""
    machine: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    results: Sequence[Mapping[str, Any]] = ()
    said: str = ""

    def is_run_of(self, other: "Outcome") -> bool:
        """Return whether both ran the same code in the same way, so that one need not be measured again."""
        ours, theirs = ((one.benchmark, one.form, tuple(one.arguments), one.commit) for one in (self, other))
        return ours == theirs

    def shown(self, benchmark: Benchmark) -> list[Mapping[str, Any]]:
        """Return the rows that stand on the page."""
        pooled = any(row.get("symbol") == "pooled" for row in self.results)
        return [row for row in self.results if benchmark.shows(row, pooled=pooled)]


def begun(benchmark: Benchmark, *, quick: bool, given: Mapping[str, Sequence[str]]) -> Outcome:
    """Return what is known of a run before it: without the inputs that it needs it is left out."""
    lacks, form = benchmark.lacks(given), "quick" if quick else "full"
    said = f"needs {', '.join(f'--{name}' for name in lacks)}" if lacks else ""
    arguments, date = benchmark.arguments(quick=quick, given=given), datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    return Outcome(benchmark.name, "left out", form, arguments, date, commit=commit(), said=said)


def measure(run: Outcome, *, limit_s: float, folder: Path) -> Outcome:
    """Run a benchmark and return what it said; its output stays in `folder`."""
    others, log_file = _others_cpus(), folder / f"{run.benchmark}.log"
    log_file.unlink(missing_ok=True)
    command = [sys.executable, ROOT / "benchmarks" / f"{run.benchmark}.py", *run.arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGE)}
    # as by Ctrl-C, it stops its servers; these end with it in any case
    ends = {"stop_signal": signal.SIGINT, "on_parent_death": signal.SIGINT}
    started_s = time.monotonic()
    child = spawn(command, log_file=log_file, env=environment, cwd=ROOT, **ends)
    try:
        code = child.returncode if child.wait(limit_s) else None
    finally:
        child.stop(_END_S)
    known = asdict(run) | {"took_s": round(time.monotonic() - started_s, 1), "others_cpus": round(others, 1)}
    known |= {"machine": machine(), "versions": {name: version(name) for name in LIBRARIES}}
    return judged(known, log_file.read_text(errors="replace"), code=code, limit_s=limit_s)


def judged(known: Mapping[str, Any], log: str, *, code: int | None, limit_s: float) -> Outcome:
    """Return the outcome of a run that said `log` and ended with `code`, None: at its limit."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    told = next((json.loads(line) for line in reversed(lines) if line.startswith(_BEGINNING)), None)
    last = next((line for line in reversed(lines) if not line.startswith(_BEGINNING)), "it said nothing")
    if code is None or told is None:
        said = f"ended at its limit of {limit_s:g} s" if code is None else f"exit status {code}: {last[:400]}"
        return Outcome(**{**known, "status": "failed", "said": said})
    missed = "; ".join(line for line in lines if ": missed: " in line)
    status: Status = "missed a bar" if missed else "measured" if code == 0 else "failed"
    said = missed or ("" if code == 0 else last[:400])
    return Outcome(**{**known, "status": status, "said": said, "results": told["results"]})


def read_outcomes(path: Path) -> dict[str, Outcome]:
    """Return outcomes by benchmark from a file of `write_json`; none where there is no file."""
    if not path.exists():
        return {}
    return {found["benchmark"]: Outcome(**found) for found in json.loads(path.read_text())["outcomes"]}


def write_outcomes(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write outcomes, whole or not at all."""
    write_whole(path, json.dumps({"outcomes": [asdict(one) for one in outcomes]}, indent=1) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file that nobody ever sees half of."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text)
    beside.replace(path)


def _others_cpus() -> float:
    before_s, began_s = _busy_s(), time.monotonic()
    time.sleep(_LOOK_S)
    return (_busy_s() - before_s) / (time.monotonic() - began_s)


def _busy_s() -> float:
    # user, nice, system; interrupts and what a hypervisor took are nobody's work
    ticks = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
