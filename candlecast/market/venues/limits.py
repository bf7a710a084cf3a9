"""How fast is a venue asked? What a limiter of requests offers; it may be shared by many processes."""

from typing import Protocol


class Limiter(Protocol):
    """Hands out the right to send requests. Costs are ccxt's: multiples of a venue's cheapest request."""

    async def take(self, venue: str, cost: float) -> None:
        """Return when a request of `cost` may be sent to `venue`."""
        ...

    async def observe(self, venue: str, *, used_share: float | None, retry_after_s: float | None) -> None:
        """Learn what `venue` said about its limit.

        Parameters
        ----------
        venue : str
            Who said it.
        used_share : float, optional
            Share of the limit used up so far, 0 to 1.
        retry_after_s : float, optional
            Wall seconds that the venue asks to wait.
        """
        ...
