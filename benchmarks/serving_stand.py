"""The product's API as it is deployed, over generated candles and models trained on some of them."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import stand
import yaml
from changed_config import changed_config

from candlecast.bootstrap import open_database, open_market
from candlecast.ingest.loader import Loader
from candlecast.reading import tell_promoted
from candlecast.registry import Registry
from candlecast.replay.synthetic import make_recording, write_recording
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelStore
from cluster.environment import settings_environment
from cluster.submit import ClusterClient
from jobs.training.in_process import train_model

HISTORY_CANDLES, TRAINED_ON = 1_000, 6
START_LIMIT_S = 120
DEFAULT_PROXY = {"RAY_SERVE_ENABLE_HA_PROXY": "0", "RAY_SERVE_THROUGHPUT_OPTIMIZED": "0"}
_PARAMS = {"rounds": 60}


@dataclass(frozen=True, slots=True)
class World:
    """What was prepared: stores, candles, and the models of each horizon, the first one promoted."""

    root: Path
    settings: Settings
    names: tuple[str, ...]
    models: Mapping[int, Sequence[str]]

    def promote(self, model_id: str) -> None:
        """Promote as the command line does."""
        market = open_market(self.settings)
        registry = Registry(ModelStore(open_database(self.settings)), self.settings.models.folder)
        record = registry.promote(model_id, promoted_at=market.clock.now())
        tell_promoted(self.settings, market, record)


@dataclass(frozen=True, slots=True)
class Deployed:
    """The API under a Ray head."""

    port: int
    cluster: ClusterClient

    def deploy(self, **changes: Any) -> None:
        """Deploy the product's configuration, `changes` laid over the ingress and the forecaster."""
        config = changed_config(changes)
        file = Path(os.environ["CC_BENCH_ROOT"]) / "serve.yaml"
        file.write_text(yaml.safe_dump(config))
        self.cluster.deploy(file, http_host="127.0.0.1", http_port=self.port)


@contextmanager
def world(*, n_symbols: int, horizons: Sequence[int], models_each: int = 1) -> Iterator[World]:
    """Yield the prepared world; market time stands in the middle of a candle and moves as the wall does."""
    names = tuple(f"C{number:03d}/USDT" for number in range(n_symbols))
    recording = make_recording(list(names), timeframe="1h", n_candles=HISTORY_CANDLES + 20, seed=7)
    with stand.folder() as root:
        write_recording(recording, root / "data")
        start = recording.start + HISTORY_CANDLES * timedelta(hours=1) + timedelta(minutes=10)
        arguments = ["--data", str(root / "data"), "--start", start.isoformat(), "--speed", "1"]
        with stand.postgres(root) as url, stand.valkey(root) as redis_url, stand.replay(root, arguments) as (replay, _):
            settings = Settings(
                market={"source": "recorded", "venue_url": replay, "history_candles": HISTORY_CANDLES},
                replay={"url": replay},
                news={"enabled": False},
                sentiment={"engine": "lexicon"},
                database={"url": url},
                redis={"url": redis_url},
                api={"require_key": False},
                logs={"folder": root / "logs"},
                models={"folder": root / "models"},
                _env_file=None,
            )
            market = open_market(settings)
            Loader(settings).load(market.symbols)
            settings = settings.model_copy(update={"market": market.settings})
            yield World(root, settings, names, _trained(settings, names, horizons, models_each))


def _trained(
    settings: Settings, names: Sequence[str], horizons: Sequence[int], models_each: int
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for horizon in horizons:
        for number in range(models_each):
            chosen = {"symbols": ",".join(names[:TRAINED_ON]), "horizon": horizon}
            some = settings.model_copy(update={"market": settings.market.model_copy(update=chosen)})
            params = _PARAMS | {"max_depth": 3 + number}
            found.setdefault(horizon, []).append(
                str(train_model(some, if_missing=False, params=params, n_folds=2)["model_id"])
            )
    store = ModelStore(open_database(settings))
    # the first horizon serves from the start, the others once they are promoted
    for scope in list(store.champion_ids()):
        if scope[1] != horizons[0]:
            _retire(settings, scope)
    store.promote(found[horizons[0]][0], promoted_at=open_market(settings).clock.now())
    return found


def _retire(settings: Settings, scope: tuple[str, int]) -> None:
    with open_database(settings).transaction() as cursor:
        cursor.execute(
            "UPDATE model_metadata SET status = 'candidate', promoted_at = NULL WHERE timeframe = %s AND horizon = %s",
            scope,
        )


@contextmanager
def deployed(prepared: World, *, changes: Mapping[str, Any] | None = None, proxy: Mapping[str, str] | None = None,
             num_cpus: int = 4) -> Iterator[Deployed]:  # fmt: skip
    """Yield the deployed API, ready; `changes` as of `changed_config`, `proxy` laid over the head's environment."""
    # replicas read their settings from the environment of the head that starts them
    os.environ |= settings_environment(prepared.settings) | {"CC_BENCH_ROOT": str(prepared.root)}
    # a folder of its own: sockets need a short path, and each head a fresh one
    with stand.folder() as root, stand.ray_head(root, num_cpus=num_cpus, dashboard=True, changes=proxy) as settings:
        cluster = ClusterClient(settings)
        cluster.wait_until_up(timeout_s=START_LIMIT_S)
        found = Deployed(stand.free_port(), cluster)
        found.deploy(**(changes or {}))
        _wait(found, prepared.names)
        yield found


def replicas(deployment: str) -> dict[str, int]:
    """Return the process id of each live replica of a deployment, by the name of its actor."""
    import ray
    from ray.util.state import list_actors

    # named, since there may be other clusters on this machine
    address = ray.get_runtime_context().gcs_address
    found = list_actors(address=address, filters=[("state", "=", "ALIVE")], limit=1_000)
    prefix = f"SERVE_REPLICA::candlecast#{deployment}#"
    return {actor.name: actor.pid for actor in found if (actor.name or "").startswith(prefix)}


def _wait(api: Deployed, names: Sequence[str]) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    items = [{"symbol": name, "timeframe": "1h", "horizon": 1} for name in names]
    while True:
        try:
            answer = httpx2.post(f"http://127.0.0.1:{api.port}/v1/forecasts", json={"items": items}, timeout=60)
            if answer.status_code == 200 and all(one["forecast"] for one in answer.json()["items"]):
                return
            last = answer.text[:500]
        except httpx2.TransportError as error:
            last = str(error)
        if (problem := api.cluster.deployment_problem()) or time.monotonic() > deadline_s:
            raise SystemExit(f"the API did not start: {problem or last}")
        time.sleep(0.3)
