"""Are words and phrases of markets found, and only those?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.sentiment.overlay import Entry, Overlay

OVERLAY = Overlay(
    [
        Entry(("cut",), -1.0),
        Entry(("cut", "dividend"), -3.0),
        Entry(("rate", "cut"), 1.5),
        Entry(("up", "#%"), 3.0),
        Entry(("-#%",), -3.0),
        Entry(("share",), 0.0, "silent"),
    ]
)


def terms(text):
    return [entry.term for entry in OVERLAY.mark(text).entries]


def test_mark_with_phrase_and_word_takes_the_longest():
    assert terms("Firm cuts dividend after job cuts") == ["cut dividend", "cut"]


def test_mark_of_phrase_in_other_order_and_inflection_finds_it():
    assert terms("Dividends cut; Fed cutting rates") == ["cut dividend", "rate cut"]


def test_mark_of_phrase_with_a_word_between_finds_only_the_word():
    assert terms("cuts quarterly dividend") == ["cut"]


def test_mark_of_signed_percentages_finds_their_direction():
    assert terms("AAPL +2.5%, MSFT -3%, up 4 percent") == ["up #%", "-#%", "up #%"]


def test_mark_at_the_end_of_a_text_finds_the_shorter_entry():
    assert terms("rates were cut") == ["cut"]


def test_mark_leaves_other_words_as_they_were():
    marked = OVERLAY.mark("GREAT news!! 3 shares cut :)")

    great, news, three, silent, stand_in, smile = marked.text.split()
    assert (great, news, three, smile) == ("GREAT", "news!!", "3", ":)")
    assert OVERLAY.stand_ins[stand_in] == -1.0
    assert silent not in OVERLAY.stand_ins
    assert marked.n_words == 4


def test_mark_of_text_that_holds_a_stand_in_does_not_believe_it():
    marked = OVERLAY.mark(" ".join(OVERLAY.stand_ins))

    assert not set(marked.text.split()) & set(OVERLAY.stand_ins)


def test_digest_with_one_valence_changed_differs():
    changed = Overlay([*OVERLAY.entries, Entry(("cut",), -1.1)])

    assert changed.digest != OVERLAY.digest
    assert Overlay(reversed(OVERLAY.entries)).digest == OVERLAY.digest


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["cut", "dividend", "rate", "up", "4%", "share", "the", "-1%"]), max_size=12))
def test_mark_of_any_words_covers_each_once_at_most(words):
    marked = OVERLAY.mark(" ".join(words))

    covered = sum(len(entry.words) for entry in marked.entries)
    assert len(marked.text.split()) == len(words) - covered + len(marked.entries)
