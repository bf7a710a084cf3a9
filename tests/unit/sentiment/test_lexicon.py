"""Do words get their market meaning, and does plain VADER stay plain?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.lexicon import FEATURES, MAX_OVERLAY, MAX_READ_CHARACTERS, LexiconEngine, VaderEngine, Weights
from candlecast.sentiment.overlay import Entry, Overlay


@pytest.fixture(scope="module")
def vader():
    return VaderEngine()


@pytest.fixture(scope="module")
def lexicon():
    return LexiconEngine()


def label_of(engine, text):
    return LABELS[engine.judge([text]).labels[0]]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Great quarter, excellent growth and happy investors", "positive"),
        ("Terrible losses, awful fraud, investors are angry", "negative"),
        ("The meeting is on Tuesday", "neutral"),
        ("", "neutral"),
    ],
)
def test_vader_of_plain_sentences_has_the_expected_label(vader, text, label):
    assert label_of(vader, text) == label


@pytest.mark.parametrize(("compound", "label"), [(0.05, 2), (0.0499, 1), (0.0, 1), (-0.0499, 1), (-0.05, 0), (1.0, 2)])
def test_vader_at_its_thresholds_keeps_score_and_documented_label(monkeypatch, vader, compound, label):
    monkeypatch.setattr(vader._analyzer, "polarity_scores", lambda text: {"compound": compound})

    verdicts = vader.judge(["any"])

    assert verdicts.scores[0] == pytest.approx(compound)
    assert verdicts.labels[0] == label
    assert verdicts.probabilities.sum() == pytest.approx(1.0)
    assert verdicts.probabilities.min() >= 0.0


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Bitcoin crashes 20% as exchange halts withdrawals", "negative"),
        ("Fed cuts rates, stocks rally to record high", "positive"),
        ("Exchange hacked, $50 million in tokens stolen", "negative"),
        ("Analyst raises price target on Nvidia to $900", "positive"),
        ("Apple misses expectations, shares slide after hours", "negative"),
        ("Company beats expectations and raises full-year guidance", "positive"),
        ("Retailer cuts dividend and warns of weak demand", "negative"),
        ("Ethereum jumps 8% to all-time high", "positive"),
        ("Morgan Stanley downgrades Tesla to underweight", "negative"),
        ("Solana soars as spot ETF wins approval", "positive"),
        ("Regulator sues crypto exchange over alleged fraud", "negative"),
        ("Stocks rebound as jobless claims fall", "positive"),
        ("Token plunges after rug pull leaves holders with nothing", "negative"),
        ("Shares gain 5% premarket after upgrade to buy", "positive"),
        ("Hedge funds have never been this bullish on Acme", "positive"),
        ("Company to hold annual shareholder meeting on May 5", "neutral"),
        ("Coinbase lists new token for trading", "neutral"),
        ("Security holders to vote on energy credit facility", "neutral"),
    ],
)
def test_lexicon_of_market_headlines_has_the_expected_label(lexicon, text, label):
    assert label_of(lexicon, text) == label


def test_lexicon_of_negated_entry_turns_its_side(lexicon):
    plain, negated = lexicon.features(["Acme is bullish today", "Acme is not bullish today"])[:, 1]

    assert plain > 0 > negated


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 words, fewer than 2"),
        ("Bitcoin", "1 word, fewer than 2"),
        ("up https://t.co/abc 5% -3%", "1 word, fewer than 2"),
        ("Zzqx vvkl", None),
        ("Bitcoin crashes", None),
    ],
)
def test_lexicon_of_short_text_abstains_and_says_why(lexicon, text, reason):
    assert lexicon.judge([text]).abstain_reasons == (reason,)


def test_lexicon_of_unknown_words_leans_to_neutral(lexicon):
    assert label_of(lexicon, "Zzqx vvkl wrrt") == "neutral"


@pytest.mark.parametrize("engine", ["vader", "lexicon"])
def test_engine_without_texts_gives_no_rows(request, engine):
    verdicts = request.getfixturevalue(engine).judge([])

    assert verdicts.probabilities.shape == (0, 3)
    assert verdicts.on_the_wire() == []


@pytest.mark.parametrize("engine", ["vader", "lexicon"])
def test_engine_of_huge_text_reads_only_its_beginning(request, engine):
    start = "stocks rally " * (MAX_READ_CHARACTERS // 13 + 1)

    judged = request.getfixturevalue(engine).judge([start[:MAX_READ_CHARACTERS], start + "fraud " * 100_000])

    np.testing.assert_array_equal(judged.probabilities[0], judged.probabilities[1])


def test_lexicon_features_of_many_entries_are_capped(lexicon):
    features = lexicon.features(["plunges tumbles slumps crashes sinks slides", "soars jumps rallies climbs surges"])

    assert features.shape == (2, len(FEATURES))
    assert (features[0, 4], features[1, 5]) == (MAX_OVERLAY, MAX_OVERLAY)


def test_version_with_another_word_or_weight_differs(lexicon):
    more = Overlay([*Overlay.shipped().entries, Entry(("zzqx",), 1.0)])
    other = Weights(Weights.shipped().table + 0.5)

    versions = {lexicon.version, LexiconEngine(more).version, LexiconEngine(weights=other).version}

    assert len(versions) == 3
    assert LexiconEngine().version == lexicon.version


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.text(max_size=40) | st.just("stocks fall 5% :) \U0001f680"), min_size=1, max_size=4))
def test_lexicon_of_any_texts_judges_each_by_itself(lexicon, texts):
    verdicts = lexicon.judge(texts)

    alone = np.vstack([lexicon.judge([text]).probabilities for text in texts])
    np.testing.assert_allclose(verdicts.probabilities.sum(axis=1), 1.0)
    np.testing.assert_allclose(verdicts.probabilities, alone, atol=1e-12)
