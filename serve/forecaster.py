"""Makes and records forecasts in a deployment of its own, off the event loop."""

import asyncio
from typing import Any

from ray import serve

from candlecast.bootstrap import open_cache, open_forecasts, open_market
from candlecast.errors import CandlecastError
from candlecast.logs import configure_logs
from candlecast.schemas import Forecast, Problem
from candlecast.settings import Settings
from candlecast.storage.cache import Series
from candlecast.telemetry.publishing import publish_metrics
from serve.request_ids import on_behalf_of


@serve.deployment
class ForecasterDeployment:
    """Holds the models and the way to the ledger; forecasts every new candle by itself."""

    def __init__(self) -> None:
        # the ingress imports this file, too, and shall not pay for models
        from serve.renewal import ForecastRenewal

        settings = Settings()
        configure_logs(settings, program="forecaster", of_ray=True)
        publish_metrics(settings, program="forecaster")
        market = open_market(settings)
        self._service = open_forecasts(settings)
        self._renewal = ForecastRenewal(
            service=self._service,
            cache=open_cache(settings),
            clock=market.clock,
            symbols={symbol.name: symbol for symbol in market.symbols},
            timeframe=market.settings.timeframe,
        )
        # Serve makes replicas on the loop that serves them
        self._renewing = asyncio.get_running_loop().create_task(self._renewal.run())

    async def answers(self, items: list[Series], request_id: str = "") -> list[bytes | dict[str, Any]]:
        """Return the JSON of the forecast of each (symbol, timeframe, horizon), or its problem, in order.

        Errors do not cross the process border. `request_id` is named in log lines.
        """
        with on_behalf_of([request_id]):
            return await asyncio.to_thread(lambda: [_encoded(found) for found in self._service.forecasts(items)])

    async def reload(self) -> None:
        """Load the promoted models now; who is forecasting keeps what it has."""
        await asyncio.to_thread(self._service.reload)


def _encoded(found: Forecast | CandlecastError) -> bytes | dict[str, Any]:
    if isinstance(found, Forecast):
        return found.model_dump_json().encode()
    return Problem(title=found.title, status=found.status, detail=str(found)).model_dump(mode="json")
