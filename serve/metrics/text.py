"""How do many pages of Prometheus text become one? Each figure is described once, its samples follow."""

from collections.abc import Iterable

Families = dict[str, tuple[list[str], list[str]]]


def join_pages(pages: Iterable[str], *, wanted: tuple[str, ...] = ("",)) -> str:
    """Return one page with the samples of all.

    Parameters
    ----------
    pages : iterable of str
        Prometheus text of many processes or nodes.
    wanted : tuple of str
        How the names of figures begin that are kept.
    """
    families: Families = {}
    for page in pages:
        _collect(page.splitlines(), families, wanted)
    lines = [line for described, samples in families.values() for line in (*described, *samples)]
    return "".join(f"{line}\n" for line in lines)


def _collect(lines: Iterable[str], families: Families, wanted: tuple[str, ...]) -> None:
    family = ""
    for line in lines:
        if line.startswith("# "):
            _, kind, family, *_ = [*line.split(" ", 3), ""]
            if family.startswith(wanted):
                described, _ = families.setdefault(family, ([], []))
                if not any(known.startswith(f"# {kind} ") for known in described):
                    described.append(line)
        elif line and family in families:
            families[family][1].append(line)
