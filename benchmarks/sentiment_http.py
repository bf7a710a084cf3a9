"""What does HTTP cost? The API as it is deployed, against the same engine called directly, in turn."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import stand
from http_load import ask
from pairs import make_row, rate
from sentiment_texts import headlines

from candlecast.client import CandlecastClient
from candlecast.errors import CandlecastError
from candlecast.sentiment.transformer import TransformerEngine
from cluster.submit import ClusterClient

MANY, CONNECTIONS = 512, 16
PATH = "/v1/sentiment"
START_LIMIT_S = 120
_WARM = ("Stocks rally to a record high", "Bitcoin falls as an exchange halts withdrawals")


def measure_http(engine: TransformerEngine, *, model: Path, threads: int, quick: bool) -> list[dict[str, Any]]:
    """Return texts a second in one large request, and of single ones, each against the engine called directly."""
    n_single, n_rounds = (96, 2) if quick else (320, 4)
    fresh = iter(headlines(n_rounds * (MANY + n_single)))
    single, many = [], []
    with api(model, threads=threads) as port:
        for _ in range(n_rounds):
            many.append(_many(engine, port, [next(fresh) for _ in range(MANY)]))
            single.append(_single(engine, port, [next(fresh) for _ in range(n_single)]))
    by_one, batched = [(http, one) for http, one, _ in single], [(http, batch) for http, _, batch in single]
    facts = {"unit": "texts/s", "n": n_single, "connections": CONNECTIONS}
    return [
        make_row("http_batch_texts_per_s", many, unit="texts/s", n=MANY, peer_is="the engine directly"),
        make_row("http_single_rps", by_one, peer_is="the engine directly, text by text", **facts),
        make_row("http_single_rps_vs_batch", batched, peer_is="the engine directly, all at once", **facts),
    ]


def _many(engine: TransformerEngine, port: int, texts: list[str]) -> tuple[float, float]:
    elapsed_s, [answer] = ask(port, PATH, [{"texts": texts, "engine": "transformer"}], connections=1)
    direct = rate(engine.judge, texts)
    if len(answer["scores"]) != len(texts):
        raise SystemExit(f"{len(texts)} texts were sent, {len(answer['scores'])} scores came back")
    return len(texts) / elapsed_s, direct


def _single(engine: TransformerEngine, port: int, texts: list[str]) -> tuple[float, float, float]:
    bodies = [{"texts": [text], "engine": "transformer"} for text in texts]
    elapsed_s, answers = ask(port, PATH, bodies, connections=CONNECTIONS)
    by_one = rate(lambda items: [engine.judge([text]) for text in items], texts)
    labels = [one.label for one in engine.judge(texts).on_the_wire()]
    same = sum(answer["scores"][0]["label"] == label for answer, label in zip(answers, labels, strict=True))
    if same < 0.9 * len(texts):
        raise SystemExit(f"only {same} of {len(texts)} labels are those of the engine called directly")
    return len(texts) / elapsed_s, by_one, rate(engine.judge, texts)


@contextmanager
def api(model: Path, *, threads: int) -> Iterator[int]:
    """Yield the port of the API, deployed as the product's, its transformer ready."""
    with stand.folder() as root, stand.postgres(root) as url, stand.valkey(root) as redis_url:
        # replicas read their settings from the environment of the head that starts them
        os.environ |= {
            "CANDLECAST_DATABASE__URL": url,
            "CANDLECAST_REDIS__URL": redis_url,
            "CANDLECAST_API__REQUIRE_KEY": "false",
            "CANDLECAST_MARKET__SOURCE": "live",
            "CANDLECAST_MARKET__SYMBOLS": "BTC/USDT",
            "CANDLECAST_SENTIMENT__ENGINE": "transformer",
            "CANDLECAST_SENTIMENT__MODEL": str(model),
            "CANDLECAST_SENTIMENT__THREADS": str(threads),
        }
        with stand.ray_head(root, num_cpus=4, dashboard=True) as settings:
            port = stand.free_port()
            cluster = ClusterClient(settings)
            cluster.wait_until_up(timeout_s=START_LIMIT_S)
            cluster.deploy(http_host="127.0.0.1", http_port=port)
            _wait(cluster, port)
            yield port


def _wait(cluster: ClusterClient, port: int) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    with CandlecastClient(f"http://127.0.0.1:{port}", timeout_s=30) as client:
        while time.monotonic() < deadline_s:
            with suppress(CandlecastError):
                client.sentiment(_WARM, engine="transformer")
                return
            if problem := cluster.deployment_problem():
                raise SystemExit(f"the API failed to start: {problem[-500:]}")
            time.sleep(0.5)
    raise SystemExit(f"the API did not answer within {START_LIMIT_S} s")
