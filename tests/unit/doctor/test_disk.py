"""Is a disk without room told of, and a folder that cannot be written?"""

import os

from candlecast.doctor.disk import look_at_disk


def test_disk_with_room_is_well_and_no_folder_is_made(tmp_path):
    found = look_at_disk({"data": tmp_path / "not" / "there"}, min_free_mb=0)

    assert found.verdict == "ok"
    assert found.detail.endswith("MB free for data")
    assert not list(tmp_path.iterdir())


def test_disk_with_less_room_than_asked_for_is_broken(tmp_path):
    found = look_at_disk({"data": tmp_path, "models": tmp_path}, min_free_mb=1e12)

    assert found.verdict == "broken"
    assert f"{tmp_path} (data) has " in found.detail
    assert "1,000,000,000,000 are needed" in found.detail
    assert "candlecast models prune" in found.mend


def test_folder_that_cannot_be_written_is_broken(tmp_path, monkeypatch):
    # the user of the tests may be root, who may write everywhere
    monkeypatch.setattr(os, "access", lambda _place, mode: mode != os.W_OK)

    found = look_at_disk({"data": tmp_path}, min_free_mb=0)

    assert (found.verdict, found.mend) == ("broken", f"chown or remount {tmp_path}")
