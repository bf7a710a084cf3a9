"""Does a driver leave the processors alone while the head of the cluster is away?"""

import time

import pytest

from cluster.connect import PatientSubscriber


class Told:
    def __init__(self, answer):
        self.answer = answer
        self.channel = "errors"

    def poll(self, timeout=None):
        return self.answer


@pytest.fixture
def slept(monkeypatch):
    naps = []
    monkeypatch.setattr(time, "sleep", naps.append)
    return naps


@pytest.mark.parametrize("nothing", [None, (None, None)])
def test_subscriber_told_nothing_at_once_pauses(slept, nothing):
    assert PatientSubscriber(Told(nothing)).poll() == nothing

    assert len(slept) == 1


def test_subscriber_told_something_passes_it_on_at_once(slept):
    assert PatientSubscriber(Told((b"1", {"job_id": None}))).poll(timeout=1) == (b"1", {"job_id": None})

    assert slept == []


def test_subscriber_that_waited_for_nothing_asks_again_at_once(slept, monkeypatch):
    hours_s = iter([0.0, 60.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(hours_s))

    PatientSubscriber(Told(None)).poll()

    assert slept == []


def test_subscriber_has_all_else_of_rays_own():
    assert PatientSubscriber(Told(None)).channel == "errors"
