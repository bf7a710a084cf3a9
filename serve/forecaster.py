"""Makes and records forecasts in a deployment of its own, off the event loop."""

import asyncio
from typing import Any

from ray import serve

from candlecast.bootstrap import open_forecasts
from candlecast.errors import CandlecastError
from candlecast.schemas import ForecastResult, Problem
from candlecast.settings import Settings


@serve.deployment
class ForecasterDeployment:
    """Holds the promoted models and the way to the ledger."""

    def __init__(self) -> None:
        self._service = open_forecasts(Settings())

    async def forecasts(self, items: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
        """Return one ``ForecastResult`` as a JSON object for each (symbol, timeframe, horizon).

        An item that fails carries its problem; errors do not cross the process border.
        """
        results = await asyncio.to_thread(lambda: [self._one(*item) for item in items])
        return [result.model_dump(mode="json") for result in results]

    def _one(self, symbol: str, timeframe: str, horizon: int) -> ForecastResult:
        try:
            return ForecastResult(forecast=self._service.latest(symbol, timeframe, horizon))
        except CandlecastError as error:
            return ForecastResult(problem=Problem(title=error.title, status=error.status, detail=str(error)))
