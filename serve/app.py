"""Builds the Serve application: one thin HTTP ingress before the model deployments."""

import asyncio

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle

from candlecast.logs import configure_logs
from candlecast.reading import open_reading
from candlecast.settings import Settings
from candlecast.telemetry.publishing import publish_metrics
from serve.access_log import open_access_log
from serve.api import (
    alerts,
    candles,
    forecasts,
    health,
    indicators,
    jobs,
    ledger,
    metrics,
    models,
    news,
    prices,
    sentiment,
    sessions,
    stream,
    track_record,
)
from serve.api.access import READ
from serve.api.admission import Admission
from serve.api.conventions import install_conventions
from serve.api.gate import open_gate
from serve.api.problems import install_problem_handlers
from serve.api.services import Services
from serve.api.shortcut import ForecastShortcut
from serve.api.time_limits import TimeLimits
from serve.event_hub import EventHub
from serve.forecaster import ForecasterDeployment
from serve.sentiment import SentimentDeployment

# a model is some megabytes: loading and checking it takes well under a second
_RELOAD_TIMEOUT_S = 15.0


def build_api() -> FastAPI:
    """Return the HTTP API; its routes find their services through `serve.api.services.current`."""
    api = FastAPIOffline(
        title="Candlecast",
        summary="Forecasts of the next candles, with intervals that hold and an honest record.",
        version="0.1.0",
        # a redirect is no problem document, and leads wherever the Host header says
        redirect_slashes=False,
    )
    market, record = (candles, prices, indicators, news, sentiment), (forecasts, ledger, track_record)
    for module in (*market, *record, models, jobs, sessions, alerts, stream):
        api.include_router(module.router, dependencies=[READ])
    for module in (health, metrics):
        api.include_router(module.router)
    install_problem_handlers(api)
    # the last one added is the first one asked
    for layer in (Admission, TimeLimits, ForecastShortcut):
        api.add_middleware(layer)
    install_conventions(api)
    return api


@serve.deployment
@serve.ingress(build_api)
class ApiDeployment:
    """The HTTP ingress: validates, reads candles, asks the other deployments.

    Parameters
    ----------
    forecaster, sentiment : DeploymentHandle
        Handles of the deployments behind the routes.
    """

    def __init__(self, forecaster: DeploymentHandle, sentiment: DeploymentHandle) -> None:
        settings = Settings()
        configure_logs(settings, program="api", of_ray=True)
        publish_metrics(settings, program="api")
        reading = open_reading(settings)
        self.services = Services(
            reading=reading,
            forecaster=forecaster,
            sentiment=sentiment,
            access=open_gate(settings),
            hub=EventHub(reading.cache.log, clock=reading.clock, n_max=settings.api.stream_clients),
            access_log=open_access_log(settings),
        )
        # Serve makes replicas on the loop that serves them
        self._keeping = asyncio.get_running_loop().create_task(self._keep_forecasts())

    async def _keep_forecasts(self) -> None:
        async def reload() -> None:
            await self.services.forecaster.broadcast("reload").results_async(
                timeout_s=_RELOAD_TIMEOUT_S, return_exceptions=True
            )

        await self.services.reading.forecasts.keep(ask=self.services.ask_forecaster, reload=reload)


def build_app(_args: dict[str, str]) -> Application:
    """Return the application that ``serve/config.yaml`` names."""
    return ApiDeployment.bind(ForecasterDeployment.bind(), SentimentDeployment.bind())
