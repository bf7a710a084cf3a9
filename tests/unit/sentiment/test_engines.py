"""Are engines opened once, by name, and missing models said?"""

import pytest

from candlecast.errors import InvalidRequestError, ModelNotReadyError
from candlecast.sentiment.engines import Engines, open_engine
from candlecast.sentiment.hub import find_model, wanted_files
from candlecast.settings import SentimentSettings


def test_engine_without_a_name_is_the_one_of_the_settings_and_opened_once():
    engines = Engines(SentimentSettings(engine="vader"))

    assert engines.get().name == "vader"
    assert engines.get("vader") is engines.get()


def test_engine_of_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(InvalidRequestError, match="vader, lexicon, transformer, ensemble, was 'bert'"):
        open_engine("bert", SentimentSettings())


@pytest.mark.parametrize("model", ["./nowhere", "/nowhere/at/all", "ml_models/no-such-model", "finbert"])
def test_model_that_is_no_folder_and_no_name_is_missing_without_asking_the_hub(model):
    with pytest.raises(ModelNotReadyError, match=f"there is no folder {model}; set CANDLECAST_SENTIMENT__MODEL"):
        find_model(model)


def test_model_folder_is_found_from_any_working_folder(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)

    assert find_model("mine") == tmp_path / "mine"
    assert find_model("ml_models").name == "ml_models"


@pytest.mark.parametrize(
    ("names", "form"),
    [
        (["model.safetensors", "onnx/model.onnx", "onnx/model_quantized.onnx"], ["onnx/model.onnx"]),
        (["model.onnx", "model.onnx_data", "pytorch_model.bin"], ["model.onnx", "model.onnx_data"]),
        (["pytorch_model.bin", "model.safetensors", "tf_model.h5"], ["model.safetensors"]),
        (["pytorch_model.bin"], ["pytorch_model.bin"]),
    ],
)
def test_wanted_files_of_a_repository_are_one_form_of_the_model(names, form):
    wanted = wanted_files(names)

    assert [name for name in wanted if name in names] == form
    assert "config.json" in wanted


def test_wanted_files_of_a_repository_without_a_known_form_are_refused():
    with pytest.raises(ModelNotReadyError, match=r"none of model\.onnx"):
        wanted_files(["tf_model.h5", "config.json"])
