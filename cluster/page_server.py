"""When can the page be opened? Its server reads half of Gradio before it answers."""

import time

from candlecast.errors import StackError
from candlecast.storage.process import Child
from cluster.dashboard import answers

_START_LIMIT_S = 120.0


def await_page(url: str, child: Child) -> None:
    """Wait until the page at `url` answers.

    Raises
    ------
    StackError
        When it does not start; says why.
    """
    deadline_s = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline_s and child.alive():
        if answers(f"{url}/healthz"):
            return
        time.sleep(0.1)
    raise StackError(f"the page did not start: {child.last_line()}; see {child.log_file}")
