"""Builds the Serve application: one thin HTTP ingress before the model deployments."""

import asyncio

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle

from candlecast.reading import open_reading
from candlecast.settings import Settings
from serve.api import candles, forecasts, health, jobs, metrics, news, prices, sentiment
from serve.api.problems import install_problem_handlers
from serve.api.services import Services
from serve.forecaster import ForecasterDeployment
from serve.sentiment import SentimentDeployment
from serve.warming import ForecastWarmer


def build_api() -> FastAPI:
    """Return the HTTP API; its routes find their services through `serve.api.services.current`."""
    api = FastAPIOffline(
        title="Candlecast",
        summary="Forecasts of the next candles, with intervals that hold and an honest record.",
        version="0.1.0",
    )
    for module in (candles, prices, forecasts, news, sentiment, jobs, health, metrics):
        api.include_router(module.router)
    install_problem_handlers(api)
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
        reading = open_reading(Settings())
        self.services = Services(reading=reading, forecaster=forecaster, sentiment=sentiment)
        warmer = ForecastWarmer(cache=reading.cache, forecasts=reading.forecasts, forecaster=forecaster)
        # Serve makes replicas on the loop that serves them
        self._warming = asyncio.get_running_loop().create_task(warmer.run())


def build_app(_args: dict[str, str]) -> Application:
    """Return the application that ``serve/config.yaml`` names."""
    return ApiDeployment.bind(ForecasterDeployment.bind(), SentimentDeployment.bind())
