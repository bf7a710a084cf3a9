"""The whole stack on one machine: servers from wheels, Ray, replay and page as children of one process."""

import asyncio
import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from candlecast.alerts.channels import check_channels
from candlecast.bootstrap import open_probe_venue, resolve_market
from candlecast.errors import CandlecastError, InvalidRequestError, StackError
from candlecast.key_desk import init_keys
from candlecast.market.sources import SourceDecision, decide_source
from candlecast.settings import Settings
from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from candlecast.storage.process import Child, spawn
from candlecast.upgrading import upgrade_schema
from cluster.bring_up import HttpAddress, bring_up, first_forecast
from cluster.environment import child_environment, client_environment, with_stack_addresses
from cluster.page_server import await_page
from cluster.ports import Ports, require_free_ports
from cluster.ray_head import ray_start_command, write_haproxy_wrapper
from cluster.replay_server import await_replay, replay_command
from cluster.scheduling.loop import keep_schedules
from cluster.scheduling.schedules import read_schedules
from cluster.stack_files import StackFiles, fresh_runtime_folder, held_lock, secret, stack_files
from cluster.stores import StoreKeeper
from cluster.submit import ClusterClient
from cluster.supervise import keep_ingesting
from cluster.sweep import MARKER, become_subreaper, reap_orphans, sweep

Say = Callable[[str], None]

_WATCH_INTERVAL_S = 0.5


def run(settings: Settings, *, say: Say) -> None:
    """Start the stack, say where it is, and keep it running until Ctrl-C or SIGTERM, which return.

    Parameters
    ----------
    settings : Settings
        Source, symbols, timeframe, folders and ports.
    say : callable
        Receives one line for the user at each step.

    Raises
    ------
    StackError
        When a part cannot start or ends by itself; names the part and what to do.
    """
    with held_lock(settings.stack.folder.resolve()), _signals_raise():
        try:
            with ExitStack() as parts:
                LocalStack(settings, parts=parts, say=say).run()
        except KeyboardInterrupt:
            say(f"stopped; the data stays in {settings.stack.folder}")
        finally:
            reap_orphans()


