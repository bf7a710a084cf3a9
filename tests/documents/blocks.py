"""What do the documents show? Their fenced blocks, and the commands in those of a shell."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its page, the line that it begins on, its language, its text, and the paragraph before it."""

    page: str
    line: int
    language: str
    text: str
    lead: str


class Command(NamedTuple):
    """A command as it stands on a page, its comment included."""

    page: str
    line: int
    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text.replace("\\\n", " "), comments=True)

    def __str__(self) -> str:
        return f"{self.page}:{self.line} {self.text}"


@cache
def pages() -> tuple[str, ...]:
    """Return the documents that tell what to type, by their paths."""
    return ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")))


@cache
def blocks(page: str) -> tuple[Block, ...]:
    """Return the fenced blocks of a page, in their order."""
    text = (ROOT / page).read_text()
    assert text.count("```") % 2 == 0, f"{page} has a block that does not end"
    return tuple(
        Block(
            page=page,
            line=text.count("\n", 0, found.start()) + 2,
            language=found["language"],
            text=found["text"],
            lead=text[: found.start()].rstrip().rpartition("\n\n")[2],
        )
        for found in FENCE.finditer(text)
    )


def commands_in(block: Block) -> list[Command]:
    """Return the commands of a shell block; one goes on while a quote is open or its line ends with a backslash."""
    found: list[Command] = []
    begun: list[str] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        begun.append(line)
        text = "\n".join(begun)
        if not _is_whole(text):
            continue
        if shlex.split(text, comments=True):
            found.append(Command(block.page, number - len(begun) + 1, text))
        begun = []
    assert not begun, f"{block.page}:{block.line} ends in the middle of a command"
    return found


@cache
def all_commands() -> tuple[Command, ...]:
    """Return every command of every page."""
    shown = (block for page in pages() for block in blocks(page) if block.language == "sh")
    return tuple(command for block in shown for command in commands_in(block))


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True
