"""Does a long job say how far it is, how fast, and when it ends?"""

import pytest

from jobs.meter import metered, progress_line


@pytest.mark.parametrize(
    ("done", "total", "elapsed_s", "line"),
    [
        (250_000, 1_000_000, 5.0, "backfill 25 %: 250,000 of 1,000,000 candles, 50,000/s, 0:00:15 left"),
        (0, 1_000, 4.0, "backfill 0 %: 0 of 1,000 candles, 0/s, no end in sight"),
        (1_000, 1_000, 4.0, "backfill 100 %: 1,000 of 1,000 candles, 250/s, 0:00:00 left"),
    ],
)
def test_progress_line_says_share_rate_and_time_left(done, total, elapsed_s, line):
    assert progress_line("backfill", done, total, elapsed_s=elapsed_s) == line


def test_meter_without_a_terminal_speaks_every_few_seconds_only(monkeypatch):
    now_s, said = [0.0], []
    monkeypatch.setattr("jobs.meter.time.monotonic", lambda: now_s[0])

    with metered("backfill", 100, say=said.append) as advance:
        for now_s[0] in (1.0, 2.0, 4.0, 4.5, 8.0):
            advance(20)

    assert said == [
        "backfill 60 %: 60 of 100 candles, 15/s, 0:00:03 left",
        "backfill 100 %: 100 of 100 candles, 12/s, 0:00:00 left",
    ]


def test_meter_on_a_terminal_draws_a_bar_on_stderr(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    said = []

    with metered("backfill", 100, say=said.append) as advance:
        advance(100)

    assert said == []
    assert "backfill" in capsys.readouterr().err
