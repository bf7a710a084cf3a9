import pytest

from candlecast.errors import AccessError
from tests.fakes.models import make_job
from ui.models_page.jobs import is_running, job_panel, read_job_id


def test_job_panel_shows_progress_and_the_newest_lines_as_text():
    job = make_job("train-1", log=["\x1b[36mreading\x1b[0m", "<script>alert(1)</script>"])

    text = job_panel("train-1", job)

    assert 'value="50"' in text
    assert "2 of 4 folds: fold 2 of 4" in text
    assert "reading\n&lt;script&gt;" in text
    assert "\x1b" not in text


def test_job_panel_of_a_failed_job_says_what_the_cluster_says():
    text = job_panel("train-1", make_job("train-1", status="FAILED", message="out of memory"))

    assert 'data-job-status="FAILED"' in text
    assert "out of memory" in text


def test_job_panel_of_a_refused_key_says_so_beside_the_id():
    text = job_panel("train-1", AccessError("no key was sent", status=401))

    assert "no key was sent" in text
    assert "train-1" in text


@pytest.mark.parametrize(("status", "running"), [("PENDING", True), ("RUNNING", True), ("SUCCEEDED", False)])
def test_job_runs_until_it_has_ended(status, running):
    assert is_running(make_job("train-1", status=status)) is running
    assert not is_running(None)


@pytest.mark.parametrize("text", ["", "../secret", "a b", "x" * 101, "<b>"])
def test_job_id_that_can_be_none_is_not_asked_for(text):
    assert read_job_id(text) == ""


def test_job_id_is_read_as_the_api_gives_it():
    assert read_job_id("train-0a1b2c3d4e5f-0") == "train-0a1b2c3d4e5f-0"
