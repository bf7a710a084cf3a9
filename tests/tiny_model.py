"""A classifier small enough to write by hand: each known word adds to the logits of its class.

Only tokenizers and onnxruntime are needed: the graph is encoded here, message by message, as
onnx.proto describes it (field numbers in the calls below).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS: Mapping[str, tuple[float, float, float]] = {
    "falls": (3.0, 0.0, 0.0),
    "meets": (0.0, 3.0, 0.0),
    "rises": (0.0, 0.0, 3.0),
    "stock": (0.0, 0.5, 0.0),
    **{letter: (0.0, 0.0, 0.0) for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{f"##{letter}": (0.0, 0.0, 0.0) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
_FLOAT, _INT64 = 1, 7


def write_model(folder: Path, labels: Sequence[str] = ("negative", "neutral", "positive")) -> Path:
    """Write the model into `folder`, its logits in the order of `labels`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_tokeniser(folder)
    table = np.array([(0.0, 0.0, 0.0)] * len(SPECIAL) + list(WORDS.values()), dtype=np.float32)
    columns = ["negative", "neutral", "positive"]
    order = [columns.index(label) for label in labels]
    (folder / "model.onnx").write_bytes(_graph(table[:, order]))
    write_config(folder, labels)
    return folder


def write_config(folder: Path, labels: Sequence[str]) -> None:
    """Write which label each logit has."""
    content = {"model_type": "bert", "id2label": {str(place): label for place, label in enumerate(labels)}}
    (folder / "config.json").write_text(json.dumps(content))


def write_tokeniser(folder: Path) -> None:
    """Write a word-piece tokeniser of `WORDS`."""
    vocabulary = {word: place for place, word in enumerate((*SPECIAL, *WORDS))}
    tokeniser = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokeniser.normalizer, tokeniser.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    ends = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokeniser.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokeniser.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    content = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(content))


def _graph(table: np.ndarray) -> bytes:
    """Return logits = sum over tokens of mask x table[token]."""
    nodes = [
        _node("Gather", ["table", "input_ids"], "found"),
        _node("Cast", ["attention_mask"], "mask", attribute=("to", _FLOAT)),
        _node("Unsqueeze", ["mask", "last"], "masks"),
        _node("Mul", ["found", "masks"], "told"),
        _node("ReduceSum", ["told", "first"], "logits", attribute=("keepdims", 0)),
    ]
    constants = [
        _tensor("table", table, _FLOAT),
        _tensor("last", np.array([2]), _INT64),
        _tensor("first", np.array([1]), _INT64),
    ]
    inputs = [_value(name, _INT64, 2) for name in ("input_ids", "attention_mask")]
    graph = b"".join(
        [
            *(_bytes(1, node) for node in nodes),
            _bytes(2, b"tiny"),
            *(_bytes(5, constant) for constant in constants),
            *(_bytes(11, one) for one in inputs),
            _bytes(12, _value("logits", _FLOAT, 2)),
        ]
    )
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def _node(kind: str, inputs: Sequence[str], output: str, attribute: tuple[str, int] | None = None) -> bytes:
    content = b"".join(_bytes(1, name.encode()) for name in inputs) + _bytes(2, output.encode())
    content += _bytes(4, kind.encode())
    if attribute is not None:
        name, value = attribute
        content += _bytes(5, _bytes(1, name.encode()) + _number(3, value) + _number(20, 2))
    return content


def _tensor(name: str, values: np.ndarray, kind: int) -> bytes:
    raw = values.astype(np.float32 if kind == _FLOAT else np.int64).tobytes()
    return (
        b"".join(_number(1, size) for size in values.shape)
        + _number(2, kind)
        + _bytes(8, name.encode())
        + _bytes(9, raw)
    )


def _value(name: str, kind: int, n_axes: int) -> bytes:
    shape = b"".join(_bytes(1, _bytes(2, f"axis{axis}".encode())) for axis in range(n_axes))
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))
