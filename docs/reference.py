"""What is there to call? Writes docs/reference.md, every public function and class of the domain, or prints it.

``make reference`` writes. Read from the sources, without importing them: the first sentence of each docstring, and the
arguments by their names.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference.md"
# what notebooks, studies and extensions call; stores, servers and the telling of figures are the product's own affair
ROOMS = ("client", "market", "news", "sentiment", "features", "models", "evaluation", "forecasts", "record", "replay")
HEAD = """# Python reference

What the domain offers to notebooks, studies and [extensions](extending.md), room by room; the HTTP API is in
[http-api.md](http-api.md), a walk through both in the [tutorial](tutorial.ipynb). Written by `make reference` from the
docstrings, which say more: shapes, units, what is raised. A test fails when this page is not what they say.
"""
Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def reference() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(line for room in ROOMS for line in _room(ROOT / "candlecast" / room))])


def _room(folder: Path) -> Iterator[str]:
    yield f"## {folder.name}\n"
    yield f"{_first_line(ast.parse((folder / '__init__.py').read_text()))}\n"
    for file in sorted(folder.rglob("*.py")):
        module = ast.parse(file.read_text())
        public = [node for node in module.body if isinstance(node, Public) and not node.name.startswith("_")]
        if public and file.stem not in ("__init__", "__main__"):
            yield from _module(file, module, public)


def _module(file: Path, module: ast.Module, public: list[Public]) -> Iterator[str]:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    yield f"**`{name}`** {_first_line(module)}\n"
    for node in public:
        yield f"- `{_signature(node)}`: {_first_line(node)}"
    yield ""


def _signature(node: Public) -> str:
    if isinstance(node, ast.ClassDef):
        return node.name
    given = node.args
    places = [each.arg for each in (*given.posonlyargs, *given.args)]
    spread = [f"*{given.vararg.arg}"] if given.vararg else ["*"] * bool(given.kwonlyargs)
    named = [each.arg for each in given.kwonlyargs] + ([f"**{given.kwarg.arg}"] if given.kwarg else [])
    return f"{node.name}({', '.join([*places, *spread, *named])})"


def _first_line(node: Public | ast.Module) -> str:
    said = ast.get_docstring(node)
    assert said, f"{getattr(node, 'name', 'a module')} says nothing of itself"
    return " ".join(said.partition("\n\n")[0].split())


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(reference())
    else:
        sys.stdout.write(reference())
