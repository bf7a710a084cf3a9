"""Is an actor given up when it is lost, and only then?"""

import math

import pytest

from candlecast.market.symbols import Symbol
from cluster.actors.crew import Member, Patience, plan_crew

PATIENCE = Patience(silent_s=15, stuck_s=120, start_s=60, again_s=1, again_max_s=8)
SYMBOLS = tuple(Symbol.parse(f"C{number}/USDT") for number in range(6))


def make_member(*, started_s: float = 0.0, heard_s: float | None = None, busy_s: float = 0.0) -> Member:
    member = Member(PATIENCE)
    member.started(started_s)
    if heard_s is not None:
        member.heard(heard_s, busy_s=busy_s)
    return member


@pytest.mark.parametrize(
    ("member", "now_s", "complaint"),
    [
        (make_member(), 59, None),
        (make_member(), 61, "it did not start within 60 s"),
        (make_member(heard_s=40), 54, None),
        (make_member(heard_s=40), 56, "it did not answer for 15 s"),
        (make_member(heard_s=40, busy_s=119), 41, None),
        (make_member(heard_s=40, busy_s=130), 41, "it made no progress for 130 s"),
        (Member(PATIENCE), 1_000, None),
    ],
)
def test_complaint_about_a_member_says_why_it_is_given_up(member, now_s, complaint):
    assert member.complaint(now_s) == complaint


def test_vacancy_of_a_member_lost_again_and_again_grows_to_a_limit():
    member, pauses_s = Member(PATIENCE), []
    for _ in range(6):
        member.started(100.0)
        member.lost(100.0)
        pauses_s.append(member.vacant_s(100.0))

    assert pauses_s == [1, 2, 4, 8, 8, 8]
    assert member.vacant_s(108.0) == 0
    assert member.n_losses == 6


def test_vacancy_of_a_member_that_answered_before_it_was_lost_is_short_again():
    member = make_member()
    member.lost(1.0)
    member.started(2.0)
    member.heard(3.0, busy_s=0.0)

    member.lost(4.0)

    assert member.vacant_s(4.0) == 1
    assert make_member().vacant_s(0.0) == math.inf


def test_plan_crew_at_the_first_start_gives_everybody_its_own():
    shards = plan_crew(SYMBOLS, [make_member(), make_member()])

    assert [len(shard) for shard in shards.values()] == [3, 3]


def test_plan_crew_with_one_that_starts_again_leaves_its_symbols_with_those_that_work():
    again = make_member()
    again.lost(1.0)
    again.started(2.0)

    waiting = plan_crew(SYMBOLS, [make_member(heard_s=1), again])
    again.heard(3.0, busy_s=0.0)
    back = plan_crew(SYMBOLS, [make_member(heard_s=1), again])

    assert [len(shard) for shard in waiting.values()] == [6, 0]
    assert [len(shard) for shard in back.values()] == [3, 3]


def test_plan_crew_of_nobody_that_works_gives_those_that_start_everything():
    again = make_member()
    again.lost(1.0)
    again.started(2.0)

    assert plan_crew(SYMBOLS, [again]) == {0: SYMBOLS}
    assert plan_crew(SYMBOLS, [Member(PATIENCE)]) == {0: ()}
