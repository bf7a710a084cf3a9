import json
import math

import pytest

from benchmarks.soak.seen import Seen, add_up, read_notes


def note(second, *, stack=0, probes=None, latencies_ms=None, failures=(), delays_s=(), n_unseen=0):
    return {
        "stack": stack,
        "second": second,
        "probes": probes or {},
        "latencies_ms": latencies_ms or {},
        "failures": list(failures),
        "delays_s": list(delays_s),
        "n_unseen": n_unseen,
    }


def test_availability_is_the_share_of_seconds_that_were_right():
    notes = [note(second, probes={"latest": "503" if second == 3 else ""}) for second in range(10)]

    [seen] = add_up(notes, n_stacks=1)

    assert seen.availability() == {"latest": 0.9}
    assert seen.wrong["latest"] == {3: "503"}


def test_add_up_joins_what_was_noted_of_one_second_later():
    notes = [note(1, latencies_ms={"news": [4.0]}), note(1, latencies_ms={"news": [6.0]}, failures=["news: 503"])]

    [seen] = add_up(notes, n_stacks=1)

    assert seen.latencies_ms == {"news": [4.0, 6.0]}
    assert (seen.n_requests, seen.n_failed) == (2, 1)


def test_add_up_keeps_stacks_apart():
    first, second = add_up([note(0, stack=1, delays_s=[0.3])], n_stacks=2)

    assert (first.delays_s, second.delays_s) == ([], [0.3])


def test_delay_counts_what_nobody_saw_as_never():
    seen = Seen(delays_s=[0.2] * 90, n_unseen=10)

    assert seen.delay_s(50, never_s=5.0) == pytest.approx(0.2)
    assert seen.delay_s(95, never_s=5.0) == 5.0


def test_delay_of_nothing_is_no_number():
    assert math.isnan(Seen().delay_s(95, never_s=5.0))


def test_read_notes_of_a_run_that_was_broken_off_leaves_the_cut_line_out(tmp_path):
    file = tmp_path / "notes.jsonl"
    file.write_text(json.dumps(note(0)) + "\n" + json.dumps(note(1))[:20])

    assert [one["second"] for one in read_notes(file)] == [0]


def test_read_notes_of_readers_that_never_began_is_empty(tmp_path):
    assert read_notes(tmp_path / "none.jsonl") == []
