"""Does the deployment make forecasts under the id of the request that asks? No cluster."""

import asyncio

from structlog.contextvars import get_contextvars

from serve.forecaster import ForecasterDeployment
from tests.fakes import make_forecast


class Listening:
    """Makes any forecast, and notes for whom."""

    def __init__(self) -> None:
        self.on_behalf_of = []

    def forecasts(self, items):
        self.on_behalf_of.append(get_contextvars().get("request_id"))
        return [make_forecast(symbol) for symbol, _, _ in items]


def test_forecasts_are_made_under_the_id_of_the_request():
    kind = ForecasterDeployment.func_or_class
    replica, service = kind.__new__(kind), Listening()
    replica._service = service
    series = [("BTC/USDT", "1h", 1)]

    async def twice() -> list[bytes]:
        return await replica.answers(series, "mine-1") + await replica.answers(series)

    bodies = asyncio.run(twice())

    assert [b'"symbol":"BTC/USDT"' in body for body in bodies] == [True, True]
    assert service.on_behalf_of == ["mine-1", None]
