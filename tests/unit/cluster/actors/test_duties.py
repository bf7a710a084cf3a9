"""Does a duty that cannot begin yet begin later, and one that never can say so at once?"""

import asyncio

import pytest

from candlecast.errors import InvalidRequestError, SourceUnavailableError, StorageError
from candlecast.settings import Settings
from cluster.actors.duties import DutyOrder, opened


class Maker:
    """Ends as told, time after time; the last end repeats."""

    def __init__(self, *ends):
        self.ends = list(ends)
        self.n_tries = 0

    def __call__(self, settings):
        end = self.ends[min(self.n_tries, len(self.ends) - 1)]
        self.n_tries += 1
        if isinstance(end, Exception):
            raise end
        return end


def open_with(maker):
    return asyncio.run(opened(DutyOrder("news", maker), Settings(_env_file=None), pause_s=0))


def test_duty_whose_database_is_down_opens_when_it_is_back():
    maker = Maker(StorageError("the database does not answer"), SourceUnavailableError("no replay server"), "duty")

    assert open_with(maker) == "duty"
    assert maker.n_tries == 3


@pytest.mark.parametrize("error", [InvalidRequestError("news.feeds must be of rss"), RuntimeError("a bug")])
def test_duty_that_waiting_does_not_mend_is_tried_once(error):
    maker = Maker(error)

    with pytest.raises(type(error)):
        open_with(maker)

    assert maker.n_tries == 1
