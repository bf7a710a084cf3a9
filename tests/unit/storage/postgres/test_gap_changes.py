from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.market.gaps import Hole
from candlecast.storage.postgres.gap_changes import Gap, overlaps, plan_changes
from tests.storage_builders import START

HOUR = timedelta(hours=1)
NOW = START + timedelta(days=30)


def make_hole(first: int, last: int) -> Hole:
    return Hole(START + first * HOUR, START + last * HOUR, last - first)


def _holes_of(missing: set[int]) -> list[Hole]:
    # the runs of hours in `missing`
    starts = sorted(hour for hour in missing if hour - 1 not in missing)
    ends = sorted(hour + 1 for hour in missing if hour + 1 not in missing)
    return [make_hole(start, end) for start, end in zip(starts, ends, strict=True)]


def test_gap_without_a_hole_is_repaired():
    changes = plan_changes({4: Gap(make_hole(0, 2), NOW)}, [], noticed_at=NOW)

    assert (changes.repaired, changes.merged, changes.changed, changes.added) == ([4], [], {}, [])


def test_gap_that_shrank_keeps_what_is_known():
    gap = Gap(make_hole(0, 5), START, status="outage", venues_asked=("kraken",), attempts=2, settled_at=START)

    changes = plan_changes({4: gap}, [make_hole(3, 5)], noticed_at=NOW)

    shrunk = changes.changed[4]
    assert (shrunk.hole, shrunk.status, shrunk.attempts) == (make_hole(3, 5), "outage", 2)
    assert changes.added == []


def test_gap_that_grew_was_not_asked_for_yet():
    gap = Gap(make_hole(0, 5), START, status="outage", venues_asked=("kraken",), attempts=2, settled_at=START)

    changes = plan_changes({4: gap}, [make_hole(0, 6)], noticed_at=NOW)

    assert changes.changed == {4: Gap(make_hole(0, 6), START)}


@settings(deadline=None)
@given(st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12)))
def test_ledger_after_the_changes_is_exactly_the_holes(before, after):
    stored = {number: Gap(hole, START) for number, hole in enumerate(_holes_of(before))}
    holes = _holes_of(after)

    changes = plan_changes(stored, holes, noticed_at=NOW)

    ledger = {number: gap for number, gap in stored.items() if number not in [*changes.repaired, *changes.merged]}
    ledger |= changes.changed
    present = [gap.hole for gap in [*ledger.values(), *changes.added]]
    assert sorted(present, key=lambda hole: hole.start) == holes
    for number in changes.repaired:
        assert not any(overlaps(stored[number].hole, hole) for hole in holes)
