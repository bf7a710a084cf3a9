"""In which order the steps of a training run, here or on the cluster; nothing heavy is imported by the driver."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, Protocol

from candlecast.job_progress import JobProgress
from candlecast.settings import Settings
from jobs.training.request import TrainingRequest

_STEPS = "jobs.training.steps"
_END = "jobs.training.end"


class Workers(Protocol):
    """Who does the steps."""

    def submit(self, step: str, *arguments: Any, n_results: int = 1) -> Any:
        """Begin a step, named ``module:function``; return a handle, or one for each of its results."""
        ...

    def get(self, handle: Any) -> Any:
        """Wait for a result."""
        ...

    def as_done(self, handles: Sequence[Any]) -> Iterator[Any]:
        """Yield handles as their steps end."""
        ...


class Here:
    """Does each step at once, in this process."""

    def submit(self, step: str, *arguments: Any, n_results: int = 1) -> Any:
        """Do the step."""
        return run_step(step, *arguments)

    def get(self, handle: Any) -> Any:
        """Return what `submit` returned."""
        return handle

    def as_done(self, handles: Sequence[Any]) -> Iterator[Any]:
        """Yield all."""
        yield from handles


def run_step(step: str, *arguments: Any) -> Any:
    """Do the step named ``module:function``."""
    module, name = step.split(":")
    return getattr(import_module(module), name)(*arguments)


def run_training(
    settings: Settings, request: TrainingRequest, *, workers: Workers, say: Callable[[str], None]
) -> dict[str, Any]:
    """Train, judge, register, and promote what deserves it.

    Parameters
    ----------
    settings : Settings
        Market, database and folder of artefacts.
    request : TrainingRequest
        How.
    workers : Workers
        Who does the steps: symbols side by side, then folds and the final fit side by side.
    say : callable
        Receives a line of progress at each step.

    Returns
    -------
    dict
        From `jobs.training.end.finish`; with ``if_missing`` and a promoted model its id alone.

    Raises
    ------
    CandlecastError
        What a step raised.
    """
    begun = workers.submit(f"{_STEPS}:begin", settings, request)
    plan = workers.get(workers.submit(f"{_STEPS}:outline", begun))
    champion = plan["champion"]
    if request.if_missing and champion is not None:
        return {"summary": f"model {champion} is promoted already", "model_id": champion, "promoted": True}
    steps = _Steps(workers, say, total=2 * len(plan["symbols"]) + plan["n_folds"] + 1)
    surveyed, rows, skipped = _build_rows(steps, begun, plan["symbols"])
    # the longest first, so that no worker waits at the end
    model = workers.submit(f"{_STEPS}:fit", begun, surveyed, rows)
    judged = {
        number: workers.submit(f"{_STEPS}:judge", begun, surveyed, rows, number)
        for number in range(plan["n_folds"], 0, -1)
    }
    steps.wait([model, *judged.values()], "fits")
    folds = [judged[number] for number in sorted(judged)]
    result: dict[str, Any] = workers.get(workers.submit(f"{_END}:finish", begun, surveyed, skipped, model, *folds))
    return result


class _Steps:
    def __init__(self, workers: Workers, say: Callable[[str], None], *, total: int) -> None:
        self.workers = workers
        self._say = say
        self._done, self._total = 0, total

    def wait(self, handles: Sequence[Any], what: str) -> None:
        for number, _ in enumerate(self.workers.as_done(handles), start=1):
            self._done += 1
            note = f"{what} {number} of {len(handles)}"
            self._say(JobProgress(done=self._done, total=self._total, unit="steps", note=note).line())


def _build_rows(steps: _Steps, begun: Any, symbols: Sequence[str]) -> tuple[Any, Any, dict[str, str]]:
    workers = steps.workers
    candles = {name: workers.submit(f"{_STEPS}:read", begun, name) for name in symbols}
    steps.wait(list(candles.values()), "symbols read")
    surveyed = workers.submit(f"{_STEPS}:survey", begun, *candles.values())
    names = workers.get(workers.submit(f"{_STEPS}:names_of", surveyed))
    built = {
        name: workers.submit(f"{_STEPS}:build", begun, surveyed, name, candles[name], n_results=2) for name in names
    }
    steps.wait([reason for _, reason in built.values()], "symbols built")
    skipped = {name: why for name, (_, reason) in built.items() if (why := workers.get(reason))}
    rows = workers.submit(f"{_STEPS}:assemble", "; ".join(skipped.values()), *(block for block, _ in built.values()))
    return surveyed, rows, skipped
