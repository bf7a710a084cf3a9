"""How is the HTTP API of a running cluster asked, and what do its silences and refusals mean?"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from ray.exceptions import AuthenticationError
from ray.job_submission import JobSubmissionClient

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings

_TIMEOUT_S = 120
# what Ray's client says when a busy dashboard ends a connection without an answer
DROPPED = "Connection aborted"
_DROPS, _PAUSE_S = 5, 1.0

Answer = TypeVar("Answer")


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
        self._jobs: JobSubmissionClient | None = None
        # Ray's client sets itself to INFO and tells of every closed connection
        logging.getLogger("ray.dashboard.modules.job.sdk").setLevel(logging.WARNING)

    def get(self, path: str) -> Any:
        """Return the JSON that the dashboard answers at `path`.

        Raises
        ------
        StackError
            When it does not answer, or with an error.
        """
        answer = self.request("GET", path)
        if answer.status_code != httpx2.codes.OK:
            raise StackError(f"the cluster at {self.url} refused {path} ({answer.status_code}): {answer.text[-500:]}")
        return answer.json()

    def request(self, method: str, path: str, **content: Any) -> httpx2.Response:
        """Return the answer to a request, whatever its status.

        Raises
        ------
        StackError
            When the dashboard does not answer.
        """
        try:
            return httpx2.request(method, f"{self.url}{path}", headers=self._headers, timeout=_TIMEOUT_S, **content)
        except httpx2.TransportError as error:
            raise self._silent(error) from error

    def read(self, question: Callable[[JobSubmissionClient], Answer]) -> Answer:
        """Return the answer to a question that changes nothing; one that a busy dashboard drops is asked again.

        Raises
        ------
        StackError
            When the dashboard does not answer, or refuses.
        """
        for _ in range(_DROPS):
            try:
                with self.jobs() as jobs:
                    return question(jobs)
            except StackError as error:
                if DROPPED not in str(error):
                    raise
            time.sleep(_PAUSE_S)
        with self.jobs() as jobs:
            return question(jobs)

    @contextmanager
    def jobs(self) -> Iterator[JobSubmissionClient]:
        """Lend Ray's client of the Jobs API; what it raises becomes a `StackError` of one line."""
        # it raises what its HTTP library raises, all of them OSErrors, and RuntimeError for a refusal
        try:
            if self._jobs is None:
                self._jobs = JobSubmissionClient(self.url, headers=self._headers)
            yield self._jobs
        except OSError as error:
            raise self._silent(error) from error
        except AuthenticationError as error:
            wanted = 'wants its token; run eval "$(candlecast env)" first'
            raise StackError(f"the cluster at {self.url} {wanted}") from error
        except RuntimeError as error:
            raise StackError(f"the cluster at {self.url} refused: {error}") from error

    def _silent(self, error: Exception) -> StackError:
        reason = str(error).splitlines()[0][:200]
        return StackError(f"no Ray cluster answers at {self.url} ({reason}); start it with `candlecast run`")


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
