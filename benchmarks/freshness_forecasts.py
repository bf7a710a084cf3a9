"""How soon after its close is a candle's forecast readable over HTTP, and does a GET wait meanwhile?"""

import http.client
import itertools
import json
import multiprocessing
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
import stand

from candlecast.bootstrap import open_database, open_market
from candlecast.clock import ReplayClock, wall_s
from candlecast.models.artefacts import save_model
from candlecast.models.fitting import TrainingConfig, fit_model
from candlecast.models.rows import collect_rows
from candlecast.registry import Registry
from candlecast.replay.recordings import Recording
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from cluster.ingestion import plan_ingestion, start_ingestion, stop_ingestion
from cluster.submit import ClusterClient

START_LIMIT_S = 180.0
# history is still being loaded when the first forecasts come
SETTLED_S = 10.0
LENGTH = timedelta(minutes=1)
# how often the reader looks, and how often the one whose GETs are timed
POLL_S, GET_S = 0.025, 0.02
IDLE_S = 20.0


def promote_model(settings: Settings, recording: Recording, *, until: datetime) -> str:
    """Train one model of default size on every symbol's candles closed at `until`, and promote it."""
    panel = {name: series.candles[series.candles["close_time"] <= until] for name, series in recording.series.items()}
    rows, _ = collect_rows(panel, timeframe="1m", horizon=1)
    config = TrainingConfig(timeframe="1m", horizon=1, nthread=2)
    model = fit_model(rows, train=np.arange(len(rows.closes)), config=config)
    artefact = save_model(model, settings.models.folder)
    registry = Registry(ModelStore(open_database(settings)), settings.models.folder)
    facts = model.facts
    record = ModelRecord(
        id=artefact.path.name, symbols=list(facts.symbols), timeframe="1m", horizon=1, algorithm=facts.algorithm,
        features=list(facts.feature_names), metrics={}, params=facts.params, data_start=facts.data_start,
        data_end=facts.data_end, artefact_path=str(artefact.path), sha256=artefact.sha256, trained_at=until,
    )  # fmt: skip
    registry.register(record)
    registry.promote(record.id, promoted_at=until)
    return record.id


@dataclass(frozen=True, slots=True)
class ForecastFigures:
    """Wall seconds from close to readable, one a forecast; and of GETs while they are made, and while none are.

    Parameters
    ----------
    delays_s : ndarray
        Of the forecasts that were seen.
    n_expected : int
        Forecasts that there should be.
    busy_s, idle_s : ndarray
        Of the GETs.
    """

    delays_s: np.ndarray
    n_expected: int
    busy_s: np.ndarray
    idle_s: np.ndarray


