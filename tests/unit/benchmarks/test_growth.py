"""Is the disk looked at before the first candle is written?"""

import pytest
from growth import ALL_SIZES, SIZES, disk_need, require_disk
from growth_world import Size

MILLION = 1_000_000


def test_databases_that_are_thrown_away_need_the_room_of_the_largest():
    sizes = [Size(10, MILLION), Size(100, 10 * MILLION)]

    assert disk_need(sizes, kept=False) == 2_000_000_000
    assert disk_need(sizes, kept=True) == 2_200_000_000


def test_default_sizes_leave_out_100_million():
    assert "100M" not in SIZES
    assert ALL_SIZES.endswith("100x100M")


def test_folder_without_room_is_refused_in_one_line(tmp_path):
    with pytest.raises(
        SystemExit, match=r"take 1000000000000.0 GB in .*; name smaller --sizes, or a --folder with room"
    ):
        require_disk(10**21, tmp_path)


def test_folder_with_room_is_told(tmp_path, capsys):
    (tmp_path / "held").write_bytes(b"x" * 10_000)

    require_disk(4_096, tmp_path)

    assert "growth: the databases take 0.0 GB" in capsys.readouterr().out
