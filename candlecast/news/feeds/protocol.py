"""What does every feed offer? The newest items, as its outlet wrote them, and the same errors."""

from typing import Protocol

from candlecast.news.articles import FedItem


class Feed(Protocol):
    """A source of news; for tasks of one event loop."""

    @property
    def name(self) -> str:
        """Return its name, as ``newsapi`` or ``rss:coindesk``."""
        ...

    @property
    def quota(self) -> str:
        """Return the name of the budget that its requests are paid from, as ``news:newsapi``."""
        ...

    @property
    def cost(self) -> float:
        """Return what one `fetch` takes from that budget."""
        ...

    async def fetch(self) -> list[FedItem]:
        """Return the items of its newest page; nothing in them is checked.

        Raises
        ------
        SourceNotConfiguredError
            When it refuses the key.
        SourceBlockedError
            When it refuses us.
        SourceRateLimitedError
            When it asks us to wait.
        SourceUnavailableError
            When it does not answer in time, or answers something else than news.
        """
        ...
