"""How does a client go on listening where a connection ends? What it has heard, and how long to wait."""

from collections.abc import Sequence
from urllib.parse import urlencode

import httpx2
import orjson

from candlecast import calls
from candlecast.calls.failures import problem_of, retry_after_s
from candlecast.errors import SourceUnavailableError
from candlecast.schemas import StreamEvent

# three heartbeats: a server that says nothing for so long, in wall seconds, is gone
SILENCE_S = 45.0
_LONGEST_PAUSE_S = 30.0


class Resuming:
    """One stream over any number of connections.

    Parameters
    ----------
    base_url : str
        Named when no API answers.
    last_id : str
        Id of the newest event that the caller has; "": none.
    """

    def __init__(self, base_url: str, *, last_id: str) -> None:
        self._base_url = base_url
        self._last_id = last_id
        self._begun = False
        self._retry_s = 1.0
        self._asked_s = 0.0
        self._n_failures = 0

    def headers(self) -> dict[str, str]:
        """Return what a new connection sends."""
        return {"Last-Event-ID": self._last_id} if self._last_id else {}

    def heard(self, sent: httpx2.ServerSentEvent) -> StreamEvent | None:
        """Take what was sent; None where it only told how to come back."""
        self._begun, self._n_failures = True, 0
        self._last_id = sent.id or self._last_id
        if sent.retry is not None:
            self._retry_s = sent.retry / 1_000
        if not sent.data:
            return None
        return StreamEvent(id=self._last_id or None, event=sent.event, data=orjson.loads(sent.data))

    def refused(self, response: httpx2.Response) -> None:
        """Take an answer that is no stream.

        Raises
        ------
        CandlecastError
            When waiting does not help, or nothing was heard yet.
        """
        problem = problem_of(response)
        if problem is None:
            raise SourceUnavailableError(
                f"{response.request.url} answered {response.status_code}, which is no stream of Candlecast's; "
                "check that the address is a Candlecast API of this version"
            )
        if not self._begun or response.status_code not in (429, 503):
            raise calls.problem_error(problem, retry_after_s=retry_after_s(response) or 1.0)
        self._n_failures += 1
        self._asked_s = retry_after_s(response) or 0.0

    def lost(self, error: httpx2.RequestError) -> None:
        """Take the end of a connection, or that there was none.

        Raises
        ------
        SourceUnavailableError
            When nothing was heard yet.
        """
        if not self._begun:
            raise calls.unreachable_error(self._base_url, error) from error
        self._n_failures += 1

    def pause_s(self) -> float:
        """Return wall seconds until the next connection: more after each one that failed."""
        pause_s = min(_LONGEST_PAUSE_S, self._retry_s * 2.0 ** min(self._n_failures, 10))
        asked_s, self._asked_s = self._asked_s, 0.0
        return max(pause_s, asked_s)


def stream_address(symbols: Sequence[str]) -> str:
    """Return the path and query of the stream of some symbols, or of all."""
    return "/v1/stream" + (f"?{urlencode({'symbols': ','.join(symbols)})}" if symbols else "")