def measure_forecasts(
    settings: Settings, clock: ReplayClock, names: Sequence[str], *, n_candles: int
) -> ForecastFigures:
    """Deploy the API on the running head, follow candles, and read the forecasts of `n_candles` closes."""
    port = stand.free_port()
    cluster = ClusterClient(settings.cluster)
    cluster.wait_until_up(timeout_s=START_LIMIT_S)
    start_ingestion(plan_ingestion(settings, open_market(settings).symbols))
    cluster.deploy(http_host="127.0.0.1", http_port=port)
    reader = Reader(port, clock, names)
    _wait(cluster, reader, clock)
    first = datetime.fromtimestamp((int(clock.now().timestamp()) // 60 + 5) * 60, UTC)
    path = _path(names[0])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        time.sleep(clock.wall_s_until(first))
        busy = pool.apply_async(probe, (port, path, n_candles * 60 / clock.speed))
        reader.follow(first, n_candles)
        busy_s = np.array(busy.get())
        stop_ingestion()
        time.sleep(5.0)
        idle = pool.apply_async(probe, (port, path, IDLE_S))
        reader.read_for(IDLE_S)
        return ForecastFigures(np.array(reader.delays_s), n_candles * len(names), busy_s, np.array(idle.get()))


class Reader:
    """Asks for all forecasts at once, again and again, and notes when it first sees each."""

    def __init__(self, port: int, clock: ReplayClock, names: Sequence[str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._clock = clock
        self._names = list(names)
        items = [{"symbol": name, "timeframe": "1m", "horizon": 1} for name in names]
        self._body = json.dumps({"items": items}).encode()
        self._newest = dict.fromkeys(names, datetime.min.replace(tzinfo=UTC))
        self.delays_s: list[float] = []

    def read(self) -> list[dict[str, Any]]:
        """Return the results of this moment."""
        self._connection.request("POST", "/v1/forecasts", self._body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise ConnectionError(f"{answer.status}: {body[:300]!r}")
        return list(orjson.loads(body)["items"])

    def reconnect(self) -> None:
        """Go on with a new connection."""
        self._connection.close()

    def follow(self, first: datetime, n_candles: int) -> None:
        """Note the forecasts made from the closes `first` to `n_candles` later.

        One after the other of the symbols whose forecast is not there yet is asked for; once one has a newer one, all
        are. One that comes after the next close counts as what it is, late.
        """
        last = first + (n_candles - 1) * LENGTH
        end_s = time.monotonic() + self._clock.wall_s_until(last + LENGTH) + 1.0
        turns = itertools.count()
        while time.monotonic() < end_s:
            started_s = time.monotonic()
            close = datetime.fromtimestamp(int(self._clock.now().timestamp()) // 60 * 60, UTC)
            pending = [name for name in self._names if self._newest[name] < close]
            if pending and self._has_newer(pending[next(turns) % len(pending)]):
                items, now_s = self.read(), wall_s()
                for forecast in (item["forecast"] for item in items if item["forecast"]):
                    self._note(forecast["symbol"], datetime.fromisoformat(forecast["as_of"]), now_s, (first, last))
            time.sleep(max(0.0, POLL_S - (time.monotonic() - started_s)))

    def read_for(self, seconds: float) -> None:
        """Ask as often, and note nothing."""
        end_s, round_s = time.monotonic() + seconds, LENGTH.total_seconds() / self._clock.speed
        due_s = time.monotonic()
        while time.monotonic() < end_s:
            self._has_newer(self._names[0])
            if time.monotonic() >= due_s:
                self.read()
                due_s += round_s
            time.sleep(POLL_S)

    def _has_newer(self, name: str) -> bool:
        self._connection.request("GET", _path(name))
        answer = self._connection.getresponse()
        body = answer.read()
        return (
            answer.status == http.client.OK and datetime.fromisoformat(orjson.loads(body)["as_of"]) > self._newest[name]
        )

    def _note(self, name: str, as_of: datetime, now_s: float, span: tuple[datetime, datetime]) -> None:
        is_new, self._newest[name] = as_of > self._newest[name], max(as_of, self._newest[name])
        if is_new and span[0] <= as_of <= span[1]:
            anchor = self._clock.market_anchor
            closed_s = self._clock.wall_anchor_s + (as_of - anchor).total_seconds() / self._clock.speed
            self.delays_s.append(now_s - closed_s)


def probe(port: int, path: str, seconds: float) -> list[float]:
    """Return how long each of many GETs took, in seconds; runs in a process of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took_s, wait = [], threading.Event()
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        started_s = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        took_s.append(time.perf_counter() - started_s)
        if answer.status != http.client.OK:
            raise ConnectionError(f"GET {path} was answered {answer.status}")
        wait.wait(GET_S)
    return took_s


def _path(name: str) -> str:
    return f"/v1/forecasts/latest?symbol={quote(name, safe='')}&timeframe=1m&horizon=1"


def _wait(cluster: ClusterClient, reader: Reader, clock: ReplayClock) -> None:
    """Return when every symbol's forecasts have been those of its newest candles for `SETTLED_S`."""
    deadline_s, last, behind_s = time.monotonic() + START_LIMIT_S, "", time.monotonic()
    while time.monotonic() < deadline_s:
        try:
            forecasts = [item["forecast"] for item in reader.read()]
            since = clock.now() - 2 * LENGTH
            n_ready = sum(bool(one) and datetime.fromisoformat(one["as_of"]) > since for one in forecasts)
            if n_ready < len(forecasts):
                behind_s = time.monotonic()
            elif time.monotonic() - behind_s > SETTLED_S:
                return
            last = f"{n_ready} of {len(forecasts)} forecasts are of the newest candle"
        except (OSError, http.client.HTTPException) as error:
            last = str(error)
            reader.reconnect()
        if (problem := cluster.deployment_problem()) is not None:
            raise SystemExit(f"the API did not start: {problem[-800:]}")
        time.sleep(0.5)
    raise SystemExit(f"the forecasts did not come within {START_LIMIT_S:g} s: {last}")
