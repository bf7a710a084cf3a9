"""Is every part told of, however badly one behaves?"""

import threading

from candlecast.doctor.finding import broken, well
from candlecast.doctor.round import Part, look_at
from candlecast.errors import StorageError


def raising(error):
    def look():
        raise error

    return look


def test_parts_are_told_in_their_order_and_none_hides_another():
    parts = [
        Part("fine", lambda: well("answers"), "x"),
        Part("ours", raising(StorageError("the database is away")), "start it"),
        Part("surprise", raising(KeyError("what")), "report it"),
    ]

    assert look_at(parts, timeout_s=10) == {
        "fine": well("answers"),
        "ours": broken("the database is away", "start it"),
        "surprise": broken("KeyError: 'what'", "report it"),
    }


def test_part_that_hangs_is_broken_and_nobody_waits_for_it():
    never = threading.Event()
    parts = [Part("hangs", lambda: well(str(never.wait())), "kill it"), Part("fine", lambda: well("answers"), "x")]

    found = look_at(parts, timeout_s=0.3)

    assert found == {"hangs": broken("had not ended after 0.3 s", "kill it"), "fine": well("answers")}
    assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("doctor-"))
    never.set()


def test_parts_that_wait_do_so_at_the_same_time():
    together = threading.Barrier(8, timeout=20)

    def look():
        together.wait()
        return well("met")

    found = look_at([Part(str(number), look, "x") for number in range(8)], timeout_s=30)

    assert {one.verdict for one in found.values()} == {"ok"}


def test_foreign_words_in_a_finding_do_nothing_to_the_terminal():
    [found] = look_at([Part("x", lambda: well("a\n\x1b[2Jb"), "x")], timeout_s=5).values()

    assert found.detail == r"a\n\x1b[2Jb"
