"""Executes a notebook of the docs against a running API: ``python -m tests.notebook URL NOTEBOOK [FILE]``.

Without a file its outputs are stored in the notebook itself.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

DOCS = Path(__file__).parent.parent / "docs"
NOTEBOOKS = (DOCS / "client.ipynb", DOCS / "tutorial.ipynb")


def execute(path: Path, *, url: str, timeout_s: int = 60) -> nbformat.NotebookNode:
    """Return the notebook with the outputs of a run; raises what its first failing cell raised."""
    notebook = nbformat.read(path, as_version=4)
    environment = os.environ | {"CANDLECAST_API__URL": url, "PYTHONPATH": str(DOCS.parent)}
    # over sockets of this machine's file system: nobody else can speak to the kernel
    with tempfile.TemporaryDirectory() as folder:
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", connection_file=f"{folder}/kernel.json")
        NotebookClient(notebook, km=kernel, timeout=timeout_s, record_timing=False).execute(env=environment)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


if __name__ == "__main__":
    _, address, source, *files = sys.argv
    nbformat.write(execute(Path(source), url=address), Path(files[0] if files else source))
