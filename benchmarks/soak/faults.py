"""Does what the plan says, in its time, and writes down what was done."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from benchmarks.soak.disk import filled
from benchmarks.soak.plan import Act, Plan
from benchmarks.soak.processes import pids_of
from benchmarks.soak.world import REPLICAS, Stack

_ASK_S, _BACK_LIMIT_S = 0.25, 60.0
_ANSWER_S = 10.0
# of an act that names a process: its group, and how many of it there shall be again
_VICTIMS = {
    "kill_api": ("api", REPLICAS["num_replicas"]),
    "kill_forecaster": ("forecaster", REPLICAS["num_replicas"]),
    "kill_ingest_actor": ("ingest actor", 1),
    "kill_supervisor": ("supervisor", 1),
    "kill_duties": ("duties", 1),
    "kill_worker": ("worker", 0),
    "kill_redis": ("redis", 1),
    "kill_postgres": ("postgres", 1),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, from when to when in wall seconds of the course; `problem` is "" when it went as planned."""

    kind: str
    stack: int
    began_s: float
    ended_s: float
    told: str
    problem: str = ""


class FaultRun:
    """Acts of a plan on running stacks, each in a thread of its own.

    Parameters
    ----------
    stacks : sequence of Stack
        In the order of the plan.
    plan : Plan
        What to do.
    disk : str
        Why the disk cannot be filled, "" when it can.
    """

    def __init__(self, stacks: Sequence[Stack], plan: Plan, *, disk: str) -> None:
        self._stacks = stacks
        self._plan = plan
        self._disk = disk
        self._stopping = threading.Event()
        self._began_s = time.monotonic()
        self.deeds: list[Deed] = []
        self._threads = [threading.Thread(target=self._wait_and_do, args=(act,), daemon=True) for act in plan.acts]

    def start(self) -> None:
        """Give the replay servers their scripts, and begin."""
        self._began_s = time.monotonic()
        for stack, script in zip(self._stacks, self._plan.scripts, strict=True):
            httpx2.post(f"{stack.ports.url('replay')}/faults", json=script, trust_env=False).raise_for_status()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, end what lasts, and let the venues tell the truth."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_BACK_LIMIT_S)
        for stack in self._stacks:
            httpx2.delete(f"{stack.ports.url('replay')}/faults", trust_env=False).raise_for_status()

    def _wait_and_do(self, act: Act) -> None:
        if self._stopping.wait(max(0.0, self._began_s + act.at_s - time.monotonic())):
            return
        began_s = time.monotonic() - self._began_s
        told, problem = "", ""
        try:
            told = self._do(act)
        except (httpx2.HTTPError, OSError, LookupError, ValueError, TimeoutError) as error:
            problem = f"{type(error).__name__}: {error}"
        ended_s = time.monotonic() - self._began_s
        self.deeds.append(Deed(act.kind, act.stack, began_s, ended_s, told, problem))

    def _do(self, act: Act) -> str:
        stack = self._stacks[act.stack]
        if act.kind == "fill_disk":
            return self._fill(stack, act.length_s)
        if act.kind in _VICTIMS:
            return self._kill(stack, act)
        return self._retrain(stack) if act.kind == "retrain" else self._promote(stack)

    def _kill(self, stack: Stack, act: Act) -> str:
        group, n_again = _VICTIMS[act.kind]
        victims = pids_of(stack.processes, group)
        if not victims:
            raise LookupError(f"no process of group {group} ran")
        victim = victims[int(act.draw * len(victims))]
        os.kill(victim, signal.SIGKILL)
        killed_s = time.monotonic()
        self._until(lambda: len(set(pids_of(stack.processes, group)) - {victim}) >= n_again, f"{group} is back")
        return f"pid {victim}, a new one after {time.monotonic() - killed_s:.1f} s"

    def _fill(self, stack: Stack, length_s: float) -> str:
        if self._disk:
            raise LookupError(self._disk)
        with filled(stack.folder.parent):
            self._stopping.wait(length_s)
        return f"no room for {length_s:g} s"

    def _retrain(self, stack: Stack) -> str:
        def submit() -> dict[str, Any] | None:
            answer = httpx2.post(_url(stack, "/v1/jobs/train"), json={}, timeout=_ANSWER_S, trust_env=False)
            return dict(answer.json()) if answer.status_code == 202 else None

        order = self._until(submit, "a training is taken")
        return f"job {order['id']}"

    def _promote(self, stack: Stack) -> str:
        def newest() -> str | None:
            path = f"/v1/models?status=candidate&timeframe={stack.market.timeframe}&horizon=1"
            answer = httpx2.get(_url(stack, path), timeout=_ANSWER_S, trust_env=False)
            items = answer.json()["items"] if answer.status_code == 200 else []
            return str(items[0]["id"]) if items else None

        def promoted() -> bool:
            path = f"/v1/models/{model_id}/promote"
            answer = httpx2.post(_url(stack, path), timeout=_ANSWER_S, trust_env=False)
            return answer.status_code == 200

        model_id = self._until(newest, "a challenger is there")
        self._until(promoted, f"{model_id} is promoted")
        return f"model {model_id}"

    def _until(self, found: Callable[[], Any], what: str) -> Any:
        deadline_s = time.monotonic() + _BACK_LIMIT_S
        while time.monotonic() < deadline_s:
            try:
                if result := found():
                    return result
            except httpx2.TransportError:
                # whoever answers may be among the killed
                pass
            time.sleep(_ASK_S)
        raise TimeoutError(f"it did not come within {_BACK_LIMIT_S:g} s that {what}")


def _url(stack: Stack, path: str) -> str:
    return f"{stack.ports.url('serve')}{path}"
