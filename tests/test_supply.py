"""What comes from others is locked by hash and freely licensed; workflows may do little."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from support.needs import ROOT

sys.path.insert(0, str(ROOT / ".ci"))
import licences
import lock
import release

WORKFLOWS = [
    *sorted((ROOT / ".github/workflows").glob("*.yml")),
    *sorted((ROOT / "templates/starters").rglob("workflows/*.yml")),
]


def test_the_lock_is_of_these_dependencies() -> None:
    """After a change of pyproject.toml the lock is made anew: `python .ci/lock.py`."""
    assert f"sha256 {lock.fingerprint()}\n" in lock.LOCKED.read_text("utf-8")


def test_each_pin_is_locked_as_it_is_pinned() -> None:
    """Core, extras and what builds the wheel, in the version that pyproject.toml names."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = settings["project"]
    pins = [*project["dependencies"], *settings["build-system"]["requires"]]
    pins += [one for extra in project["optional-dependencies"].values() for one in extra]
    pinned = {tuple(re.sub(r"\[.*?\]|;.*", "", one).split("==")) for one in pins if "==" in one}
    assert len(pinned) > 50
    assert pinned - {(one.name, one.version) for one in lock.read()} == set()


def test_each_locked_package_has_hashes_and_no_address() -> None:
    """Where a package comes from is each machine's own business."""
    assert all("--hash=sha256:" in one.text for one in lock.read())
    assert "://" not in lock.LOCKED.read_text("utf-8")


def test_a_part_of_the_lock_has_all_that_its_extras_need_but_torch() -> None:
    """Of torch each machine has a build of its own: neither it nor what only it needs is there."""
    names = {one.name for one in lock.needed(("train", "test"), lock.OWN_BUILD)}
    assert {"jinja2", "markupsafe", "transformers", "numpy", "sphinx", "playwright"} <= names
    assert names & {"torch", "triton", "jupyterlab", "ray", "uv"} == set()
    assert not any(name.startswith("nvidia-") for name in names)
    assert {one.name for one in lock.needed(())} < names
    assert {one.name for one in lock.read()} == {
        one.name for one in lock.needed(licences.EXTRAS[1:])
    }


def test_both_versions_are_there_where_older_pythons_get_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As numpy is locked; a marker tells which is for whom."""
    assert lock.main(["train"]) == 0
    printed = re.findall(r"^([\w.-]+)==", capsys.readouterr().out, re.MULTILINE)
    locked = [one.name for one in lock.read()]
    assert "numpy" in printed
    assert printed.count("numpy") == locked.count("numpy")


def test_an_extra_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With its name, and exit code 2."""
    assert lock.main(["tests"]) == 2
    assert capsys.readouterr().err.startswith("no such extra: tests\n")


def test_a_release_goes_into_no_folder_that_holds_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its list of checksums would have a stranger's file in it."""
    (tmp_path / "mine").write_text("x")
    assert release.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path} isn't empty\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_page_of_licences_has_each_locked_package_and_only_allowed_ones() -> None:
    """A package that comes in, or moves, has its licence read: `python .ci/licences.py`."""
    shown = licences.on_page()
    assert {*shown} == {(one.name, one.version) for one in lock.read()}
    assert {(pair, one) for pair, one in shown.items() if not licences.allowed(one)} == set()


def test_what_is_installed_here_has_the_licence_that_the_page_says() -> None:
    """Where its version is the locked one."""
    seen = 0
    for (name, number), licence in licences.on_page().items():
        try:
            if version(name) != number:
                continue
        except PackageNotFoundError:
            continue
        seen += 1
        assert licences.licence_of(name) == licence, name
    assert seen > 50


def test_browser_tools_have_allowed_licences() -> None:
    """Those of package-lock.json, as it states them, each with a hash."""
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    others = {name: one for name, one in packages.items() if name}
    assert all(licences.allowed(one["license"]) for one in others.values())
    assert all("integrity" in one for one in others.values())
    for licence, count in licences.browser_code().items():
        assert f"| {licence} | {count} |\n" in licences.PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-or-later OR MPL-1.1 OR LGPL-2.1-or-later", True),
        ("(MIT OR GPL-3.0-only) AND ISC", False),  # unclear: a person reads it
        ("Apache-2.0 WITH LLVM-exception", True),
        ("", False),
    ],
)
def test_one_side_of_each_or_has_to_be_allowed(expression: str, is_allowed: bool) -> None:
    """And all of each "and"."""
    assert licences.allowed(expression) is is_allowed


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_take_actions_by_commit_and_ask_for_what_they_need(path: Path) -> None:
    """A tag can be moved to other code; a token that may do nothing can do no harm."""
    text = path.read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []
    assert "\npermissions: {}" in text
    assert len(re.findall(r"^    timeout-minutes:", text, re.MULTILINE)) == len(
        re.findall(r"^    runs-on:", text, re.MULTILINE)
    )
    assert "persist-credentials: false" in text
