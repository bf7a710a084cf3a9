"""How is the HTTP API of a running cluster asked, and what do its silences and refusals mean?

Asked by plain HTTP: whoever waits for a cluster all day is spared the memory that Ray's own package takes.
"""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings

_TIMEOUT_S = 120
_DROPS, _PAUSE_S = 5, 1.0
_NO_TOKEN = (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN)
_SHOWN = 500


class DroppedError(StackError):
    """The cluster ended a connection without an answer, as a busy one does; what was asked may have been done."""


class Dashboard:
    """The dashboard of a cluster; not connected before it is asked.

    Parameters
    ----------
    settings : ClusterSettings
        Address of the dashboard and the file with its token.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        self.url = settings.jobs_url
        self._headers = _authorization(settings.token_file)

    def get(self, path: str) -> Any:
        """Return the JSON that the dashboard answers at `path`; a question that a busy one drops is asked again.

        Raises
        ------
        StackError
            When it does not answer, wants another token, or refuses.
        """
        for _ in range(_DROPS):
            try:
                return self.send("GET", path)
            except DroppedError:
                time.sleep(_PAUSE_S)
        return self.send("GET", path)

    def send(self, method: str, path: str, **content: Any) -> Any:
        """Return the JSON that is answered to one request.

        Raises
        ------
        DroppedError
            When the connection ends without an answer.
        StackError
            When the dashboard does not answer, wants another token, or refuses.
        """
        answer = self.request(method, path, **content)
        if answer.status_code != httpx2.codes.OK:
            raise StackError(f"the cluster at {self.url} refused {path} ({answer.status_code}): {_reason(answer)}")
        return answer.json()

    def request(self, method: str, path: str, **content: Any) -> httpx2.Response:
        """Return the answer to a request, whatever its status but one that asks for a token.

        Raises
        ------
        DroppedError
            When the connection ends without an answer.
        StackError
            When the dashboard does not answer, or wants another token.
        """
        try:
            answer = httpx2.request(method, f"{self.url}{path}", headers=self._headers, timeout=_TIMEOUT_S, **content)
        except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
            raise DroppedError(self._silence(error)) from error
        except httpx2.TransportError as error:
            raise StackError(self._silence(error)) from error
        if answer.status_code in _NO_TOKEN:
            raise StackError(f'the cluster at {self.url} wants its token; run eval "$(candlecast env)" first')
        return answer

    async def tail(self, job_id: str) -> AsyncIterator[str]:
        """Follow what a job prints, in pieces, until it ends.

        Raises
        ------
        StackError
            When the dashboard does not answer.
        """
        # a WebSocket, for which Ray's own client is imported, by those alone who follow
        from ray.job_submission import JobSubmissionClient

        try:
            async for piece in JobSubmissionClient(self.url, headers=self._headers).tail_job_logs(job_id):
                yield piece
        except (OSError, RuntimeError) as error:
            raise StackError(self._silence(error)) from error

    def _silence(self, error: Exception) -> str:
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        return f"no Ray cluster answers at {self.url} ({reason}); start it with `candlecast run`"


def _reason(answer: httpx2.Response) -> str:
    # of a traceback its last line
    return next(reversed(answer.text.strip().splitlines()), "")[-_SHOWN:]


def _authorization(token_file: Path | None) -> dict[str, str]:
    if token_file is None:
        return {}
    return {"Authorization": f"Bearer {token_file.read_text().strip()}"}


def answers(url: str) -> bool:
    """Return whether a server says OK at `url`."""
    try:
        return httpx2.get(url, timeout=2).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
