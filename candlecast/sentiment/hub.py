"""Where is a model? A folder here, or a name on the Hugging Face hub, of which only what is needed is fetched."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from candlecast.errors import ModelNotReadyError, SourceUnavailableError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_ROOT = Path(__file__).parents[2]
_ALWAYS = ("config.json", "judgement.json", "manifest.json", "tokenizer*", "special_tokens_map.json", "vocab*",
           "merges.txt", "*.model")  # fmt: skip
# the first that a repository has; graphs before weights, which need torch
_GRAPHS = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_TIMEOUT_S = 10.0


def find_model(model: str) -> Path:
    """Return the folder of a model, fetching it when it is a name of the hub.

    Parameters
    ----------
    model : str
        A folder, relative to the working folder or to where Candlecast is installed, or ``OWNER/NAME``,
        with ``@REVISION`` if it shall be a certain one.

    Raises
    ------
    ModelNotReadyError
        When there is neither such a folder nor such a name.
    SourceUnavailableError
        When the hub does not answer and the model was not fetched before.
    """
    for folder in (Path(model), _ROOT / model):
        if folder.is_dir():
            return folder.resolve()
    if model.startswith((".", "/", "~")) or model.count("/") != 1 or (_ROOT / model).parent.is_dir():
        raise ModelNotReadyError(
            f"there is no folder {model}; set CANDLECAST_SENTIMENT__MODEL to a model's folder or Hugging Face name, "
            "or train one with `python -m jobs.train_sentiment`"
        )
    return _fetch(model)


def wanted_files(names: Sequence[str]) -> list[str]:
    """Return which files of a repository to fetch: its small ones, and one form of the model.

    Raises
    ------
    ModelNotReadyError
        When it holds the model in no form that is known.
    """
    for form in (*_GRAPHS, *_WEIGHTS):
        if form in names:
            return [*_ALWAYS, form, *(name for name in names if name.startswith(f"{form}_data"))]
    raise ModelNotReadyError(f"the repository has none of {', '.join((*_GRAPHS, *_WEIGHTS))}; choose another model")


def _fetch(model: str) -> Path:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError, RevisionNotFoundError

    name, _, revision = model.partition("@")
    api = HfApi()
    try:
        info = api.model_info(name, revision=revision or None, timeout=_TIMEOUT_S)
        patterns = wanted_files([file.rfilename for file in info.siblings or ()])
        return Path(api.snapshot_download(name, revision=info.sha, allow_patterns=patterns))
    except (HFValidationError, RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelNotReadyError(
            f"{model} is neither a folder nor a model of {api.endpoint}; check its name"
        ) from error
    # the hub's own errors are both, those of the network either
    except (OSError, httpx2.HTTPError) as error:
        reason = " ".join(str(error).split())[:200]
        return _fetched_before(api, model, reason=reason)


def _fetched_before(api: "HfApi", model: str, *, reason: str) -> Path:
    name, _, revision = model.partition("@")
    try:
        return Path(api.snapshot_download(name, revision=revision or None, local_files_only=True))
    except OSError as error:
        raise SourceUnavailableError(
            f"{api.endpoint} does not answer ({reason}), and {model} was not fetched before; "
            "set CANDLECAST_SENTIMENT__MODEL to a folder, or try again with a network"
        ) from error
