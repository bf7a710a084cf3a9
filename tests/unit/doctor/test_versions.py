"""Is what is installed compared with the lock, this machine's part of it?"""

from importlib.metadata import version

import pytest

from candlecast.doctor.versions import LOCK, locked, look_at_versions


@pytest.fixture
def lock(tmp_path):
    def write(*lines):
        path = tmp_path / "requirements.lock"
        path.write_text("".join(f"{line} \\\n    --hash=sha256:{'0' * 64}\n" for line in lines))
        return path

    return write


def test_packages_as_in_the_lock_are_well(lock):
    numpy = version("numpy")

    found = look_at_versions(lock(f"numpy=={numpy}", "pywin32==1.0 ; sys_platform == 'win32'"), python=(3, 12, 1))

    assert (found.verdict, found.detail) == ("ok", "Python 3.12.1, 1 packages as in requirements.lock")


def test_package_that_is_missing_is_named_with_the_mend(lock):
    found = look_at_versions(lock("no-such-package-here==1.0"))

    assert (found.verdict, found.mend) == ("broken", "make setup")
    assert found.detail == "1 packages are missing: no-such-package-here"


def test_package_of_another_version_is_a_warning_and_ray_is_broken(lock):
    other = look_at_versions(lock("numpy==0.1"))
    ray = look_at_versions(lock("ray==0.1"))

    assert other.verdict == "warning"
    assert other.detail.endswith(f"numpy {version('numpy')} in place of 0.1")
    assert ray.verdict == "broken"
    assert "cannot join" in ray.detail


def test_python_that_is_too_old_names_the_way_to_another():
    found = look_at_versions(python=(3, 10, 4))

    assert (found.verdict, found.detail) == ("broken", "Python 3.10.4 is older than 3.11")
    assert found.mend == "make setup PYTHON=python3.11"


def test_without_a_lock_nothing_is_compared(tmp_path):
    assert look_at_versions(tmp_path / "none").verdict == "skipped"


def test_lock_of_the_project_is_read_whole():
    names = [one.name for one in locked(LOCK)]

    assert len(names) > 100
    assert {"ray", "numpy", "gradio"} <= set(names)
