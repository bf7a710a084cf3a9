"""Is every entry of the overlay justified by texts that were counted right?"""

import csv
from importlib import resources

import numpy as np
import pytest

from candlecast.sentiment.labelled import LabelledTexts
from candlecast.sentiment.overlay import Entry, Overlay
from candlecast.sentiment.overlay_counts import MIN_TEXTS, MIN_VALENCE, Counted, as_csv, count, recount, valence

# negative, neutral and positive texts of the training part that the shipped table was counted in
TOTALS = np.array([1_442, 6_178, 1_923])
MARKET = LabelledTexts(
    "market",
    (
        "shares soar and soar",
        "profit soars",
        "stocks soared",
        "cuts dividend",
        "cut",
        "rates cut",
        "cut again",
        "nothing new",
        "no change",
    ),
    np.array([2, 2, 2, 0, 0, 1, 0, 1, 1]),
)
CRYPTO = LabelledTexts("crypto", ("a scam", "scam again", "not a scam?"), np.array([0, 0, 2]))


def shipped():
    text = resources.files("candlecast.sentiment").joinpath("overlay.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_count_with_repeated_and_covered_words_counts_texts_once():
    rows = count([Entry(("soar",), 1.0), Entry(("cut",), -1.0), Entry(("cut", "dividend"), -1.0)], MARKET)

    assert [(row.n_negative, row.n_neutral, row.n_positive) for row in rows] == [(0, 0, 3), (2, 1, 0), (1, 0, 0)]


def test_valence_of_counts_from_uneven_classes_weighs_classes_evenly():
    totals = np.array([10, 80, 10])

    assert valence(np.array([0, 0, 3]), totals) == pytest.approx(round(4 * 10 / 13, 1))
    assert valence(np.array([5, 0, 5]), totals) == 0.0
    assert valence(np.array([1, 8, 1]), totals) == 0.0
    assert valence(np.array([0, 0, 0]), totals) == 0.0


def test_recount_with_unsupported_entries_drops_them():
    candidates = [
        Entry(("soar",), 1.0),
        Entry(("cut",), 1.0),
        Entry(("cut", "dividend"), -1.0),
        Entry(("share",), 0.0, "silent"),
        Entry(("scam",), -3.0, "crypto"),
        Entry(("nothing",), -1.0, "crypto"),
    ]

    rows = recount(candidates, market=MARKET, crypto=CRYPTO)

    assert [(row.entry.term, row.n_negative, row.n_positive) for row in rows] == [("soar", 0, 3), ("scam", 2, 1)]
    assert rows[0].entry.valence == valence(np.array([0, 0, 3]), np.array([3, 3, 3]))
    assert rows[1].entry.valence == -3.0


def test_as_csv_of_rows_has_a_header_and_sorted_lines():
    rows = [Counted(Entry(("up", "#%"), 3.5), 1, 2, 30), Counted(Entry(("fall",), -2.0, "crypto"), 4, 0, 0)]

    assert as_csv(rows).splitlines() == [
        "term,valence,n_negative,n_neutral,n_positive,support",
        "fall,-2,4,0,0,crypto",
        "up #%,3.5,1,2,30,market",
    ]


def test_shipped_table_read_as_overlay_holds_every_line():
    assert sorted(entry.term for entry in Overlay.shipped().entries) == sorted(row["term"] for row in shipped())


def test_shipped_entries_each_follow_from_their_counts():
    for row in shipped():
        counts = np.array([int(row[name]) for name in ("n_negative", "n_neutral", "n_positive")])
        written, follows = float(row["valence"]), valence(counts, TOTALS)
        if row["support"] == "market":
            assert written == follows, row
            assert abs(written) >= MIN_VALENCE, row
        if row["support"] == "silent":
            assert written == 0.0, row
        if row["support"] == "crypto":
            assert written * (counts[2] - counts[0]) > 0, row
        else:
            assert counts.sum() >= MIN_TEXTS, row
