"""From an empty cluster to the first forecast: deploy, backfill, train, ask; what was there before is left as it is."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from candlecast.client import CandlecastClient
from candlecast.errors import CandlecastError, StackError
from candlecast.first_start import begun_before
from candlecast.schemas import Forecast
from candlecast.settings import MarketSettings, Settings
from cluster.submit import ClusterClient

_CLUSTER_TIMEOUT_S = 90.0
_JOB_TIMEOUT_S = 3_600.0
_FORECAST_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """Interface and port on which Serve shall listen."""

    host: str
    port: int


def bring_up(settings: Settings, *, address: HttpAddress, follow: bool, say: Callable[[str], None]) -> None:
    """Deploy Serve, and where the stack never ran before fill the database and train the first model.

    Deploying runs beside backfill and training; each step may be repeated without harm. Where a model is promoted
    and ingestion can go on from the stored candles, Serve alone is deployed.

    Parameters
    ----------
    settings : Settings
        Cluster and API addresses, market, database.
    address : HttpAddress
        Where Serve listens.
    follow : bool
        Whether candles are followed as soon as the history is there, while the model still trains;
        the job that watches over this is submitted by somebody else.
    say : callable
        Receives one line of progress a step.

    Raises
    ------
    StackError
        When a step fails; names the step and the end of its log.
    StorageError
        When the database does not answer.
    """
    cluster = ClusterClient(settings.cluster)
    cluster.wait_until_up(timeout_s=_CLUSTER_TIMEOUT_S)
    if begun_before(settings):
        cluster.deploy(http_host=address.host, http_port=address.port)
        say("Ray is up; deploying the API, going on from the candles and the model that are there")
        return
    say("Ray is up; deploying the API, loading history")
    with ThreadPoolExecutor(max_workers=1) as pool:
        deployed = pool.submit(cluster.deploy, http_host=address.host, http_port=address.port)
        started = cluster.submit(f"python -m jobs.start{' --follow' if follow else ''}")
        cluster.wait(started, timeout_s=_JOB_TIMEOUT_S)
        for line in cluster.log_lines(started):
            say(line)
        deployed.result()


def first_forecast(settings: Settings, market: MarketSettings) -> Forecast:
    """Ask the API for a forecast until it answers one, of whichever symbol is first.

    The candles must be followed meanwhile: a forecast is not made from an old one.

    Parameters
    ----------
    settings : Settings
        Cluster and API addresses.
    market : MarketSettings
        The resolved symbols and timeframe.

    Raises
    ------
    StackError
        When the application fails to start or no forecast comes in time; carries the last answer.
    """
    cluster, symbols = ClusterClient(settings.cluster), market.symbols.split(",")
    deadline_s = time.monotonic() + _FORECAST_TIMEOUT_S
    last = "no answer"
    with CandlecastClient(settings.api.url, api_key=settings.api.key.get_secret_value(), timeout_s=10) as client:
        while time.monotonic() < deadline_s:
            for symbol in symbols:
                try:
                    return client.forecast(symbol, market.timeframe, horizon=market.horizon)
                except CandlecastError as error:
                    last = str(error)
            if (failure := cluster.deployment_problem()) is not None:
                raise StackError(f"the API failed to start: {failure[-1_000:]}")
            time.sleep(0.25)
    raise StackError(f"no forecast within {_FORECAST_TIMEOUT_S:.0f} s of the deployment; the API's last answer: {last}")
