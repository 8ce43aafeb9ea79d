"""Writes docs/licences.md: what the project takes from others, what for, and under which terms.

python .ci/licences.py

It reads what is installed; what isn't keeps its line on the page while its version is the same. To
read all anew: what `python .ci/lock.py train cluster publish notebook docs voice test release`
prints, installed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata, version

from lock import ROOT, Locked, needed

PAGE = ROOT / "docs/licences.md"
MARK = "<!-- from here on: python .ci/licences.py -->\n"  # above it the page is written by hand
EXTRAS = ("core", "publish", "train", "docs", "voice", "test", "notebook", "cluster", "release")

# What may be taken without asking anyone, by SPDX's names.
FREE = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "BlueOak-1.0.0"),
    *("CC0-1.0", "CNRI-Python", "HPND", "ISC", "MIT", "MIT-CMU", "MIT-0", "PSF-2.0", "Zlib"),
    *("Apache-2.0 WITH LLVM-exception", "Unlicense", "Public-Domain"),
}
# What asks for something in return, and why that holds here.
ON_TERMS = {
    "MPL-2.0": "changes to its own files are given away; none is changed here",
    "EPL-2.0": "as MPL-2.0: Graphviz, drawn with in a sandbox, unchanged",
    "LGPL-2.1-or-later": "imported as it is installed, and can be replaced there",
    "OFL-1.1": "typefaces: they go along with their licence, and keep their names",
    "NVIDIA": "not free: what torch brings for graphics cards on Linux; not shipped here",
}

# Where the package's metadata say nothing, or too little: read in its own licence file.
READ = {
    "axe-playwright-python": "MIT AND MPL-2.0",
    "docutils": "Public-Domain AND BSD-2-Clause AND PSF-2.0",
    "matplotlib": "PSF-2.0",
    "num2words": "LGPL-2.1-or-later",
    "pyphen": "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1",
    "tqdm": "MPL-2.0 AND MIT",
    # On systems other than the one that made this page.
    "appnope": "BSD-2-Clause",
    "colorama": "BSD-3-Clause",
    "cuda-bindings": "NVIDIA",
    "cuda-pathfinder": "Apache-2.0",
    "cuda-toolkit": "NVIDIA",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pywinpty": "MIT",
    "triton": "MIT",
}
# Older words of metadata -> SPDX's.
SAID = {
    r"apache.*": "Apache-2.0",
    r"mit( licen[sc]e)?": "MIT",
    r"(3-clause bsd|bsd[ -]3-clause|new bsd|modified bsd).*": "BSD-3-Clause",
    r"bsd[ -]2-clause.*": "BSD-2-Clause",
    r"bsd( license)?": "BSD",  # two clauses or three: the metadata don't tell
    r"isc.*": "ISC",
    r"mozilla public license 2.*": "MPL-2.0",
    r"python software foundation license|psf.*": "PSF-2.0",
    r".*ofl[ -]1\.1.*": "OFL-1.1",
    r"the unlicense.*": "Unlicense",
}


def licence_of(name: str) -> str:
    """The SPDX expression of an installed package; "" where its metadata say none that is known."""
    if name in READ or name.startswith("nvidia-"):
        return READ.get(name, "NVIDIA")
    about = metadata(name)
    if about["License-Expression"]:
        return str(about["License-Expression"])
    kinds = [one for one in about.get_all("Classifier") or [] if one.startswith("License ::")]
    said = (about["License"] or "").strip().split("\n")[0]
    for words in (said, *(one.rpartition(" :: ")[2] for one in kinds)):
        if words in FREE or words in ON_TERMS:
            return str(words)
        for pattern, name_of in SAID.items():
            if re.fullmatch(pattern, words.lower()):
                return name_of
    return ""


def allowed(expression: str) -> bool:
    """Whether one side of each "or" is on the lists."""
    sides = [side.strip("() ").split(" AND ") for side in expression.split(" OR ")]
    if "(" in expression:  # then all of them have to be
        sides = [re.split(r" AND | OR ", re.sub("[()]", "", expression))]
    return any(
        all(one.strip() in FREE or one.strip() in ON_TERMS for one in side) for side in sides
    )


def on_page() -> dict[tuple[str, str], str]:
    """Name and version -> licence, as the page has them."""
    made = PAGE.read_text("utf-8").partition(MARK)[2]
    rows = re.findall(r"^\| ([\w.-]+) \| (\d[^| ]*) \| ([^|]+?) \|", made, re.MULTILINE)
    return {(name, number): licence for name, number, licence in rows}


def found(one: Locked, known: dict[tuple[str, str], str]) -> str:
    """The licence of one package: as it is here, or as the page has it."""
    licence = here = ""
    with suppress(PackageNotFoundError):
        licence = licence_of(one.name)
        here = version(one.name).partition("+")[0]
    # Another version's licence is better than none: two of one name are for two Pythons.
    return licence if here == one.version else known.get((one.name, one.version)) or licence


def purposes() -> dict[str, str]:
    """What pyproject.toml says beside each package that it names."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    rows = re.findall(r'^ *(?:\w+ = \[)?"([\w.-]+)[^"]*"[\],]+ *# (.+)$', text, re.MULTILINE)
    return {name: what.partition(";")[0] for name, what in rows}


def sections() -> Iterator[tuple[str, list[Locked]]]:
    """Each extra, and what it brings that none before it does."""
    seen: set[str] = set()
    for extra in EXTRAS:
        brought = needed(() if extra == "core" else (extra,))
        yield extra, [one for one in brought if one.name not in seen]
        seen |= {one.name for one in brought}


def browser_code() -> dict[str, int]:
    """Licences of the packages that check the browser code, and of how many each."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    counts: dict[str, int] = {}
    for name, one in lock["packages"].items():
        if name:
            counts[one["license"]] = counts.get(one["license"], 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def page() -> str:
    """docs/licences.md as a whole."""
    known, why, missing = on_page(), purposes(), list[str]()
    above, mark, _ = PAGE.read_text("utf-8").partition(MARK)
    parts = [above, mark]
    for extra, brought in sections():
        title = "Core: a talk needs it" if extra == "core" else f"The extra `{extra}`"
        parts.append(
            f"\n## {title}\n\n| package | version | licence | what for |\n|---|---|---|---|\n"
        )
        for one in brought:
            licence = found(one, known)
            missing += [] if licence else [f"{one.name} {one.version}"]
            needs = ", ".join(name for name in one.needed_by if name != "talkwright")
            what = why.get(one.name) or f"for {needs}"
            parts.append(f"| {one.name} | {one.version} | {licence} | {what} |\n")
    parts.append(TERMS + "".join(f"| {name} | {what} |\n" for name, what in ON_TERMS.items()))
    counts = browser_code()
    parts.append(BROWSER.format(n=sum(counts.values())))
    parts += [f"| {licence} | {count} |\n" for licence, count in counts.items()]
    if missing:
        raise SystemExit(f"no licence is known of: {', '.join(missing)}")
    return "".join(parts)


TERMS = """
## Licences that ask for something

All others on this page ask no more than that their text stays with what is passed on.

| licence | what it asks for, and why that holds |
|---|---|
"""
BROWSER = """
## Checks of the browser code

{n} packages of `package-lock.json`, by hash; none of their code goes into a page.

| licence | packages |
|---|---|
"""


def main() -> int:
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
