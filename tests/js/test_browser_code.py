"""The browser code by its own tools: tests of its pure parts, types, style; and what pages get."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.needs import ROOT, need

from pipeline.pages import assets

PAGES = json.loads((ROOT / "templates" / "scripts.json").read_text("utf-8"))


def run(*command: str) -> None:
    """Run a tool of package.json in the project's folder; its output is shown when it fails."""
    need(shutil.which("node"), "there is no Node")
    need((ROOT / "node_modules").is_dir(), "node_modules is missing: run `npm ci`")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["test", "types", "lint"])
def test_its_own_tools_find_nothing(tool: str) -> None:
    """Tests in Node, tsc over each page's files, eslint."""
    run("npm", "run", "--silent", tool)


@pytest.mark.parametrize("page", PAGES)
def test_taking_comments_out_changes_no_meaning(page: str, tmp_path: Path) -> None:
    """What a page gets has the syntax tree of the files that it is joined from."""
    files = [(ROOT / "templates" / f"{name}.js").read_text("utf-8") for name in PAGES[page]]
    (tmp_path / "files.js").write_text('(() => {"use strict";\n' + "\n".join(files) + "})();")
    (tmp_path / "page.js").write_text(assets.script(page))
    run("node", "tests/js/same.mjs", str(tmp_path / "files.js"), str(tmp_path / "page.js"))


def test_each_file_is_of_a_page() -> None:
    """No browser code lies about that no page has."""
    listed = {f"{name}.js" for names in PAGES.values() for name in names}
    templates = ROOT / "templates"
    assert {path.relative_to(templates).as_posix() for path in templates.rglob("*.js")} == listed
