"""The docs as a site that can be searched: `python -m sphinx -W docs out/docs`.

Pages are Markdown that reads on its own, too. Those of the project that stand elsewhere (PAGES)
become pages under a name of docs/, where a file of that name leads readers of the files to them.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "architecture": "ARCHITECTURE.md",
    "benchmarks": "benchmarks/README.md",
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "examples": "examples/README.md",
}
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)")

project = "Talks from text and measured numbers"
author = copyright = "the authors, under the MIT licence"
release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
extensions = ["myst_parser"]
exclude_patterns = ["charts/**"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
# Languages of our own fences (`chart`) and first lines (`python {1-2}`) have no colours.
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "text"

html_theme = "furo"
html_title = "Talks from text"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same files give the same pages, whatever the day


def _elsewhere(app: Sphinx, name: str, source: list[str]) -> None:
    """A page's text with links that hold in the site."""
    stands_in = PAGES.get(name, f"docs/{name}.md")
    if name in PAGES:
        source[0] = (ROOT / stands_in).read_text("utf-8")
        app.env.note_dependency(str(ROOT / stands_in))
    at, parts = 0, []
    for code in _FENCE.finditer(source[0]):
        parts += [_linked(source[0][at : code.start()], stands_in), code[0]]
        at = code.end()
    source[0] = "".join([*parts, _linked(source[0][at:], stands_in)])


def _linked(words: str, stands_in: str) -> str:
    names = {file: f"{name}.md" for name, file in PAGES.items()} | {"README.md": "index.md"}

    def place(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(stands_in), link[1]))
        return names.get(path) or posixpath.relpath(path, "docs")

    return _LINK.sub(place, words)


def setup(app: Sphinx) -> None:
    app.connect("source-read", _elsewhere)
