"""Is everything told of a part on one line?"""

from candlecast.doctor.finding import broken, skipped, together, warning, well


def test_line_of_a_finding_holds_verdict_name_detail_and_mend():
    assert well("answers").line("redis") == "ok   redis: answers"
    assert skipped("not used").line("replay") == "skip replay: not used"
    assert warning("is old", "make it anew").line("secrets") == "WARN secrets: is old -> make it anew"
    assert broken("is full", "make room").line("disk") == "BAD  disk: is full -> make room"


def test_several_findings_are_one_of_the_worst_verdict_with_each_mend_once():
    found = together([warning("a", "x"), broken("b", "y"), warning("c", "x")], otherwise="fine")

    assert found == broken("b; a; c", "y; x")
    assert together([], otherwise="fine") == well("fine")
