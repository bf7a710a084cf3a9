"""Do batches hold every text once, with little padding?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.sentiment.tokens import MAX_CELLS, MAX_TEXTS, batches, without_links


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 600), max_size=80))
def test_batches_of_any_texts_hold_each_once_within_the_limits(lengths):
    ids = [[7] * length for length in lengths]

    found = list(batches(ids, pad_id=0))

    assert sorted(row for batch in found for row in batch.rows) == list(range(len(ids)))
    for batch in found:
        assert len(batch.rows) <= MAX_TEXTS
        assert batch.ids.size <= MAX_CELLS or len(batch.rows) == 1
        assert batch.mask.sum(axis=1).tolist() == [lengths[row] for row in batch.rows]
        np.testing.assert_array_equal(batch.ids, np.where(batch.mask, 7, 0))


def test_batches_of_texts_of_two_lengths_pad_nothing():
    ids = [[1] * length for length in [3, 9] * MAX_TEXTS]

    assert all(batch.mask.all() for batch in batches(ids, pad_id=0))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Up https://t.co/x now", "Up now"),
        ("http://a.b", ""),
        ("  two \n words\t", "two words"),
        ("a/b https", "a/b https"),
    ],
)
def test_without_links_leaves_the_words(text, plain):
    assert without_links(text) == plain
