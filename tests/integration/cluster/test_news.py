"""Is there always one desk of the newest settings, whatever is killed? Real Ray, a desk that only tells it lives."""

import os
import signal
import time
from pathlib import Path

import pytest
import ray

from candlecast.errors import StorageError
from candlecast.settings import Settings
from cluster.detached import find_actor
from cluster.news import NEWS, start_news, stop_news

LIMIT_S = 90.0


class TellingDesk:
    """Writes its process id into a file and waits."""

    def __init__(self, settings):
        self.folder = settings.models.folder

    async def run(self):
        import asyncio

        (self.folder / str(os.getpid())).touch()
        await asyncio.sleep(3_600)


def open_when_the_database_is_up(settings):
    """Fail as a desk does whose database is down, until a file says that it is up."""
    (settings.models.folder / "tried").touch()
    if not (settings.models.folder / "up").exists():
        raise StorageError("the database does not answer")
    return TellingDesk(settings)


def make_settings(folder: Path, **news) -> Settings:
    return Settings(models={"folder": folder}, news=news, _env_file=None)


def pid_after(folder: Path, *known: int) -> int:
    deadline_s = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline_s:
        new = {int(file.name) for file in folder.iterdir() if file.name.isdecimal()} - set(known)
        if new:
            return new.pop()
        time.sleep(0.1)
    raise AssertionError("no desk began")


def wait_for(file: Path) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    while not file.exists():
        assert time.monotonic() < deadline_s, file
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _stopped(ray_head):
    yield
    stop_news()


def test_desk_started_twice_is_one_that_comes_back_after_a_kill(tmp_path):
    settings = make_settings(tmp_path)

    actor = start_news(settings, make_desk=TellingDesk)
    first = pid_after(tmp_path)
    again = start_news(settings, make_desk=TellingDesk)
    os.kill(first, signal.SIGKILL)
    second = pid_after(tmp_path, first)

    assert again == actor
    assert second != first


def test_desk_of_other_settings_replaces_the_one_before(tmp_path):
    before = start_news(make_settings(tmp_path), make_desk=TellingDesk)
    first = pid_after(tmp_path)

    after = start_news(make_settings(tmp_path, interval_s=60), make_desk=TellingDesk)

    assert after != before
    assert pid_after(tmp_path, first) != first


def test_stopped_desk_leaves_its_name_free(tmp_path):
    start_news(make_settings(tmp_path), make_desk=TellingDesk)

    stop_news()

    assert find_actor(NEWS) is None


def test_desk_whose_database_is_down_at_first_begins_when_it_is_up(tmp_path):
    actor = start_news(make_settings(tmp_path), make_desk=open_when_the_database_is_up)
    wait_for(tmp_path / "tried")

    assert ray.get(actor.failure.remote()) is None
    (tmp_path / "up").touch()
    assert pid_after(tmp_path)


def test_desk_that_ends_by_an_error_says_which(tmp_path):
    actor = start_news(make_settings(tmp_path / "missing"), make_desk=TellingDesk)

    deadline_s = time.monotonic() + LIMIT_S
    while (reason := ray.get(actor.failure.remote())) is None and time.monotonic() < deadline_s:
        time.sleep(0.1)

    assert reason.startswith("FileNotFoundError")
