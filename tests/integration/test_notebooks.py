"""Do the notebooks run from their top to their end, and were their stored outputs made the same way?"""

import asyncio
import subprocess
import sys
from contextlib import ExitStack, asynccontextmanager, contextmanager
from types import SimpleNamespace

import nbformat
import pytest
from pydantic import SecretStr

from candlecast.bootstrap import open_forecasts, open_market
from candlecast.ingest.loader import Loader
from candlecast.reading import open_reading
from jobs.training.in_process import train_model
from serve.api.services import Services, current
from serve.app import build_api
from serve.event_hub import EventHub
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at
from tests.loopback import serve_app
from tests.notebook import NOTEBOOKS
from tests.trained import SMALL_PARAMS

SYMBOLS = ["BTC/USDT"]


@pytest.fixture
def settings(database, postgres, valkey, tmp_path):
    """One symbol, all history stored, a model promoted; the market stands still."""
    recording = make_small_recording(SYMBOLS, 1_300)
    now = recording.end - 10 * HOUR + HOUR / 3
    with market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        settings.redis.url, settings.news.enabled = SecretStr(valkey.url), False
        Loader(settings).load(open_market(settings).symbols)
        train_model(settings, if_missing=True, params=SMALL_PARAMS)
        yield settings


@contextmanager
def serving(settings):
    """Serve the API over the real stores; forecasts are made in this process, without a cluster."""
    reading, service = open_reading(settings), open_forecasts(settings)

    async def answers(items, _request_id):
        made = [await asyncio.to_thread(service.latest, *item) for item in items]
        return [forecast.model_dump_json().encode() for forecast in made]

    forecaster = SimpleNamespace(answers=SimpleNamespace(remote=answers))
    hub = EventHub(reading.cache.log, clock=reading.clock, n_max=4, heartbeat_s=0.1)
    services = Services(reading=reading, forecaster=forecaster, sentiment=None, hub=hub)
    api = build_api()
    api.dependency_overrides[current] = lambda: services

    @asynccontextmanager
    async def lifespan(_):
        # prices that are there are not asked from a venue
        price = {"price": 101.0, "source": "binance", "at": reading.clock.now().isoformat()}
        await reading.cache.set_prices(dict.fromkeys(SYMBOLS, price), ttl_s=600)
        yield
        await reading.cache.close()

    api.router.lifespan_context = lifespan
    with serve_app(api) as url:
        yield url


@contextmanager
def running(notebook, *, url, target):
    """Execute a notebook in a process of its own: the kernel's client leaves sockets to the collector."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.notebook", url, str(notebook), str(target)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield run
    _, said = run.communicate(timeout=180)
    assert run.returncode == 0, said[-2_000:]


def shown_in(path):
    """Return what the cells of an executed notebook show."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return "".join(output.get("data", {}).get("text/plain", "") for cell in cells for output in cell.outputs)


def test_notebooks_run_from_top_to_end_against_the_api(settings, tmp_path):
    targets = [tmp_path / notebook.name for notebook in NOTEBOOKS]
    with serving(settings) as url, ExitStack() as side_by_side:
        for notebook, target in zip(NOTEBOOKS, targets, strict=True):
            side_by_side.enter_context(running(notebook, url=url, target=target))
    client, tutorial = map(shown_in, targets)

    assert "'symbol': 'BTC/USDT'" in client
    assert "('heartbeat'" in client
    assert "UnknownSymbolError: symbol 'BTC/USD' is not known" in client
    assert "{'tomorrow': inf}" in tutorial
    assert "'symbol': 'BTC/USDT'" in tutorial
    assert tutorial.endswith("True")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_notebook_was_executed_in_order_and_without_errors(notebook):
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]

    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert "Traceback" not in notebook.read_text()
