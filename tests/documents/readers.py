"""Would the program that a command calls take it? Read by the program's own parser, or held against its files."""

import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import typer
import yaml

from candlecast.replay.__main__ import _parser as replay_parser
from candlecast.settings import Settings
from jobs.cli import app as candlecast
from tests.documents.blocks import ROOT, Command

RAY_JOB_FLAGS = {"--address", "--entrypoint-label-selector"}
PYTHON = ("python", ".venv/bin/python")


def read_make(command: Command) -> None:
    """Ask make what it would do, and the product whether it knows the flags that come of it."""
    check_target(command)
    # those of a make around the tests would have it print what it enters
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(["make", "-n", *command.words[1:]], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert said.returncode == 0, f"{command}: {said.stderr}"
    for flags in re.findall(r"\.venv/bin/candlecast (.*)", said.stdout):
        read_options(Command(command.page, command.line, f"candlecast {flags}"))


def check_target(command: Command) -> None:
    """Find the target, and each variable that is set, in the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    target, *variables = command.words[1:]
    assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), f"{command}: the Makefile has no {target}"
    names = [variable.partition("=")[0] for variable in variables]
    unused = [name for name in names if f"$({name})" not in makefile]
    assert not unused, f"{command}: the Makefile does not read {unused}"


def read_options(command: Command) -> None:
    """Have the program parse its arguments without running it."""
    program, *words = command.words
    if program == "ray":
        words = _job_of(command, words)
        program = words.pop(0)
    if program == "candlecast":
        _parse_typer(candlecast, words)
    elif program in PYTHON and words[0] == "-m":
        _parse_module(words[1], words[2:], command)
    else:
        assert program in PYTHON, f"{command}: no reader knows {program}"
        check_script(words[0], words[1:], command)


def find_verb(app: typer.Typer, words: Sequence[str]) -> tuple[Any, list[str]]:
    """Return the command that `words` call, and the words that are left for it."""
    parser: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(parser, "commands") and rest and not rest[0].startswith("-"):
        assert rest[0] in parser.commands, f"there is no command {rest[0]!r} among {sorted(parser.commands)}"
        parser = parser.commands[rest.pop(0)]
    return parser, rest


def check_script(path: str, words: Sequence[str], told: object) -> None:
    """Hold the flags of a script against the words in its folder: importing it may start it."""
    assert (ROOT / path).is_file(), f"{told}: there is no {path}"
    sources = "".join(file.read_text() for file in (ROOT / path).parent.glob("*.py"))
    unknown = [word for word in words if word.startswith("--") and f'"{word.partition("=")[0]}"' not in sources]
    assert not unknown, f"{told}: {path} does not know {unknown}"


def read_compose(command: Command) -> None:
    """Find the services that a command of Compose names; ask docker about its flags, where there is a docker."""
    words = command.words
    if words[0] == "curl":
        assert "https://127.0.0.1:8000/" in command.text
        return
    assert words[:2] == ["docker", "compose"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    named = [word.partition("=")[0] for flag, word in pairwise(words) if flag == "--scale"]
    if words[2] in {"exec", "run"}:
        at = next(place for place, word in enumerate(words) if place > 2 and not word.startswith("-"))
        named, words = [words[at]], words[:at]
    assert set(named) <= set(services), f"{command}: no such service among {sorted(services)}"
    if shutil.which("docker"):
        # flags are read before the help that is asked for
        said = subprocess.run([*words, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert said.returncode == 0, f"{command}: {said.stderr}"


def read_kubectl(command: Command) -> None:
    """Find the overlays and the names that a command of Kubernetes speaks of."""
    words = command.words
    if words[0] != "kubectl":
        assert os.access(ROOT / words[0], os.X_OK), f"{command}: {words[0]} is no program"
        return
    folders = [folder for flag, folder in pairwise(words) if flag == "-k"]
    missing = [folder for folder in folders if not (ROOT / folder / "kustomization.yaml").is_file()]
    assert not missing, f"{command}: no kustomization in {missing}"
    manifests = "".join(file.read_text() for file in (ROOT / "cluster" / "kubernetes").rglob("*.yaml"))
    for name in re.findall(r"\w+/(\w[\w-]*)(?= |$)", " ".join(words) if not folders else ""):
        assert f"name: {name}" in manifests, f"{command}: no manifest names {name}"


def read_setting(command: Command) -> None:
    """Find the setting that a line of .env sets."""
    name = command.words[0].partition("=")[0]
    group, _, field = name.removeprefix("CANDLECAST_").lower().partition("__")
    model: Any = Settings.model_fields[group].annotation
    assert field in model.model_fields, f"{command}: there is no setting {name}"


READERS: dict[str, Callable[[Command], None]] = {
    "make": read_make,
    "options": read_options,
    "compose": read_compose,
    "kubectl": read_kubectl,
    "setting": read_setting,
}


def _job_of(command: Command, words: list[str]) -> list[str]:
    at = words.index("--")
    assert words[:2] == ["job", "submit"]
    flags = {word for word in words[:at] if word.startswith("--")}
    assert flags <= RAY_JOB_FLAGS, f"{command}: not looked up in Ray's documentation yet: {flags - RAY_JOB_FLAGS}"
    return words[at + 1 :]


def _parse_module(name: str, words: Sequence[str], command: Command) -> None:
    if name == "candlecast.replay":
        replay_parser().parse_args(list(words))
    elif name.startswith("jobs."):
        _parse_typer(importlib.import_module(name).app, words)
    else:
        check_script(f"{name.replace('.', '/')}.py", words, command)


def _parse_typer(app: typer.Typer, words: Sequence[str]) -> None:
    parser, rest = find_verb(app, words)
    parser.make_context(parser.name, rest)
