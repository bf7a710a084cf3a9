"""The model card: what was it made of, how good is it, what is it not for?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.model_folder import Judgement
from candlecast.sentiment.quality import Quality

CARD = "README.md"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was made of, in words and figures.

    Parameters
    ----------
    base : str
        Name of the encoder.
    sets : mapping of str to int
        Labelled sets and how many of their texts were learned from.
    n_held_out : int
        Texts that calibrated.
    n_unlabelled : int
        Texts without label that the student learned from.
    n_members, epochs : int
        How many members learned, and how often each saw the texts.
    notes : str
        Licences and origin of the data, as whoever trains knows them.
    command : str
        What makes it again.
    """

    base: str
    sets: Mapping[str, int]
    n_held_out: int
    n_unlabelled: int
    n_members: int
    epochs: int
    notes: str
    command: str


def write_card(path: Path, *, origin: Origin, judgement: Judgement, figures: Mapping[str, Quality]) -> None:
    """Write the card of a model to `path`.

    Parameters
    ----------
    path : Path
        A Markdown file.
    origin : Origin
        What it was made of.
    judgement : Judgement
        How it was calibrated.
    figures : mapping of str to Quality
        By name of the labelled set; of the model as it is shipped, in int8.
    """
    learned = "\n".join(f"- `{name}`: {n:,} texts" for name, n in origin.sets.items())
    rows = "\n".join(_row(name, figure) for name, figure in figures.items())
    path.write_text(
        f"""# Sentiment of financial texts: {", ".join(LABELS)}

A sequence classifier over `{origin.base}`, fine-tuned to three classes, as ONNX with int8 weights.
It judges one headline or post in English; it says nothing of what prices will do.

## Made of

{learned}
- {origin.n_held_out:,} further texts were held out and calibrate it

{origin.notes or "Licences of the data: as given by whoever trained it."}

{origin.n_members} members learned for {origin.epochs} epochs, each with another seed. The model is their student: it
began at the mean of their weights and learned their mean opinion, of {origin.n_unlabelled:,} texts without label too;
its weights are half-way between start and end.

## Measured, after quantisation

| set | n | accuracy | 95 % | macro F1 | calibration error |
|---|---|---|---|---|---|
{rows}

The held-out texts chose the temperature ({judgement.temperature}) and the ensemble's weights; the others chose nothing.

## Limits

It abstains below {judgement.min_words} words, and where a word falls into more than {judgement.longest_fragmentation}
pieces on average, as foreign and garbled texts do. It reads the first {judgement.max_tokens} tokens.
Irony, rumours and texts that weigh both sides are often judged wrongly.

## Make it again

```
{origin.command}
```
""",
        encoding="utf-8",
    )


def _row(name: str, figure: Quality) -> str:
    interval = f"{figure.accuracy_low:.3f}-{figure.accuracy_high:.3f}"
    return (
        f"| {name} | {figure.n:,} | {figure.accuracy:.3f} | {interval} | {figure.macro_f1:.3f} "
        f"| {figure.calibration_error:.3f} |"
    )
