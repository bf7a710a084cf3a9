"""Models of torch small enough to make in a test; all of these tests are skipped without the extra `torch`."""

import pytest

from tests.tiny_model import SPECIAL, WORDS, write_tokeniser


@pytest.fixture
def make_model(tmp_path):
    """Return a function that writes a random BERT of 2 layers with given labels and returns its folder."""

    def make(labels, *, old_tokeniser=False, seed=0):
        import torch
        from transformers import BertConfig, BertForSequenceClassification

        torch.manual_seed(seed)
        names = dict(enumerate(labels))
        config = BertConfig(
            vocab_size=len(SPECIAL) + len(WORDS),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            id2label=names,
            label2id={name: place for place, name in names.items()},
        )
        model = BertForSequenceClassification(config).eval()
        # as made, many weights are the same figure; and a random head says nearly the same of every text
        for weights in model.parameters():
            weights.data += 0.02 * torch.randn_like(weights)
        model.classifier.weight.data *= 20
        folder = tmp_path / f"model-{len(list(tmp_path.iterdir()))}"
        model.save_pretrained(folder)
        if old_tokeniser:
            (folder / "vocab.txt").write_text("\n".join((*SPECIAL, *WORDS)))
            (folder / "tokenizer_config.json").write_text(
                '{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 64}'
            )
        else:
            write_tokeniser(folder)
        return folder

    return make
