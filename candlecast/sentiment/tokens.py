"""Which tokens does the model see, and is the text one that it can read at all?"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candlecast.errors import ModelNotReadyError

Tokens = npt.NDArray[np.int64]

# texts of like length; a batch stays small enough for the cache
MAX_TEXTS, MAX_CELLS = 8, 1_024
# more of a text than this many characters a token is never among the first tokens
_CHARACTERS_A_TOKEN = 16
_LINK = re.compile(r"https?://\S+")
_WORD = re.compile(r"\w\S*")


@dataclass(frozen=True, slots=True)
class Tokenised:
    """Tokens of n texts, and what they say about each text.

    Parameters
    ----------
    ids : list of list of int
        Tokens of each text, cut at the model's limit, special ones included.
    n_words, n_pieces, n_unknown : ndarray of shape (n,)
        Words of each text, pieces that the tokeniser makes of them, and pieces that it does not know.
    """

    ids: list[list[int]]
    n_words: Tokens
    n_pieces: Tokens
    n_unknown: Tokens


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that go through the model together.

    Parameters
    ----------
    rows : ndarray of shape (b,)
        Their places among all texts.
    ids, mask : ndarray of shape (b, t)
        Tokens padded to the longest text, and 1 where a token is one of the text.
    """

    rows: Tokens
    ids: Tokens
    mask: Tokens


class Tokeniser:
    """The tokeniser that came with a model; safe to share between threads.

    Parameters
    ----------
    folder : Path
        With ``tokenizer.json``, or the files of an older tokeniser.
    max_tokens : int
        Where texts are cut, special tokens included; the model's own limit if that is lower.
    threads : int
        Threads of the tokeniser, if nothing else in this process has set them before.
    """

    def __init__(self, folder: Path, *, max_tokens: int, threads: int) -> None:
        tokeniser = _load(folder, threads=threads)
        self._backend = tokeniser.backend_tokenizer
        self._backend.no_padding()
        self._max_tokens = min(max_tokens, int(tokeniser.model_max_length))
        self._backend.enable_truncation(max_length=self._max_tokens)
        self._n_special = self._backend.num_special_tokens_to_add(is_pair=False)
        self._unknown = tokeniser.unk_token_id
        self.pad_id = int(tokeniser.pad_token_id or 0)

    def tokenise(self, texts: Sequence[str]) -> Tokenised:
        """Return the tokens of `texts`, without their web addresses."""
        limit = self._max_tokens * _CHARACTERS_A_TOKEN
        plain = [without_links(text)[:limit] for text in texts]
        encoded = self._backend.encode_batch_fast(plain)
        ids: list[list[int]] = [one.ids for one in encoded]
        rests = [[part.ids for part in one.overflowing] for one in encoded]
        whole = [[tokens, *rest] for tokens, rest in zip(ids, rests, strict=True)]
        return Tokenised(
            ids,
            n_words=_whole_numbers(len(_WORD.findall(text)) for text in plain),
            n_pieces=_whole_numbers(sum(len(part) - self._n_special for part in parts) for parts in whole),
            n_unknown=_whole_numbers(sum(part.count(self._unknown) for part in parts) for parts in whole),
        )


def without_links(text: str) -> str:
    """Return `text` without web addresses, white space folded."""
    return " ".join(_LINK.sub(" ", text).split())


def batches(ids: Sequence[Sequence[int]], *, pad_id: int) -> Iterator[Batch]:
    """Yield all texts in batches of like length, so that little of a batch is padding.

    Parameters
    ----------
    ids : sequence of sequence of int
        Tokens of each text, at least one.
    pad_id : int
        Token to fill up with.

    Yields
    ------
    Batch
        At most `MAX_TEXTS` texts, and `MAX_CELLS` tokens unless one text alone has more.
    """
    lengths = np.array([len(tokens) for tokens in ids], dtype=np.int64)
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        size = MAX_TEXTS
        while size > 1 and size * lengths[order[min(start + size, len(order)) - 1]] > MAX_CELLS:
            size //= 2
        yield _padded(ids, order[start : start + size], pad_id=pad_id)
        start += size


def _padded(ids: Sequence[Sequence[int]], rows: Tokens, *, pad_id: int) -> Batch:
    shape = len(rows), len(ids[rows[-1]])
    tokens, mask = np.full(shape, pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for place, row in enumerate(rows):
        tokens[place, : len(ids[row])] = ids[row]
        mask[place, : len(ids[row])] = 1
    return Batch(rows, tokens, mask)


def _load(folder: Path, *, threads: int) -> Any:
    # both are read when the libraries are first used
    os.environ.setdefault("RAYON_NUM_THREADS", str(threads))
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    kind = PreTrainedTokenizerFast if (folder / "tokenizer.json").is_file() else AutoTokenizer
    try:
        return kind.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0][:200]
        raise ModelNotReadyError(f"{folder} has no tokeniser that can be read ({reason}); restore it") from error


def _whole_numbers(values: Iterator[int]) -> Tokens:
    return np.fromiter(values, dtype=np.int64)
