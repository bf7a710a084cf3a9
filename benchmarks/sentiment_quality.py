"""How right is each engine on texts that people have labelled?

``python benchmarks/sentiment_quality.py [--data DIR|FILE ...] [--engine vader,lexicon] [--model FOLDER|NAME]
[--quick] [--json]``

Every CSV with text and label under a folder is one data set; without --data it runs on forty headlines of ours. `ours`
is the engine, `peer` plain VADER with the thresholds of its documentation. Texts of which an engine abstains count by
their likeliest class. Sets that an engine was fitted on are marked: they say nothing about new texts.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from report import finish

from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.engines import ENGINES, Engines
from candlecast.sentiment.labelled import LabelledTexts, read_labelled
from candlecast.sentiment.quality import Quality, quality
from candlecast.settings import Settings

OWN_HEADLINES = Path(__file__).parent / "market_headlines.csv"
PEER = "vader"
QUICK_TEXTS, QUICK_SEED = 500, 5
# stems of the files that the shipped overlay, weights and model were made from
FITTED_ON = {"sent_train", "crypto_sentiment", "stock_sentiment"}


def main() -> None:
    options = _options()
    settings = Settings(_env_file=None).sentiment
    engines = Engines(settings.model_copy(update={"model": options.model} if options.model else {}))
    wanted = options.engine.split(",") if options.engine else list(ENGINES)
    try:
        sets = [_shortened(data) if options.quick else data for data in _sets(options.data or [OWN_HEADLINES])]
        names = [name for name in wanted if _opens(engines, name, asked_for=bool(options.engine))]
    except CandlecastError as error:
        sys.exit(str(error))
    results = []
    for data in sets:
        peer = quality(engines.get(PEER).judge(data.texts), data.classes)
        for name in names:
            found = peer if name == PEER else quality(engines.get(name).judge(data.texts), data.classes)
            results += _rows(data.name, name, found, None if name == PEER else peer)
            if not options.json:
                _print(data.name, name, found, peer)
    finish("sentiment_quality", results, as_json=options.json)


def _sets(paths: list[Path]) -> Iterator[LabelledTexts]:
    for path in paths:
        if not path.is_dir():
            yield read_labelled(path)
            continue
        readable = False
        for file in sorted(path.rglob("*.csv")):
            try:
                data = read_labelled(file)
            except InvalidRequestError as error:
                print(f"left out: {error}", file=sys.stderr)
            else:
                readable = True
                yield data
        if not readable:
            raise InvalidRequestError(f"{path} holds no CSV with text,label; name a folder or a file that does")


def _shortened(data: LabelledTexts) -> LabelledTexts:
    if len(data.texts) <= QUICK_TEXTS:
        return data
    rows = np.random.default_rng(QUICK_SEED).choice(len(data.texts), QUICK_TEXTS, replace=False)
    return data.take(np.sort(rows))


def _opens(engines: Engines, name: str, *, asked_for: bool) -> bool:
    try:
        engines.get(name)
    except CandlecastError as error:
        if asked_for:
            raise
        print(f"left out: engine {name}: {error}", file=sys.stderr)
        return False
    return True


def _rows(dataset: str, engine: str, ours: Quality, peer: Quality | None) -> Iterator[dict[str, Any]]:
    for metric in ("accuracy", "macro_f1"):
        value, other = getattr(ours, metric), getattr(peer, metric) if peer else None
        row = {
            "dataset": dataset, "engine": engine, "metric": metric, "ours": value, "peer": other,
            "ratio": value / other if other else None, "baseline": PEER, "unit": "share", "n": ours.n,
            "higher_is_better": True, "abstained_share": ours.abstained_share, "fitted_on": dataset in FITTED_ON,
        }  # fmt: skip
        if metric == "accuracy":
            row |= {"low": ours.accuracy_low, "high": ours.accuracy_high, "confusion": ours.confusion.tolist()}
        yield row


def _print(dataset: str, engine: str, ours: Quality, peer: Quality) -> None:
    gain = "" if engine == PEER else f"  {PEER} {ours.accuracy - peer.accuracy:+.3f}"
    print(
        f"{dataset:26} {engine:12} accuracy {ours.accuracy:.3f} [{ours.accuracy_low:.3f}, {ours.accuracy_high:.3f}]"
        f"{gain}  macro F1 {ours.macro_f1:.3f}  calibration error {ours.calibration_error:.3f}"
        f"  abstained {ours.abstained_share:.1%}  n {ours.n:,}{'  (fitted on it)' if dataset in FITTED_ON else ''}"
    )
    for label, counts in zip(LABELS, ours.confusion, strict=True):
        judged = "  ".join(f"{name} {count:5}" for name, count in zip(LABELS, counts, strict=True))
        print(f"{'':26} {label:>12} judged {judged}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--engine", default="", help="comma-separated; empty: all whose models are there")
    parser.add_argument("--model", default="", help="folder or Hugging Face name for transformer and ensemble")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TEXTS} texts a data set")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
