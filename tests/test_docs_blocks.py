"""Every block of code in the documents is read by what reads it: nothing shown there is wrong.

The words behind a fence say what it is; a language that nothing here reads is an error.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
import tinycss2
from jinja2 import Environment
from markdown_it import MarkdownIt
from msgspec.structs import replace
from support.made_up import made_up
from support.measured import hash_tables, nanoseconds, poll
from support.media import drawn, svg
from support.needs import ROOT

from pipeline.cli import main
from pipeline.cli.run import parse
from pipeline.config import load_config
from pipeline.locale import locale_of
from pipeline.measure.readers import read
from pipeline.measured import Measured, Measurement, Tree, Value
from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.graph import read_graph
from pipeline.pictures.diagrams.source import read_diagram
from pipeline.script.parse import load_script
from pipeline.slides.layouts import Layout, load_layouts
from pipeline.slides.slide import read_slides

PAGES = (
    *("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"),
    *("benchmarks/README.md", "examples/README.md", "deck/sample/README.md"),
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
# What is shown and nobody types: the page, how it begins, and who sees to it that it is right.
SHOWN = {
    ("ARCHITECTURE.md", " CONTENT"): "a drawing",
    ("docs/files.md", "README.md"): "the tree: test_docs.py",
    ("docs/first-talk.md", "my-talk/"): "what `new` writes: below",
    ("docs/slides.md", "error: deck"): "what `check` prints",
}


@dataclass(frozen=True, slots=True)
class Block:
    """A fence of a document."""

    page: str
    line: int
    kind: str  # "toml layouts"
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    markdown = MarkdownIt("commonmark")
    for page in PAGES:
        for token in markdown.parse((ROOT / page).read_text("utf-8")):
            if token.type in ("fence", "code_block"):
                line = token.map[0] + 1 if token.map else 0
                yield Block(page, line, token.info.strip(), token.content)


BLOCKS = list(blocks())


def measured() -> Measured:
    """What the documents measure: made up."""
    hash_ = hash_tables(
        rows=tuple(
            {"load": Value(x), "ns": nanoseconds(20 * x), "keys": Value(x), "table": "swiss"}
            for x in (1, 2, 3)
        )
    )
    tables = {"robin_hood": 20.0, "std::map": 214.0, "swiss": 19.0, "linear": 40.0}
    kept: dict[str, Tree] = {n: {"insert_ns": nanoseconds(t)} for n, t in tables.items()}
    old, new = nanoseconds(9.0, 8.9, 9.0, 9.1), nanoseconds(4.0, 3.9, 4.0, 4.1)
    adding: dict[str, Tree] = {"sum": nanoseconds(12.5, 12.4, 12.5, 12.6), "old": old, "new": new}
    amount: dict[str, Tree] = {"100": {"linear": Value(0.9, 0.85, 0.95)}}
    named = {"adding": adding, "amount": amount, "hash": {**hash_.values, **kept}}
    found = {name: Measurement(name, values, hash_.run) for name, values in named.items()}
    pictures = replace(hash_.run, pictures={"plot.svg": sha256(svg("").encode()).hexdigest()})
    found["adding"] = replace(found["adding"], run=pictures)
    return replace(made_up(), measurements={**found, "poll": poll()})


# Where a block has this part without that table, this stands beside it in the talk.
BESIDE = (
    ("", "[talk]", '[talk]\ntitle = "A talk"\nspeaker = "Kim"\n'),
    ("[cuts.", "[cuts.full]", '[cuts.full]\nlength = "50 minutes"\n'),
    ("[measure.adding.", "[measure.adding]", '[measure.adding]\ncommand = "python3 bench.py"\n'),
    ("[experiment.", "[experiment]", '[experiment.data]\nlabels = ["a", "b"]\n'),
    ("[evidence.", "[experiment", '[experiment.data]\npositive = "a"\nnegative = "b"\n'),
)


# ---------------------------------------------------------------- what reads a block


def read_settings(block: Block, root: Path) -> None:
    """Keys of talk.toml, beside what a talk has that has these."""
    settings = "".join(
        more for part, table, more in BESIDE if part in block.text and table not in block.text
    )
    (root / "talk.toml").write_text(settings + block.text, "utf-8")
    for name in re.findall(r'"([\w./-]+\.(?:svg|png|ttf|otf|py))"', block.text):
        place_for(root / name)
    load_config(root)


def place_for(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn())


def read_layouts(block: Block, root: Path) -> None:
    """A list of layouts with its template, as the page shows it; a slide of one needs both."""
    layouts_of(block.page, root)


def layouts_of(page: str, root: Path) -> Mapping[str, Layout]:
    """Those of a talk that has written what the page shows of layouts."""
    shown = {block.kind: block.text for block in BLOCKS if block.page == page}
    if "toml layouts" not in shown:
        return LAYOUTS
    (root / "templates/layouts").mkdir(parents=True)
    (root / "templates/layouts.toml").write_text(shown["toml layouts"], "utf-8")
    for name in re.findall(r"\[layouts\.(\w+)\]", shown["toml layouts"]):
        (root / f"templates/layouts/{name}.html.j2").write_text(shown["jinja"], "utf-8")
    return load_layouts(root)


def read_slide(block: Block, root: Path) -> None:
    """A slide, or what stands on one; with the pictures that it names."""
    text = block.text
    if not text.startswith("---\n"):
        text = f"---\nlayout: text\ntitle: A slide\n---\n{text}"
    folder = root / "deck/slides"
    folder.mkdir(parents=True)
    (folder / "10-shown.md").write_text(text, "utf-8")
    for name in re.findall(r"[\w/.-]+\.(?:jpg|png|mp4)", text):
        place_for(folder / name)
    for name in re.findall(r"#/([\w-]+)", text):
        (folder / f"{len(list(folder.iterdir())) + 10}-{name}.md").write_text(
            f"---\nlayout: quote\ntitle: {name}\n---\nSo.\n", "utf-8"
        )
    (root / "plot.svg").write_text(svg(""), "utf-8")
    numbers = Numbers(replace(MEASURED, pictures={"adding": root}))
    read_slides(folder, layouts_of(block.page, root), numbers)


def read_script(block: Block, root: Path) -> None:
    """A script, a section of one, or what stands in one."""
    path = root / "voiceover.md"
    head = "" if block.text.startswith("#") else "## SLIDE 1: A [1 minute]\n\n"
    path.write_text(head + block.text, "utf-8")
    language = block.kind.removeprefix("markdown script").strip()
    numbers = Numbers(MEASURED, locale_of(language)) if language else NUMBERS
    assert [problem.message for problem in load_script(path, numbers).problems] == []


def read_toml_diagram(block: Block, root: Path) -> None:
    (root / "a.toml").write_text(block.text, "utf-8")
    read_diagram(root / "a.toml", NUMBERS, ["demo"])


def read_dot(block: Block, root: Path) -> None:
    (root / "a.dot").write_text(block.text, "utf-8")
    read_graph(root / "a.dot", NUMBERS, ["demo"])


def read_json(block: Block, root: Path) -> None:
    """What a program may print."""
    read(block.text.encode(), root / "a.json")


def read_python(block: Block, root: Path) -> None:
    compile(block.text, str(block), "exec")


def read_template(block: Block, root: Path) -> None:
    Environment(autoescape=True).parse(block.text)


def read_css(block: Block, root: Path) -> None:
    rules = tinycss2.parse_stylesheet(block.text, skip_whitespace=True, skip_comments=True)
    assert [rule.message for rule in rules if rule.type == "error"] == []


def see_shown(block: Block, root: Path) -> None:
    """Nothing reads it, so it is named here with its reason."""
    assert [key for key in SHOWN if block.page == key[0] and block.text.startswith(key[1])]


def see_contents(block: Block, root: Path) -> None:
    """The list of pages in the site: each name is a page."""
    names = [line for line in block.text.split("\n") if line and not line.startswith(":")]
    assert [name for name in names if not (ROOT / f"docs/{name}.md").is_file()] == []


# ---------------------------------------------------------------- commands

# Other commands of a line -> what their words have to be.
OTHERS = {
    "cd": r"[\w-]+",
    "git": r"(init|add|commit|push) .*",
    "pip": r"install .*",
    "npm": r"ci",
    ".": r"[.\w]+/bin/activate",
    "python3": r"-m (venv|http\.server) .*",
    "accelerate": r"launch .*-m pipeline build",
}
OURS = re.compile(r"(?:(?:\.venv/bin/)?python build\.py|talkwright)(?: |$)")


def run_line(line: str) -> None:
    """One command: ours is parsed as it would be called, modules of others exist."""
    if ours := OURS.match(line):
        given = shlex.split(line[ours.end() :], comments=True)
        if given != ["--help"]:
            parse(given)
        return
    words = shlex.split(line, comments=True)
    command, rest = words[0].removeprefix(".venv/bin/"), words[1:]
    if command == "python":
        module = rest[1] if rest[0] == "-m" else ""
        assert find_spec(module) if module else (ROOT / rest[0]).is_file(), line
        return
    assert command in OTHERS, line
    assert re.fullmatch(OTHERS[command], " ".join(rest)), line
    if "-m pipeline " in line:
        parse(line.partition("-m pipeline ")[2].split())


def read_commands(block: Block, root: Path) -> None:
    for line in block.text.rstrip("\n").split("\n"):
        for one in line.split(" && "):
            if one.strip() and not one.startswith("#"):
                run_line(one.strip())


READERS: dict[str, Callable[[Block, Path], None]] = {
    "sh": read_commands,
    "toml": read_settings,
    "toml layouts": read_layouts,
    "toml diagram": read_toml_diagram,
    "markdown": read_slide,
    "markdown script": read_script,
    "markdown script de": read_script,
    "dot": read_dot,
    "json": read_json,
    "python": read_python,
    "jinja": read_template,
    "css": read_css,
    "text": see_shown,
    "{toctree}": see_contents,
}
LAYOUTS = load_layouts()
MEASURED = measured()
NUMBERS = Numbers(MEASURED)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_each_block_is_what_it_says(block: Block, tmp_path: Path) -> None:
    """Settings load, slides and scripts parse, commands and their options exist."""
    assert block.kind in READERS, f"no language for the block, or one that nobody reads: {block}"
    READERS[block.kind](block, tmp_path)


def write_shown(page: str, slides: str) -> None:
    """The page's slide and section of the script, put in the second's place of a new talk."""
    shown = {block.kind: block.text for block in BLOCKS if block.page == page}
    said = next(text for kind, text in shown.items() if kind.startswith("markdown script"))
    next(Path("deck/slides").glob(slides)).write_text(shown["markdown"], "utf-8")
    script = Path("script/voiceover.md")
    of_second = re.compile(r"^## (?:SLIDE|FOLIE) 2:.*?(?=^---)", re.DOTALL | re.MULTILINE)
    text, count = of_second.subn(lambda _: f"{said}\n", script.read_text("utf-8"))
    assert count == 1
    script.write_text(text, "utf-8")


def test_the_first_talk_is_made_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What docs/first-talk.md has one type and write, up to the browser, and what `time` says."""
    page = "docs/first-talk.md"
    monkeypatch.chdir(tmp_path)
    assert main(["new", "my-talk"]) == 0
    monkeypatch.chdir(tmp_path / "my-talk")
    told = next(block.text for block in BLOCKS if (block.page, block.kind) == (page, "text"))
    paths = [line.split()[0] for line in told.rstrip().split("\n")[1:]]
    assert [path for path in paths if not Path(path).exists()] == []
    write_shown(page, "02-files.md")
    assert main(shlex.split("insert salt --after files --layout text")) == 0
    capsys.readouterr()
    assert main(["time"]) == 1
    asked = capsys.readouterr().err
    assert "its length is 2:15, the slots of its slides add up to 2:25" in asked
    assert re.findall(r"slide (\d)\b.*(?:slot|steps?)", asked) == ["3"]


def test_the_german_talk_is_made_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same for docs/languages.md: words and steps fit, and the talk is shorter."""
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split("new mein-vortrag --language de")) == 0
    monkeypatch.chdir(tmp_path / "mein-vortrag")
    write_shown("docs/languages.md", "02-dateien.md")
    capsys.readouterr()
    assert main(["time"]) == 1
    asked = capsys.readouterr().err
    assert "its length is 2:20, the slots of its slides add up to 2:00" in asked
    assert re.findall(r"slide (\d)\b.*(?:slot|steps?)", asked) == []
