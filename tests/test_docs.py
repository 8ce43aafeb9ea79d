"""What the documents say of the project is so."""

from __future__ import annotations

import re
import runpy
import subprocess
from collections.abc import Iterator

import pytest
from support.needs import ROOT, need

from pipeline import __version__
from pipeline.cli.parser import arguments_of
from pipeline.cli.run import COMMANDS
from pipeline.slides.layouts import load_layouts

README = (ROOT / "README.md").read_text("utf-8")
TREE = (ROOT / "docs/files.md").read_text("utf-8")
COMMANDS_PAGE = (ROOT / "docs/commands.md").read_text("utf-8")
INSIDE = ("CONTRIBUTING.md", "ARCHITECTURE.md")  # those that name files of the code
TOP = r"(?:benchmarks|deck|docs|pipeline|script|templates|tests|\.ci|\.github)"


def tree() -> Iterator[str]:
    """The paths of the tree in docs/files.md."""
    found = re.search(r"<!-- tree -->\n```text\n(.*?)```", TREE, re.DOTALL)
    assert found
    folders: list[str] = []
    for line in found[1].rstrip().split("\n"):
        depth = (len(line) - len(line.lstrip())) // 2
        folders = [*folders[:depth], line.split()[0]]
        yield "".join(folders)


def tracked() -> set[str]:
    """The files of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    need(listed.returncode == 0, "this is no git checkout")
    return {name for name in listed.stdout.split("\n") if (ROOT / name).is_file()}


def test_each_command_has_a_row() -> None:
    """The commands of docs/commands.md, and those that README names, are those that exist."""
    rows = re.findall(r"^\| `talkwright ?([a-z]*)", COMMANDS_PAGE, re.MULTILINE)
    assert sorted(name or "build" for name in rows) == sorted(COMMANDS)
    assert set(re.findall(r"build\.py ([a-z]+)", README)) <= set(COMMANDS)


def test_options_of_the_commands_exist() -> None:
    """Each `--option` there is one of some command."""
    kinds = [command.options for command in COMMANDS.values()]
    known = {name.replace("_", "-") for kind in kinds for name in kind.__struct_fields__}
    named = set(re.findall(r"`(?:[a-z.]+ )*--([a-z-]+)", README + COMMANDS_PAGE))
    assert len(named) > 10
    assert named - known == {"help"}


def test_made_pages_leave_nothing_out() -> None:
    """The site's page of commands has each option, its gallery each layout with a picture."""
    pytest.importorskip("sphinx")
    made = runpy.run_path(str(ROOT / "docs/conf.py"))["MADE"]
    commands = "\n".join(made["commands"]())
    for command in COMMANDS.values():
        assert command.about in commands
        for one in arguments_of(command.options):
            assert one.option.help.replace("|", "\\|") in commands, one.name
    shown = re.findall(r"^## (\w+)$", "\n".join(made["layouts"]()), re.MULTILINE)
    assert sorted(shown) == sorted(load_layouts())
    assert [one for one in shown if not (ROOT / f"docs/layouts/{one}.png").is_file()] == []


def test_the_tree_is_the_project() -> None:
    """Each path of the tree is there; each top-level file or folder and each module is in it."""
    shown = set(tree())
    files = tracked()
    assert {path for path in shown if not (ROOT / path).exists()} == set()
    tops = {name.split("/")[0] for name in files if not name.startswith(".")}
    assert {top for top in tops if top not in shown and f"{top}/" not in shown} == set()
    modules = {n for n in files if re.fullmatch(r"pipeline/.+\.py", n) and "__init__" not in n}
    assert modules - shown == set()


@pytest.mark.parametrize("name", INSIDE)
def test_paths_that_documents_name_exist(name: str) -> None:
    """A moved file is moved in the documents, too."""
    text = (ROOT / name).read_text("utf-8")
    named = re.findall(rf"`({TOP}/[\w./-]*|[\w.-]+\.(?:md|toml|py))`", text)
    named = [path for path in named if not re.search("N{2}|NAME", path)]
    places = (ROOT, ROOT / "pipeline")
    missing = [path for path in named if not any((place / path).exists() for place in places)]
    assert named
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", *INSIDE])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    """Those of docs/ are checked where their site is made; a link in code is an example."""
    text = re.sub(r"`[^`]*`", "", (ROOT / name).read_text("utf-8"))
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


def test_pages_that_messages_name_exist() -> None:
    """Hints of the code, comments of templates and of talks lead to a page that is there."""
    places = [name for name in tracked() if re.match(r"pipeline|templates|examples|talk", name)]
    texts = {name: (ROOT / name).read_bytes() for name in places}
    named = {page for text in texts.values() for page in re.findall(rb"\bdocs/[\w-]+\.md", text)}
    assert len(named) > 4
    assert [page for page in named if not (ROOT / page.decode()).is_file()] == []


def test_the_changelog_begins_with_the_version_that_comes() -> None:
    """The newest heading is the version of the code."""
    log = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.findall(r"^## (\S+) \((unreleased|\d{4}-\d\d-\d\d)\)$", log, re.MULTILINE)
    assert newest[0] == (__version__.removesuffix(".dev0"), "unreleased")
    assert all(date != "unreleased" for _, date in newest[1:])
