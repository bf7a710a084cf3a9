"""Fine-tunes one member: a small encoder learns three classes. The only place that trains with torch."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from candlecast.errors import SourceNotConfiguredError
from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.tokens import batches, without_links
from candlecast.sentiment.torch_model import INSTALL
from candlecast.sentiment.training.examples import Examples

if TYPE_CHECKING:
    import torch

Weights = Mapping[str, npt.NDArray[np.float32]]

_LAYER = re.compile(r"layer\.(\d+)\.")
_SORTED_BATCHES = 20
_LENGTH_NOISE = 3
_HEAD_FACTOR = 5.0
_HEAD_SEED = 0
_WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class FineTuneConfig:
    """How a member learns.

    Parameters
    ----------
    epochs, batch_size, max_tokens, threads, seed : int
        Same examples, seed and threads give the same weights.
    learning_rate : float
        Of the topmost layer at its height; rises linearly over a tenth of the steps, then falls to 0.
    layer_decay : float
        Each layer further down learns at this share of the one above (Howard and Ruder, ACL 2018).
    token_mask_share : float
        Share of tokens that are hidden while learning, 0 to 1.
    """

    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 2e-4
    layer_decay: float = 0.9
    token_mask_share: float = 0.05
    max_tokens: int = 64
    threads: int = 1
    seed: int = 0


def fine_tune(
    base: Path,
    examples: Examples,
    *,
    config: FineTuneConfig,
    say: Callable[[str], None],
    start: Weights | None = None,
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the weights that a classifier on the encoder `base` learned, by name.

    The word embeddings stay as they are, so that words which no example holds keep their place.

    Parameters
    ----------
    base : Path
        Folder of an encoder with its tokeniser.
    examples : Examples
        What to learn.
    config : FineTuneConfig
        How.
    say : callable
        Receives a line each epoch.
    start : mapping or None
        Weights to begin from; None: the encoder's, with a new head that is the same for every seed, so
        that the weights of several members can be averaged.

    Raises
    ------
    SourceNotConfiguredError
        When torch is not installed.
    """
    torch = require_torch()
    torch.set_num_threads(config.threads)
    start = _new_classifier(base) if start is None else start
    torch.manual_seed(config.seed)
    model, tokeniser = open_classifier(base), open_tokeniser(base)
    load_weights(model, start)
    model.get_input_embeddings().weight.requires_grad_(False)
    tokens = tokeniser([without_links(text) for text in examples.texts], truncation=True, max_length=config.max_tokens)[
        "input_ids"
    ]
    n_steps = math.ceil(len(tokens) / config.batch_size) * config.epochs
    optimiser = torch.optim.AdamW(_parameter_groups(model, config), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, n_steps))
    targets, weights = torch.from_numpy(examples.targets), torch.from_numpy(examples.weights)
    chance = np.random.default_rng(config.seed)
    model.train()
    for epoch in range(config.epochs):
        losses = []
        for rows in _batches(tokens, config.batch_size, chance):
            ids, mask = _padded([tokens[row] for row in rows], tokeniser.pad_token_id)
            ids = _hide(ids, tokeniser, share=config.token_mask_share)
            logits = model(input_ids=ids, attention_mask=mask).logits
            loss = -(targets[rows] * torch.log_softmax(logits, dim=1)).sum(dim=1) @ weights[rows] / weights[rows].sum()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(loss.item())
        say(f"seed {config.seed}, epoch {epoch + 1} of {config.epochs}: loss {np.mean(losses):.4f}")
    return _weights(model)


