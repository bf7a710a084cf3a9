"""Is a duty always done once, by the newest settings, whatever is killed? Real Ray, a duty that only tells it lives."""

import os
import signal
import time
from pathlib import Path

import pytest
import ray

from candlecast.errors import StorageError
from candlecast.settings import Settings
from cluster.actors.duties import DutyOrder
from cluster.detached import find_actor
from cluster.duties import start_duties, stop_duties

LIMIT_S = 90.0
NAME = "test-duty"


class TellingDuty:
    """Writes its process id into a file and waits."""

    def __init__(self, settings):
        self.folder = settings.models.folder

    async def run(self):
        import asyncio

        (self.folder / str(os.getpid())).touch()
        await asyncio.sleep(3_600)


def open_when_the_database_is_up(settings):
    """Fail as a duty does whose database is down, until a file says that it is up."""
    (settings.models.folder / "tried").touch()
    if not (settings.models.folder / "up").exists():
        raise StorageError("the database does not answer")
    return TellingDuty(settings)


def open_what_fails(settings):
    """Fail as a duty does whose own code is wrong."""
    raise FileNotFoundError("no such feed")


def make_settings(folder: Path, **news) -> Settings:
    return Settings(models={"folder": folder}, news=news, _env_file=None)


def start(settings: Settings, *makers):
    orders = [DutyOrder(f"duty {number}", make) for number, make in enumerate(makers)]
    return start_duties(settings, orders, name=NAME)


def pid_after(folder: Path, *known: int) -> int:
    deadline_s = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline_s:
        new = {int(file.name) for file in folder.iterdir() if file.name.isdecimal()} - set(known)
        if new:
            return new.pop()
        time.sleep(0.1)
    raise AssertionError("no duty began")


def wait_for(file: Path) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    while not file.exists():
        assert time.monotonic() < deadline_s, file
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _stopped(ray_head):
    yield
    stop_duties(name=NAME)


def test_duty_started_twice_is_one_that_comes_back_after_a_kill(tmp_path):
    settings = make_settings(tmp_path)

    actor = start(settings, TellingDuty)
    first = pid_after(tmp_path)
    again = start(settings, TellingDuty)
    os.kill(first, signal.SIGKILL)
    second = pid_after(tmp_path, first)

    assert again == actor
    assert second != first


def test_duty_of_other_settings_replaces_the_one_before(tmp_path):
    before = start(make_settings(tmp_path), TellingDuty)
    first = pid_after(tmp_path)

    after = start(make_settings(tmp_path, interval_s=60), TellingDuty)

    assert after != before
    assert pid_after(tmp_path, first) != first


def test_stopped_duty_leaves_its_name_free(tmp_path):
    start(make_settings(tmp_path), TellingDuty)

    stop_duties(name=NAME)

    assert find_actor(NAME) is None


def test_duty_whose_database_is_down_at_first_begins_when_it_is_up(tmp_path):
    actor = start(make_settings(tmp_path), open_when_the_database_is_up)
    wait_for(tmp_path / "tried")

    assert ray.get(actor.failures.remote()) == {}
    (tmp_path / "up").touch()
    assert pid_after(tmp_path)


def test_duty_that_ends_by_an_error_says_which_and_ends_no_other(tmp_path):
    actor = start(make_settings(tmp_path), open_what_fails, TellingDuty)

    deadline_s = time.monotonic() + LIMIT_S
    while not (reasons := ray.get(actor.failures.remote())) and time.monotonic() < deadline_s:
        time.sleep(0.1)

    assert reasons == {"duty 0": "FileNotFoundError: no such feed"}
    assert pid_after(tmp_path)
