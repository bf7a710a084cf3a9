"""Where are preferences kept? In the browser, and for other tabs under a session of the API."""

import asyncio
import secrets
from dataclasses import dataclass, replace

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import CandlecastError
from ui.answers import Answers
from ui.preferences import Preferences

# a page is not kept waiting for what the browser knows as well
_LIMIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Saved:
    """Preferences as they stand now, and why other tabs will not learn of them, if so."""

    preferences: Preferences
    problem: CandlecastError | None


class PreferenceStore:
    """Reads and writes the preferences of any reader.

    Parameters
    ----------
    client : AsyncCandlecastClient
        Has the sessions.
    answers : Answers
        So that all parts of a page ask once.
    """

    def __init__(self, client: AsyncCandlecastClient, answers: Answers) -> None:
        self._client = client
        self._answers = answers

    async def latest(self, kept: Preferences) -> Preferences:
        """Return the newer of what this tab has and what another tab wrote; the tab's own where none can be asked."""
        if not kept.session:
            return kept
        try:
            async with asyncio.timeout(_LIMIT_S):
                found = await self._answers.get(("session", kept.session), lambda: self._client.session(kept.session))
        except (CandlecastError, TimeoutError):
            # gone after 24 h, or no API: the browser has them all
            return kept
        told = Preferences.read(found.data, default=kept)
        return replace(told, session=kept.session) if told.revision > kept.revision else kept

    async def save(self, wanted: Preferences) -> Saved:
        """Keep `wanted` as the newest version, under a session made up now if there was none."""
        newest = await self.latest(wanted)
        after = replace(
            wanted,
            session=wanted.session or secrets.token_urlsafe(24),
            revision=max(wanted.revision, newest.revision) + 1,
        )
        try:
            await self._client.keep_session(after.session, after.as_dict())
        except CandlecastError as error:
            return Saved(after, error)
        finally:
            self._answers.renew()
        return Saved(after, None)
