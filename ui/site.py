"""What do all pages share? The API, its answers, the reader's preferences, and the list of pages."""

import asyncio
from dataclasses import dataclass, field

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import CandlecastError, SourceUnavailableError
from candlecast.schemas import Readiness
from candlecast.settings import Settings, UiSettings
from ui.answers import Answers
from ui.chart.keeper import FigureKeeper
from ui.preference_store import PreferenceStore
from ui.preferences import Preferences
from ui.standing import KEPT_S, LastWord, Standing

API_TIMEOUT_S = 8.0
READY_LIMIT_S = 2.5


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page.

    Parameters
    ----------
    name : str
        Its module in `ui.pages`.
    title : str
        What the menu calls it.
    path : str
        Behind the root of the site; "" is the first page.
    key : str
        Pressed after ``g`` to go there.
    hears : tuple of str
        Kinds of live events at which it refreshes.
    draws : bool
        Whether it has a chart.
    first : bool
        Whether it is filled before Gradio has started.
    """

    name: str
    title: str
    path: str
    key: str
    hears: tuple[str, ...]
    draws: bool = False
    first: bool = False


PAGES = (
    PageSpec("dashboard", "Dashboard", "", "d", ("candle", "forecast", "news", "drift"), draws=True, first=True),
    PageSpec("charts", "Charts", "charts", "c", ("candle", "forecast", "news"), draws=True),
    PageSpec("news", "News", "news", "n", ("news",)),
    PageSpec("track_record", "Track record", "track-record", "t", ("forecast",), draws=True),
    PageSpec("models", "Models", "models", "m", ("drift",), draws=True),
    PageSpec("settings", "Settings", "settings", "s", ("alert",)),
)


@dataclass(frozen=True, slots=True)
class Site:
    """What every page may use.

    Parameters
    ----------
    client : AsyncCandlecastClient
        Asks with the key of the settings.
    answers : Answers
        Share what is asked often: ``await site.answers.get(key, ask)``.
    preferences : PreferenceStore
        Where a reader's preferences are kept.
    ui : UiSettings
        Of the page itself.
    api_url : str
        Where the API is.
    horizon : int
        Candles ahead of the forecasts on show.
    figures : FigureKeeper
        The figures that open tabs show.
    last_word : LastWord
        What the service said of itself last.
    """

    client: AsyncCandlecastClient
    answers: Answers
    preferences: PreferenceStore
    ui: UiSettings
    api_url: str
    horizon: int
    figures: FigureKeeper = field(default_factory=FigureKeeper)
    last_word: LastWord = field(default_factory=LastWord)

    def as_admin(self, key: str) -> AsyncCandlecastClient:
        """Return a client that sends the reader's own key; close it after use."""
        return AsyncCandlecastClient(self.api_url, api_key=key, timeout_s=API_TIMEOUT_S, longest_wait_s=0.0)

    def read_preferences(self, kept: object) -> Preferences:
        """Return what a browser kept, with the defaults of this site."""
        return Preferences.read(kept, default=Preferences(refresh_s=self.ui.refresh_s))

    async def readiness(self, *, ttl_s: float | None = None) -> Readiness:
        """Return how the service is, however long it takes to say so; `ttl_s` as for `Answers.get`."""
        return await self.answers.get("readiness", lambda: self.last_word.of(self.client.readiness), ttl_s=ttl_s)

    async def standing(self) -> Standing:
        """Return how the service is, within `READY_LIMIT_S`: the header must not wait for an API that hangs."""
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                return Standing(await self.readiness(ttl_s=1.0))
        except TimeoutError:
            said = f"{self.api_url} did not answer within {READY_LIMIT_S:g} s; see whether the API runs"
            return Standing(SourceUnavailableError(said), self.last_word.within(KEPT_S))
        except CandlecastError as error:
            return Standing(error)

    async def close(self) -> None:
        """Close the connections to the API."""
        await self.client.close()


def make_client(settings: Settings) -> AsyncCandlecastClient:
    """Return a client that never waits: a page asks again by itself, and shows meanwhile what it has."""
    key = settings.api.key.get_secret_value()
    return AsyncCandlecastClient(settings.api.url, api_key=key, timeout_s=API_TIMEOUT_S, longest_wait_s=0.0)


def make_site(settings: Settings) -> Site:
    """Return the site that `settings` describe; nothing is asked yet."""
    client, answers = make_client(settings), Answers(ttl_s=settings.ui.shared_s)
    return Site(
        client=client,
        answers=answers,
        preferences=PreferenceStore(client, answers),
        ui=settings.ui,
        api_url=settings.api.url,
        horizon=settings.market.horizon,
    )