class LocalStack:
    """One run of the stack; every started part registers its stop with `parts`.

    Parameters
    ----------
    settings : Settings
        What the user asked for.
    parts : ExitStack
        Stops the parts in reverse order of their start.
    say : callable
        Receives lines for the user.
    """

    def __init__(self, settings: Settings, *, parts: ExitStack, say: Say) -> None:
        self._wanted = settings
        self._parts = parts
        self._say = say
        self._ports = Ports(settings.stack.port_offset)
        self._children: dict[str, Child] = {}
        self._stores = StoreKeeper(say=say)
        self._failures: queue.Queue[str] = queue.Queue()

    def run(self) -> None:
        """Start all parts in order, then watch them."""
        started_s = time.monotonic()
        check_channels(self._wanted.alerts.channels.get_secret_value())
        read_schedules(self._wanted)
        become_subreaper()
        os.environ[MARKER] = str(self._wanted.stack.folder.resolve())
        decision = asyncio.run(self._decide_source())
        files = stack_files(self._wanted, live=decision.live)
        if left := sweep(files.root):
            self._say(f"stopped {len(left)} processes that an earlier run left behind")
        require_free_ports(self._ports)
        self._parts.callback(sweep, files.root)
        settings = with_stack_addresses(self._wanted, files=files, ports=self._ports, decision=decision)
        self._environment = child_environment(settings, files=files, ports=self._ports)
        self._start_parts(settings, files)
        settings = settings.model_copy(update={"market": resolve_market(settings)})
        self._publish_environment(files)
        self._bring_up(settings, started_s=started_s)
        page = self._spawn("ui", [sys.executable, "-m", "ui"], files)
        self._parts.callback(page.stop)
        await_page(self._ports.url("ui"), page)
        self._say(self._addresses())
        if read_schedules(settings):
            self._keep_schedules(settings)
        self._watch()

    def _start_parts(self, settings: Settings, files: StackFiles) -> None:
        # Ray and the replay server take seconds to come up, so they start first; the stores stop last
        ray = self._spawn("ray", self._ray_command(settings, files), files)
        replay = self._start_replay(settings, files) if settings.replay.url else None
        self._start_stores(settings, files)
        if replay is not None:
            self._parts.callback(replay.stop)
            await_replay(settings.replay.url, replay)
        self._parts.callback(ray.stop)

    async def _decide_source(self) -> SourceDecision:
        wanted = self._wanted
        decision = await decide_source(wanted.market, replay=wanted.replay, open_venue=lambda: open_probe_venue(wanted))
        if decision.live and wanted.replay.faults is not None:
            raise InvalidRequestError("faults are shown by recorded candles only; add --source recorded")
        self._say(decision.banner or "Live candles.")
        return decision

    def _start_stores(self, settings: Settings, files: StackFiles) -> None:
        postgres = EmbeddedPostgres(
            files.data / "postgres", port=self._ports.of("postgres"), password=secret(files, "postgres-password")
        )
        self._parts.callback(postgres.stop)
        postgres.start()
        self._stores.keep("PostgreSQL", postgres)
        valkey = EmbeddedValkey(
            files.data / "redis", port=self._ports.of("redis"), password=secret(files, "redis-password")
        )
        self._parts.callback(valkey.stop)
        valkey.start()
        self._stores.keep("Valkey", valkey)
        upgrade_schema(settings)
        if settings.api.keys_required:
            init_keys(settings)

    def _start_replay(self, settings: Settings, files: StackFiles) -> Child:
        command = replay_command(settings, port=self._ports.of("replay"), state=files.data / "replay.json")
        return self._spawn("replay", command, files)

    def _ray_command(self, settings: Settings, files: StackFiles) -> list[str]:
        runtime = fresh_runtime_folder(files)
        self._parts.callback(shutil.rmtree, runtime, ignore_errors=True)
        write_haproxy_wrapper(runtime)
        return ray_start_command(ports=self._ports, num_cpus=settings.stack.num_cpus, temp_folder=runtime / "ray")

    def _publish_environment(self, files: StackFiles) -> None:
        files.environment.touch(mode=0o600)
        files.environment.write_text(json.dumps(client_environment(self._environment)))
        self._parts.callback(files.environment.unlink, missing_ok=True)

    def _bring_up(self, settings: Settings, *, started_s: float) -> None:
        done: queue.Queue[str | Exception] = queue.Queue()

        def work() -> None:
            try:
                address = HttpAddress(settings.api.host, self._ports.of("serve"))
                bring_up(settings, address=address, follow=True, say=self._say)
                self._keep_ingesting(settings)
                forecast = first_forecast(settings, settings.market)
            except (CandlecastError, OSError, RuntimeError) as error:
                done.put(error)
            else:
                done.put(f"{forecast.symbol} {forecast.timeframe}, P(up) {forecast.p_up:.3f}")

        threading.Thread(target=work, daemon=True, name="bring-up").start()
        while done.empty():
            self._check_children()
            time.sleep(0.1)
        outcome = done.get()
        if isinstance(outcome, Exception):
            raise StackError(str(outcome)) from outcome
        self._say(f"first forecast after {time.monotonic() - started_s:.1f} s: {outcome}")

    def _keep_ingesting(self, settings: Settings) -> None:
        cluster = ClusterClient(settings.cluster)
        self._in_background("ingest", lambda: keep_ingesting(cluster))

    def _keep_schedules(self, settings: Settings) -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(keep_schedules(settings))
        self._parts.callback(loop.call_soon_threadsafe, task.cancel)
        self._in_background("scheduler", lambda: loop.run_until_complete(task))

    def _in_background(self, name: str, work: Callable[[], None]) -> None:
        def watched() -> None:
            try:
                with suppress(asyncio.CancelledError):
                    work()
            except (CandlecastError, OSError, RuntimeError) as error:
                self._failures.put(f"{name} could not be kept running: {error}")

        threading.Thread(target=watched, daemon=True, name=name).start()

    def _spawn(self, name: str, command: list[str], files: StackFiles) -> Child:
        environment = {**os.environ, **self._environment}
        child = spawn(command, env=environment, log_file=files.logs / f"{name}.log", cwd=Path.cwd())
        self._children[name] = child
        return child

    def _check_children(self) -> None:
        for name, child in self._children.items():
            if not child.alive():
                raise StackError(
                    f"{name} ended by itself ({child.returncode}): {child.last_line()}; see {child.log_file}"
                )
        self._stores.look()
        if not self._failures.empty():
            raise StackError(self._failures.get())

    def _watch(self) -> None:
        while True:
            self._check_children()
            time.sleep(_WATCH_INTERVAL_S)

    def _addresses(self) -> str:
        return (
            f"page {self._ports.url('ui')}   API {self._ports.url('serve')}/docs   "
            f"Ray {self._ports.url('dashboard')}   stop with Ctrl-C"
        )


@contextmanager
def _signals_raise() -> Iterator[None]:
    # The first signal unwinds the stack; while it unwinds further ones are ignored, so that nothing is left behind.
    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
