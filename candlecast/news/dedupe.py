"""Do two articles tell the same story? Near-duplicates by their words, unless figures, directions or names differ."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from rapidfuzz import fuzz

from candlecast.news.articles import Article
from candlecast.news.headline import Headline, read_headline
from candlecast.news.stories import KnownTitle

# Later than this after the first one, the same words tell something new.
SAME_STORY_WITHIN = timedelta(hours=48)
# Similarities in per cent of rapidfuzz (Indel, words sorted; then words as sets), chosen on pairs of headlines that
# three crypto outlets published within 48 h of each other (7,500 of 2021 and 2022): of those at 75 and above nearly
# all tell one story, those at 65 do when one headline's words are nearly all in the other, below it is chance. By
# these rules 83 pairs are one story, 2 of them wrongly; half of the 24 that figures, directions and names keep apart
# are indeed two. One outlet repeats its own phrases day by day ("Bitcoin and Ethereum Extend Losses"): it tells a
# story twice only in nearly the same words.
_SORTED = 75.0
_SORTED_IF_WITHIN = 65.0
_WITHIN = 90.0
_SORTED_SAME_OUTLET = 90.0
# Two words alike are a phrase, not a story.
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Placed:
    known: KnownTitle
    headline: Headline


class StoryIndex:
    """Stories that a new article may be telling again, each by the headline that told it first.

    Parameters
    ----------
    stories : iterable of KnownTitle
        Known ones, in any order.
    """

    def __init__(self, stories: Iterable[KnownTitle] = ()) -> None:
        self._by_kind: dict[tuple[frozenset[str], bool], list[_Placed]] = defaultdict(list)
        for known in sorted(stories, key=_order):
            placed = _Placed(known, read_headline(known.title))
            self._by_kind[placed.headline.kind].append(placed)

    def place(self, articles: Sequence[Article]) -> list[str]:
        """Return the story of each article, and remember the stories that are new.

        Greedy, in the order of ``known_at``, then ``url_hash``: an article tells the earliest story
        that it resembles, else its own. So a history in one go and the same articles as they came
        give the same stories.

        Parameters
        ----------
        articles : sequence of Article of length n
            In any order, each ``url_hash`` once.

        Returns
        -------
        list of str of length n
            `Article.url_hash` of the first article of each one's story, its own for a new story.
        """
        stories = {}
        for article in sorted(articles, key=lambda one: (one.known_at, one.url_hash)):
            known = KnownTitle(article.url_hash, article.title, article.known_at, article.source)
            stories[article.url_hash] = self._place(known)
        return [stories[article.url_hash] for article in articles]

    def _place(self, new: KnownTitle) -> str:
        placed = _Placed(new, read_headline(new.title))
        alike = self._by_kind[placed.headline.kind]
        first = bisect_left(alike, new.known_at - SAME_STORY_WITHIN, key=lambda one: one.known.known_at)
        for other in islice(alike, first, None):
            if other.known.known_at > new.known_at + SAME_STORY_WITHIN:
                break
            same_outlet = other.known.source == new.source
            if same_story(other.headline, placed.headline, same_outlet=same_outlet):
                return other.known.story
        alike.insert(bisect_left(alike, _order(new), key=lambda one: _order(one.known)), placed)
        return new.story


def same_story(one: Headline, other: Headline, *, same_outlet: bool = False) -> bool:
    """Tell whether two headlines say the same, whatever their order.

    Parameters
    ----------
    one, other : Headline
        As `read_headline` gives them.
    same_outlet : bool
        Whether one outlet wrote both.

    Returns
    -------
    bool
        True when the words are alike, the figures the same, no direction opposite, none negated
        alone and neither names a coin or company in place of another one. Two headlines of fewer
        than 3 words besides figures must have the same words.
    """
    if one.kind != other.kind or one.contradicts(other) or one.names_another(other):
        return False
    if min(one.n_words, other.n_words) < _FEWEST_WORDS:
        return one.words == other.words and one.n_words > 0
    least = _SORTED_SAME_OUTLET if same_outlet else _SORTED_IF_WITHIN
    alike = fuzz.ratio(one.words, other.words, score_cutoff=least)
    if same_outlet or not alike:
        return alike > 0
    return alike >= _SORTED or fuzz.token_set_ratio(one.words, other.words) >= _WITHIN


def _order(known: KnownTitle) -> tuple[datetime, str]:
    return known.known_at, known.story
