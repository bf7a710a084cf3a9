"""Does every metric exist that a rule or a dashboard names, and does promtool accept the rest?"""

import shutil
import subprocess

import pandas as pd
import pytest
from prometheus_client.registry import Collector

from candlecast.schemas import FeedState
from candlecast.storage.postgres.newest_candles import NewestCandle
from candlecast.storage.postgres.use import DatabaseUse, JobTally
from candlecast.storage.redis_use import RedisUse
from candlecast.telemetry.meters import METERS
from candlecast.telemetry.surroundings import ContainerUse, DiskUse
from serve.metrics.data import CandleAges, FeedFigures, JobFigures
from serve.metrics.nodes import WANTED
from serve.metrics.record import RecordFigures
from serve.metrics.stores import CacheReads, StoreUse
from tests.needs import cannot_test
from tests.storage_builders import START
from tests.unit.cluster.monitoring.expressions import FOLDER, dashboards, expressions, names_in, rules
from tests.unit.serve.metrics.test_record import stored
from tests.unit.serve.totals import make_totals

# of Prometheus itself, and of HAProxy's own exporter
FOREIGN = {"up", "haproxy_frontend_current_sessions"}
_PARTS = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}
PROMTOOL = shutil.which("promtool")


def emitted(tmp_path) -> set[str]:
    for name, text in {
        "memory.current": "1",
        "memory.max": "2",
        "memory.events": "oom_kill 0",
        "cpu.stat": "usage_usec 1\nthrottled_usec 0",
    }.items():
        (tmp_path / name).write_text(text)
    candle = NewestCandle(START, START, "kraken", "rest")
    collectors: list[Collector] = [
        METERS,
        ContainerUse(tmp_path),
        DiskUse([tmp_path]),
        CacheReads(make_totals({("price", "hit"): 1})),
        StoreUse(RedisUse(1, 1, 1, 1), DatabaseUse(1, 1, 1)),
        CandleAges({"BTC/USDT": candle}, late=[], now=START),
        FeedFigures({"rss:a": FeedState(state="ok")}),
        JobFigures([JobTally("train", "failed", 1, START)]),
        RecordFigures(stored()),
    ]
    families = [family for collector in collectors for family in collector.collect()]
    return {family.name + part for family in families for part in _PARTS.get(family.type, ("",))}


def is_of_ray(name: str) -> bool:
    return name.startswith(WANTED)


def test_every_metric_that_a_rule_or_dashboard_names_is_emitted(tmp_path):
    known = emitted(tmp_path) | FOREIGN | {"candlecast_node_up"}

    unknown = {
        where: missing
        for where, expression in expressions().items()
        if (missing := {name for name in names_in(expression) if name not in known and not is_of_ray(name)})
    }

    assert unknown == {}


def test_names_of_an_expression_are_its_metrics_alone():
    expression = 'sum by (source) (rate(a_total{outcome!="ok"}[5m])) / on (verb) b > 0.5 and time() - max(c) > 2'

    assert names_in(expression) == {"a_total", "b", "c"}


def test_rules_say_how_bad_it_is_and_what_to_do_and_have_names_of_their_own():
    names = [rule["alert"] for rule in rules()]

    assert len(names) == len(set(names)) >= 20
    assert all(rule["labels"]["severity"] in ("warning", "critical") for rule in rules())
    assert all(rule["annotations"]["summary"] for rule in rules())


def test_dashboards_cover_ingest_serving_training_cache_and_ledger_without_overlap():
    boards = dashboards()

    assert set(boards) == {"ingest", "serving", "training", "cache", "ledger"}
    for board in boards.values():
        places = pd.DataFrame([panel["gridPos"] for panel in board["panels"]])
        assert (places["x"] + places["w"]).max() <= 24
        assert not places.duplicated(["x", "y"]).any()
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"prometheus"}


@pytest.mark.parametrize(
    "command",
    [["check", "rules", "rules.yml"], ["check", "config", "prometheus.yml"], ["test", "rules", "rules_test.yml"]],
)
def test_promtool_accepts_config_and_rules_and_their_own_tests(command):
    if PROMTOOL is None:
        cannot_test("promtool is not installed; Debian's package prometheus has it")

    done = subprocess.run([PROMTOOL, *command], cwd=FOLDER, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
