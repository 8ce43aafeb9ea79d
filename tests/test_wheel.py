"""The wheel: everything in it, nothing else; installed where nothing else is, it makes a talk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.needs import ROOT, posix

from pipeline import __version__

MOST_BYTES = 3_000_000
CHECKS = """
import pipeline, sys
from pathlib import Path
assert Path(pipeline.__file__).is_relative_to(sys.prefix), pipeline.__file__
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, by the backend that `pip wheel .` calls."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def files_of(folder: str) -> set[str]:
    """The project's files below a folder, as a wheel names them."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {
        path.relative_to(ROOT).as_posix()
        for path in found
        if "__pycache__" not in path.parts and path.name != ".DS_Store"
    }


def test_the_wheel_has_all_that_the_command_needs_and_nothing_else(wheel: Path) -> None:
    """Code, catalogues, each file of the templates; no test, no talk, no data; 3 MB at most."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = {name for name in names if ".dist-info/" in name}
    assert names - about == files_of("pipeline") | {
        f"pipeline/{name}" for name in files_of("templates")
    }
    assert any(name.endswith("/licenses/LICENSE") for name in about)
    assert wheel.stat().st_size <= MOST_BYTES
    assert wheel.name == f"talkwright-{__version__}-py3-none-any.whl"


def test_the_wheel_is_built_by_what_the_tests_use() -> None:
    """The pin of [build-system] and the one of the tests are the same."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (backend,) = settings["build-system"]["requires"]
    assert backend in settings["project"]["optional-dependencies"]["test"]


def core_of(wheel: Path) -> Iterator[Distribution]:
    """What the wheel needs without an extra, and what that needs, as it is installed here."""
    with zipfile.ZipFile(wheel) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        needed = message_from_bytes(archive.read(about)).get_all("Requires-Dist", [])
    waiting, seen = [(Requirement(one), "") for one in needed], set[tuple[str, str]]()
    while waiting:
        one, asked_by = waiting.pop()
        if one.marker and not one.marker.evaluate({"extra": asked_by}):
            continue
        found = distribution(one.name)
        assert one.specifier.contains(found.version), f"{one}, and here is {found.version}"
        yield found
        for extra in {(found.name, extra) for extra in ("", *one.extras)} - seen:
            seen.add(extra)
            waiting += [(Requirement(text), extra[1]) for text in found.requires or ()]


def link_core(wheel: Path, folder: Path) -> Path:
    """A folder with the core's packages and no others."""
    folder.mkdir()
    for one in core_of(wheel):
        for top in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
            if not (folder / top).exists():
                (folder / top).symlink_to(str(one.locate_file(top)))
    return folder


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A new environment with the wheel and its core alone: its folder, and what its shell knows."""
    folder = tmp_path_factory.mktemp("bare")
    env = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(env)]
    known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    install = [*pip, "install", "-q", "--no-compile", "--no-deps", str(wheel)]
    subprocess.run(install, env=known, cwd=folder, check=True)
    (packages,) = env.glob("lib/python*/site-packages")
    (packages / "core.pth").write_text(f"{link_core(wheel, folder / 'core')}\n", "utf-8")
    (folder / "home").mkdir()
    # As pip does, unless it is told not to: it compiles the programs of new talks, too.
    templates = packages / "pipeline" / "templates"
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(templates)], check=True)
    path = os.pathsep.join([str(env / "bin"), "/usr/bin", "/bin"])
    return folder, {"PATH": path, "HOME": str(folder / "home")}


def asked(address: str) -> Iterator[str]:
    """What a server answers, again and again: while it builds, that is a page that waits."""
    for _ in range(100):
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.status == 200
            yield answer.read().decode()
        time.sleep(0.2)


@posix
@pytest.mark.slow
def test_an_installed_wheel_makes_checks_builds_publishes_and_serves_a_talk(
    bare: tuple[Path, dict[str, str]],
) -> None:
    """In an empty folder, with no checkout in reach; messages name `talkwright`."""
    folder, env = bare

    def run(words: str, cwd: Path = folder) -> str:
        done = subprocess.run(words.split(), cwd=cwd, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "build.py" not in done.stdout + done.stderr
        return done.stdout + done.stderr

    subprocess.run(["python", "-c", CHECKS], cwd=folder, env=env, check=True)
    assert run("talkwright --version") == f"talkwright {__version__}\n"
    assert "usage: python -m pipeline " in run("python -m pipeline --help")
    assert "talkwright serve" in run("talkwright new my-talk")
    talk = folder / "my-talk"
    assert "nothing wrong: " in run("talkwright check", talk)
    run("talkwright", talk)
    assert (talk / "out" / "speaker" / "index.html").is_file()
    assert "site   " in run("talkwright publish", talk)
    run("talkwright new vortrag --language de")
    assert "__pycache__" not in {path.name for path in (folder / "vortrag").rglob("*")}
    assert "nothing wrong: " in run("talkwright check", folder / "vortrag")
    assert list((folder / "home" / ".cache" / "talkwright" / "faces").glob("font-*.woff2"))
    with subprocess.Popen(
        ["talkwright", "serve", "--port", "0"], cwd=talk, env=env, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr
        try:
            said = ""
            while not (address := re.search(r"http://127\.0\.0\.1:\d+/\S*", said)):
                said += (line := server.stderr.readline())
                assert line, said
            assert any("A small talk" in page for page in asked(address[0]))
        finally:
            server.terminate()
