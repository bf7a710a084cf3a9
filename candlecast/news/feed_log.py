"""How is each feed? What happened to it last, and how much it gave since the collector started."""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from candlecast.clock import wall_s
from candlecast.errors import SourceError, SourceRateLimitedError
from candlecast.news.intake import Taken
from candlecast.schemas import FeedState

logger = logging.getLogger(__name__)


class FeedLog:
    """The state of every feed of one collector; says a change once.

    Parameters
    ----------
    names : iterable of str
        Feeds that are asked; one that was not asked yet has no state.
    skipped : mapping of str to str
        By name of a feed that is not asked: why.
    """

    def __init__(self, names: Iterable[str], skipped: Mapping[str, str]) -> None:
        self._names = list(names)
        self._skipped = {name: FeedState(state="skipped", reason=reason) for name, reason in skipped.items()}
        self._states: dict[str, FeedState] = {}

    def states(self) -> dict[str, FeedState]:
        """Return the states by feed, those that are skipped last."""
        asked = {name: self._states[name] for name in self._names if name in self._states}
        return asked | self._skipped

    def answered(self, name: str, taken: Taken, *, empty: bool) -> None:
        """Note a good answer: what became of its items, or that it had none."""
        last = self._last(name)
        self._note(
            name,
            last.model_copy(
                update={
                    "state": "ok",
                    "reason": "answered an empty page" if empty else "",
                    "last_ok_at": datetime.fromtimestamp(wall_s(), UTC),
                    "n_accepted": last.n_accepted + taken.n_new + taken.n_merged,
                    "n_rejected": last.n_rejected + taken.n_refused,
                }
            ),
        )

    def failed(self, name: str, error: SourceError) -> None:
        """Note an answer that was none."""
        state = "resting" if isinstance(error, SourceRateLimitedError) else "failing"
        self._note(name, self._last(name).model_copy(update={"state": state, "reason": str(error)}))

    def over_budget(self, name: str, wait_s: float) -> None:
        """Note that the feed was not asked, which a feed that fails goes on doing."""
        last = self._last(name)
        if last.state != "failing" or not last.reason:
            reason = f"{name} is over its budget; it is asked again in {wait_s:.0f} s"
            self._note(name, last.model_copy(update={"state": "resting", "reason": reason}))

    def _last(self, name: str) -> FeedState:
        return self._states.get(name, FeedState(state="failing"))

    def _note(self, name: str, state: FeedState) -> None:
        before = self._states.get(name)
        self._states[name] = state
        if state.state == "failing" and (before is None or before.state != "failing"):
            logger.warning("feed %s fails: %s", name, state.reason)
        elif state.state == "ok" and before is not None and before.state == "failing":
            logger.info("feed %s answers again", name)