def opinions(
    base: Path, members: Sequence[Weights], texts: Sequence[str], *, config: FineTuneConfig
) -> npt.NDArray[np.float32]:
    """Return the mean of the members' probabilities of `texts`, shape (n, 3), in the order of `LABELS`.

    Raises
    ------
    SourceNotConfiguredError
        When torch is not installed.
    """
    torch = require_torch()
    torch.set_num_threads(config.threads)
    model, tokeniser = open_classifier(base).eval(), open_tokeniser(base)
    tokens = tokeniser([without_links(text) for text in texts], truncation=True, max_length=config.max_tokens)
    found = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
    for member in members:
        load_weights(model, member)
        for batch in batches(tokens["input_ids"], pad_id=tokeniser.pad_token_id):
            with torch.inference_mode():
                answer = model(input_ids=torch.from_numpy(batch.ids), attention_mask=torch.from_numpy(batch.mask))
            found[batch.rows] += torch.softmax(answer.logits, dim=1).numpy() / len(members)
    return found


def load_weights(model: Any, weights: Weights) -> None:
    """Put `weights` into a classifier of torch."""
    torch = require_torch()
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})


def require_torch() -> Any:
    """Return the torch module.

    Raises
    ------
    SourceNotConfiguredError
        When it is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise SourceNotConfiguredError(f"training needs torch: {INSTALL}") from error
    return torch


def open_classifier(base: Path) -> Any:
    """Return a classifier of `LABELS` on the encoder in `base`, its head new unless the folder has one."""
    from transformers import AutoModelForSequenceClassification

    # it would tell of each weight it reads, and that the head is new, which is what is wanted
    logging: Any = import_module("transformers.utils.logging")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return AutoModelForSequenceClassification.from_pretrained(
        base,
        local_files_only=True,
        attn_implementation="eager",
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={name: number for number, name in enumerate(LABELS)},
    )


def open_tokeniser(base: Path) -> Any:
    """Return the tokeniser of the encoder in `base`."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(base, local_files_only=True)


def _new_classifier(base: Path) -> Weights:
    require_torch().manual_seed(_HEAD_SEED)
    return _weights(open_classifier(base))


def _weights(model: Any) -> dict[str, npt.NDArray[np.float32]]:
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def _parameter_groups(model: Any, config: FineTuneConfig) -> list[dict[str, Any]]:
    named = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    top = 1 + max(int(found.group(1)) + 1 for name, _ in named if (found := _LAYER.search(name)))
    groups = []
    for name, value in named:
        found = _LAYER.search(name)
        depth = int(found.group(1)) + 1 if found else 0 if "embeddings" in name else top
        factor = config.layer_decay ** (top - depth) * (_HEAD_FACTOR if name.startswith("classifier") else 1.0)
        # biases and norms are not pulled towards 0
        decay = 0.01 if value.ndim > 1 else 0.0
        groups.append({"params": [value], "lr": config.learning_rate * factor, "weight_decay": decay})
    return groups


def _rate(step: int, n_steps: int) -> float:
    return min(step / (_WARM_UP * n_steps), (n_steps - step) / ((1 - _WARM_UP) * n_steps))


def _batches(tokens: list[list[int]], size: int, chance: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    # texts of like length together, from a random part of all texts, the batches in random order
    lengths = np.array([len(ids) for ids in tokens]) + chance.uniform(-_LENGTH_NOISE, _LENGTH_NOISE, len(tokens))
    order, block = chance.permutation(len(tokens)), size * _SORTED_BATCHES
    parts = [order[start : start + block] for start in range(0, len(order), block)]
    ordered = [part[np.argsort(lengths[part])] for part in parts]
    batches = [part[start : start + size] for part in ordered for start in range(0, len(part), size)]
    yield from (batches[place] for place in chance.permutation(len(batches)))


def _padded(tokens: list[list[int]], pad_id: int) -> "tuple[torch.Tensor, torch.Tensor]":
    torch = require_torch()
    shape = len(tokens), max(map(len, tokens))
    ids = torch.full(shape, pad_id, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    for row, text in enumerate(tokens):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask


def _hide(ids: "torch.Tensor", tokeniser: Any, *, share: float) -> "torch.Tensor":
    torch = require_torch()
    special = torch.isin(ids, torch.tensor(tokeniser.all_special_ids))
    hidden = (torch.rand(ids.shape) < share) & ~special
    return ids.masked_fill(hidden, tokeniser.mask_token_id)
