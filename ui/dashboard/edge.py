"""Is the expected move worth a trade? What a call may earn, less what entering and leaving cost."""

from dataclasses import dataclass
from math import expm1

from candlecast.schemas import Forecast

_BPS = 1e4


@dataclass(frozen=True, slots=True)
class Edge:
    """What a call of one unit is expected to earn until its target.

    Parameters
    ----------
    gross_bps : float
        In the direction of the call.
    cost_bps : float
        Of entering and leaving.
    """

    gross_bps: float
    cost_bps: float

    @property
    def net_bps(self) -> float:
        """Return what is left after costs."""
        return self.gross_bps - self.cost_bps

    @property
    def tradeable(self) -> bool:
        """Return whether more is expected than it costs."""
        return self.net_bps > 0


def expected_edge(forecast: Forecast, *, cost_bps: float) -> Edge | None:
    """Return the expected edge of a call, None where none is made.

    Parameters
    ----------
    forecast : Forecast
        Direction and expected move.
    cost_bps : float
        Of buying or selling one unit; a trade does both.
    """
    side = {"up": 1.0, "down": -1.0}.get(forecast.direction)
    if side is None:
        return None
    return Edge(gross_bps=side * expm1(forecast.expected_log_return) * _BPS, cost_bps=2 * cost_bps)
