"""The docs as a site that can be searched: `python -m sphinx -W docs out/docs`.

Pages are Markdown that reads on its own, too. Those of the project that stand elsewhere (PAGES)
become pages under a name of docs/, where a file of that name leads readers of the files to them.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline import __version__  # noqa: E402
from pipeline.cli.options import TalkOptions  # noqa: E402
from pipeline.cli.parser import Argument, arguments_of  # noqa: E402
from pipeline.cli.run import COMMANDS  # noqa: E402
from pipeline.locale.catalogue import FOLDER  # noqa: E402
from pipeline.locale.words import read_words  # noqa: E402
from pipeline.slides.layouts import load_layouts  # noqa: E402

PAGES = {
    "architecture": "ARCHITECTURE.md",
    "benchmarks": "benchmarks/README.md",
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "examples": "examples/README.md",
}
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)")

project = "talkwright"
author = copyright = "the authors, under the MIT licence"
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["charts/**"]
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
# Languages of our own fences (`chart`) and first lines (`python {1-2}`) have no colours.
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "text"

html_theme = "furo"
html_title = "talkwright"
html_static_path = ["site"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same files give the same pages, whatever the day


def commands() -> Iterator[str]:
    """Each command with its options, as the parser knows them."""
    every = list(arguments_of(TalkOptions))
    yield "\n## Options of every command on a talk\n"
    yield from _table(every)
    for name, command in COMMANDS.items():
        own = [one for one in arguments_of(command.options) if one not in every]
        places = "".join(f" {_shown(one)}" for one in own if not one.name.startswith("-"))
        yield f"\n## {name}\n\n{command.about}\n"
        yield f"```sh\ntalkwright {command.example}\n```\n"
        yield f"`talkwright {name}{places}`\n" if places else ""
        yield from _table(own)


def _table(known: list[Argument]) -> Iterator[str]:
    if known:
        yield "| option | what it does |\n|---|---|"
    for one in sorted(known, key=lambda one: one.name.startswith("-")):
        yield f"| `{_in_cell(_shown(one))}` | {_in_cell(one.option.help)} |"


def _shown(one: Argument) -> str:
    """`--slot MIN`, `DIR`, `--train-live [short|whole]`."""
    said = one.settings()
    value = "|".join(said["choices"]) if "choices" in said else one.option.value or ""
    if not one.name.startswith("-"):
        return f"[{value} …]" if said.get("nargs") == "*" else value
    return f"{one.name} {f'[{value}]' if one.option.alone else value}".rstrip()


def _in_cell(words: str) -> str:
    return words.replace("|", "\\|")


def layouts() -> Iterator[str]:
    """Each layout with its picture, as templates/layouts.toml names them."""
    for layout in load_layouts().values():
        yield f"\n## {layout.name}\n\n{layout.about}\n"
        yield f"[![The layout {layout.name}](layouts/{layout.name}.png)](slides.md#{layout.name})\n"


def keywords() -> Iterator[str]:
    """What the languages call headings and cues of a script, English first."""
    tags = [path.stem for path in sorted(FOLDER.glob("*.toml"))]
    tables = [{**read_words(tag).headings, **read_words(tag).cues} for tag in tags]
    yield f"| en | {' | '.join(tags)} |\n|---|{'---|' * len(tags)}"
    for english in dict.fromkeys(word for table in tables for word in table.values()):
        cells = (
            ", ".join(f"`{word}`" for word, meant in table.items() if meant == english)
            for table in tables
        )
        yield f"| `{english}` | {' | '.join(cells)} |"


MADE = {"commands": commands, "layouts": layouts, "languages": keywords}


def _elsewhere(app: Sphinx, name: str, source: list[str]) -> None:
    """A page's text with links that hold in the site."""
    stands_in = PAGES.get(name, f"docs/{name}.md")
    if name in PAGES:
        source[0] = (ROOT / stands_in).read_text("utf-8")
        app.env.note_dependency(str(ROOT / stands_in))
    if name in MADE:
        source[0] = source[0].replace("<!-- made -->", "\n".join(MADE[name]()))
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
    app.connect("env-get-outdated", lambda *_: [*MADE])  # their sources are no pages
