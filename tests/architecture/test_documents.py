"""Can every command that the documents tell to type be typed?

Those that run as written do so in tests/e2e/test_documents.py, the steps of docs/extending.md in
tests/integration/test_extending.py.
"""

import re
from pathlib import Path

import pytest

from jobs.cli import app
from tests.documents.blocks import ROOT, Block, Command, all_commands, blocks, commands_in, pages
from tests.documents.readers import READERS, check_script, check_target, find_verb
from tests.documents.ways import WAYS, way_of

LANGUAGES = {"sh", "python", "diff", "json", ""}
PROMPTS = ("make ", "candlecast ", "docker ", "curl ", "kubectl ", "ray ", "python ", ".venv/")
INLINE = re.compile(r"`((?:make |candlecast |benchmarks/\w+\.py)[^`]*)`")
FILE = re.compile(r"`((?:candlecast|cluster|jobs|serve|ui|tests|benchmarks|docs)/[\w/.-]*(?:/|\.\w+))`")
LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]*))?\)")
READ = [command for command in all_commands() if (way := way_of(command)) and way.check in READERS]


def test_command_goes_on_while_a_quote_is_open_or_a_line_ends_with_a_backslash():
    block = Block("page.md", 7, "sh", "# only said\nfirst \\\n  --flag  # it's\n\nX='one\n two'\nlast\n", lead="")

    found = commands_in(block)

    assert [(command.line, command.words) for command in found] == [
        (8, ["first", "--flag"]),
        (11, ["X=one\n two"]),
        (13, ["last"]),
    ]


@pytest.mark.parametrize("text", ["candlecast frobnicate", "rm -rf .candlecast", "docker run candlecast"])
def test_command_of_which_nobody_spoke_has_no_way(text):
    assert way_of(Command("page.md", 1, text)) is None


def test_every_command_has_a_way_in_which_it_is_checked():
    unknown = [str(command) for command in all_commands() if way_of(command) is None]

    assert unknown == [], "say in tests/documents/ways.py how they are checked"


def test_every_way_is_that_of_a_command_and_says_why_it_is_not_run():
    used = {way_of(command) for command in all_commands()}

    assert [way for way in WAYS if way not in used] == []
    assert [way for way in WAYS if way.check in READERS and not way.reason] == []


def test_command_that_is_a_step_is_on_the_page_whose_steps_are_followed():
    steps = [command for command in all_commands() if way_of(command).check == "steps"]

    assert {command.page for command in steps} == {"docs/extending.md"}


@pytest.mark.parametrize("command", READ, ids=str)
def test_command_that_is_not_run_is_one_that_its_program_takes(command):
    READERS[way_of(command).check](command)


@pytest.mark.parametrize("page", pages())
def test_block_of_commands_says_that_it_is_one(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{page}:{block.line}"
        if block.language == "":
            assert not block.text.startswith(PROMPTS), f"{page}:{block.line} holds commands; begin it with ```sh"


@pytest.mark.parametrize("page", pages())
def test_command_within_a_sentence_is_one_that_its_program_knows(page):
    for text in INLINE.findall((ROOT / page).read_text()):
        command = Command(page, 0, " ".join(text.split()))
        program, *words = command.words
        if program == "make":
            check_target(command)
        elif program == "candlecast":
            find_verb(app, words)
        else:
            check_script(program, words, command)


@pytest.mark.parametrize("page", pages())
def test_file_within_a_sentence_is_there(page):
    shown = {name for block in blocks(page) if block.language == "python" for name in FILE.findall(block.lead)[:1]}

    named = set(FILE.findall((ROOT / page).read_text())) - shown

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", pages())
def test_link_leads_to_a_file_and_to_a_heading_in_it(page):
    here = (ROOT / page).parent
    for target, heading in LINK.findall((ROOT / page).read_text()):
        if "://" in target:
            continue
        file = (here / target).resolve()
        assert file.exists(), f"{page}: no {target}"
        if heading:
            assert heading in _headings(file), f"{page}: no heading {heading} in {target}"


def _headings(page: Path) -> set[str]:
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
