"""How many headlines a second does the sentiment engine judge, directly and over HTTP?

``python benchmarks/sentiment_speed.py [--quick] [--model DIR] [--data CSV] [--threads 2] [--json]``

Ours: the transformer engine, int8 in onnxruntime. Peer: `transformers.pipeline` in torch fp32 with
batches of 32, with the weights of the same graph multiplied out. Both are given the same texts, as they
came, and the same number of threads, in turn; that ours cuts web addresses off is part of its work.
Before, their labels are compared: on labelled texts (``--data``, a CSV with text,label) ours may be less
accurate by .01, else 9 of 10 labels must agree.

Then the API: HAProxy, its replica and the engine's, as deployed. 512 texts in one request against
the engine called directly, and 16 connections that ask for one text at a time against calling the
engine directly text by text. All texts are distinct, so that no cache helps. The peer's side needs torch.
"""

import argparse
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from pairs import make_row, rate, show
from report import Bar, finish
from sentiment_http import measure_http
from sentiment_texts import Texts, read_texts

from candlecast.errors import CandlecastError
from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.hub import find_model
from candlecast.sentiment.torch_model import INSTALL
from candlecast.sentiment.transformer import TransformerEngine
from candlecast.settings import SentimentSettings

PEER_BATCH = 32
MOST_ACCURACY_APART, LEAST_AGREEMENT = 0.01, 0.9
BARS = (
    Bar("texts_per_s", "ratio", least=8.0),
    Bar("http_batch_texts_per_s", "ratio", least=0.7),
    Bar("http_single_rps", "ratio", least=0.5),
)


def main() -> None:
    options = _options()
    if not options.http_only and (find_spec("torch") is None or find_spec("onnx") is None):
        raise SystemExit(f"sentiment_speed: the peer needs torch: {INSTALL}; or --http-only")
    try:
        options.model = find_model(options.model)
        engine = TransformerEngine(options.model, threads=options.threads)
    except CandlecastError as error:
        raise SystemExit(f"sentiment_speed: {error}") from error
    texts = read_texts(options.data, n=400 if options.quick else 3_000)
    rows = [] if options.http_only else _against_pipeline(engine, texts, options)
    rows += measure_http(engine, model=options.model, threads=options.threads, quick=options.quick)
    show([] if options.json else rows)
    finish("sentiment_speed", rows, as_json=options.json, bars=BARS)


def _against_pipeline(engine: TransformerEngine, texts: Texts, options: argparse.Namespace) -> list[dict[str, Any]]:
    pipeline = _pipeline(options.model, threads=options.threads, max_tokens=engine.judgement.max_tokens)
    n_timed = min(len(texts.texts), 192 if options.quick else 768)
    rows = [_compare(engine, pipeline, texts)]
    timed = texts.texts[:n_timed]
    for judge in (engine.judge, pipeline):
        judge(timed[:64])
    pairs = [(rate(engine.judge, timed), rate(pipeline, timed)) for _ in range(2 if options.quick else 5)]
    return [*rows, make_row("texts_per_s", pairs, unit="texts/s", n=n_timed, peer_is="transformers.pipeline, fp32")]


def _pipeline(folder: Path, *, threads: int, max_tokens: int) -> Callable[[Sequence[str]], list[str]]:
    import torch
    from torch_twin import make_twin
    from transformers import AutoTokenizer, pipeline

    torch.set_num_threads(threads)
    classify = pipeline("text-classification", model=make_twin(folder), tokenizer=AutoTokenizer.from_pretrained(folder))

    def judge(texts: Sequence[str]) -> list[str]:
        answers = classify(list(texts), batch_size=PEER_BATCH, truncation=True, max_length=max_tokens)
        return [answer["label"] for answer in answers]

    return judge


def _compare(engine: TransformerEngine, pipeline: Callable[[Sequence[str]], list[str]], texts: Texts) -> dict[str, Any]:
    ours = engine.judge(texts.texts).labels
    theirs = np.array([_place(label) for label in pipeline(texts.texts)])
    agreement = float((ours == theirs).mean())
    print(f"labels agree on {agreement:.4f} of {len(ours):,} texts", flush=True)
    if texts.labels is None:
        pair, metric, fits = (agreement, 1.0), "label_agreement", agreement >= LEAST_AGREEMENT
    else:
        pair = float((ours == texts.labels).mean()), float((theirs == texts.labels).mean())
        metric, fits = "accuracy", pair[0] >= pair[1] - MOST_ACCURACY_APART
    if not fits:
        raise SystemExit(f"sentiment_speed: {metric} is {pair[0]:.4f} against {pair[1]:.4f}, too far apart to compare")
    return make_row(metric, [pair], unit="share", n=len(ours), peer_is="the same weights in fp32")


def _place(label: str) -> int:
    return [str(name) for name in LABELS].index(label.lower())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few texts and rounds")
    parser.add_argument("--model", default=SentimentSettings().model, help="folder of a model with an ONNX graph")
    parser.add_argument("--data", type=Path, help="CSV with text,label; generated headlines without")
    parser.add_argument("--threads", type=int, default=2, help="threads of each side")
    parser.add_argument("--http-only", action="store_true", help="leave out the peer, which needs torch")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
