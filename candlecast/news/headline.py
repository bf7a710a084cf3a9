"""What does a headline say, as far as it can be compared? Its words, figures, direction, negation and names."""

from dataclasses import dataclass
from functools import lru_cache

from candlecast.news.names import NAME_OF_WORD
from candlecast.sentiment.text import content_words

_RISING_WORDS = """
rise gain climb jump surge soar rally rebound recover advance increase grow high higher up above bull bullish buy
upgrade beat exceed outperform raise inflow approve approval accept allow lift add extend launch open resume win
profit green boost accumulate unban legalize long
"""
_FALLING_WORDS = """
fall drop lose loss decline slide slip sink plunge crash tumble dump dip decrease shrink low lower down below bear
bearish sell downgrade miss underperform cut outflow reject rejection refuse deny ban halt remove delay close suspend
pause red hack liquidate outlaw short fail
"""
_RISING = frozenset(_RISING_WORDS.split())
_FALLING = frozenset(_FALLING_WORDS.split())
_NEGATIONS = frozenset(("no", "not", "never", "none", "nor", "neither", "without"))


@dataclass(frozen=True, slots=True)
class Headline:
    """What is compared of a headline.

    Parameters
    ----------
    words : str
        Its lemmas but for figures, sorted, separated by blanks.
    n_words : int
        How many they are.
    figures : frozenset of str
        Its numbers, written out; years and days too.
    direction : int
        1 when it has words that rise and none that fall, -1 the other way round, else 0.
    negated : bool
        Whether a word denies.
    names : frozenset of str
        Tickers of the coins and companies that it names.
    """

    words: str
    n_words: int
    figures: frozenset[str]
    direction: int
    negated: bool
    names: frozenset[str]

    @property
    def kind(self) -> tuple[frozenset[str], bool]:
        """Return what two headlines of one story have in common to the letter: figures and negation."""
        return self.figures, self.negated

    def contradicts(self, other: "Headline") -> bool:
        """Tell whether one rises where the other falls."""
        return self.direction * other.direction < 0

    def names_another(self, other: "Headline") -> bool:
        """Tell whether each of both names something that the other does not."""
        return bool(self.names - other.names) and bool(other.names - self.names)


# A round of the feeds compares with the same titles as the round before.
@lru_cache(maxsize=8_192)
def read_headline(title: str) -> Headline:
    """Return what can be compared of `title`, any text; one without words has ``n_words`` 0."""
    lemmas = content_words(title)
    words = sorted(word for word in lemmas if not _is_figure(word))
    found = set(words)
    return Headline(
        words=" ".join(words),
        n_words=len(words),
        figures=frozenset(word.removesuffix("%") for word in lemmas if _is_figure(word)),
        direction=bool(found & _RISING) - bool(found & _FALLING),
        negated=bool(found & _NEGATIONS),
        names=frozenset(NAME_OF_WORD[word] for word in found if word in NAME_OF_WORD),
    )


def _is_figure(word: str) -> bool:
    return word.lstrip("-")[:1].isdigit()
