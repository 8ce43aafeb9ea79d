"""Templates are compiled once, and nothing that somebody else put there is run."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2
import pytest
from support.needs import posix

from pipeline.files import kept
from pipeline.pages import templates


@pytest.fixture
def rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], tuple[str, int]]]:
    """Renders a text in a new environment: what came out, and how often it was compiled."""
    folder = tmp_path / "pages"
    folder.mkdir()
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path / "shelf"))
    monkeypatch.setattr(templates, "TEMPLATES", folder)
    compiled: list[object] = []
    plain = jinja2.Environment.compile

    def counted(self: jinja2.Environment, *given: object) -> object:
        compiled.append(given)
        return plain(self, *given)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", counted)

    def render(text: str) -> tuple[str, int]:
        (folder / "page.html.j2").write_text(text, "utf-8")
        templates._environment.cache_clear()
        compiled.clear()
        return templates.render("page.html.j2", word="<b>"), len(compiled)

    yield render
    templates._environment.cache_clear()


def only(folder: Path) -> Path:
    (path,) = folder.glob("shelf/templates/*")
    return path


def test_a_template_is_compiled_once(rendered: Callable[[str], tuple[str, int]]) -> None:
    """Until its text changes; it escapes as ever."""
    assert rendered("say {{ word }}\n") == ("say &lt;b&gt;\n", 1)
    assert rendered("say {{ word }}\n") == ("say &lt;b&gt;\n", 0)
    assert rendered("no {{ word }}\n") == ("no &lt;b&gt;\n", 1)


def test_what_was_changed_on_the_disk_is_compiled_again(
    rendered: Callable[[str], tuple[str, int]], tmp_path: Path
) -> None:
    """Cut off, emptied, no code, or a folder in its place: known by its hash, or by its kind."""
    whole = rendered("say {{ word }}")[0]
    path = only(tmp_path)
    for broken in (path.read_bytes()[:-9], b"", b"\0" * 400):
        path.write_bytes(broken)
        assert rendered("say {{ word }}") == (whole, 1)
        assert rendered("say {{ word }}") == (whole, 0)
    path.unlink()
    path.mkdir()
    assert rendered("say {{ word }}") == (whole, 1)


@posix
def test_code_that_others_could_write_is_not_run(
    rendered: Callable[[str], tuple[str, int]], tmp_path: Path
) -> None:
    """A file, or a folder, that others may write is passed by."""
    whole = rendered("say {{ word }}")[0]
    path = only(tmp_path)
    for place in (path, path.parent):
        before = place.stat().st_mode
        place.chmod(before | 0o022)
        assert rendered("say {{ word }}") == (whole, 1)
        place.chmod(before)
    assert rendered("say {{ word }}") == (whole, 0)


def test_nothing_but_code_is_taken(
    rendered: Callable[[str], tuple[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is whole and of another kind is compiled again."""
    whole = rendered("say {{ word }}")[0]
    path = only(tmp_path)
    path.unlink()
    monkeypatch.setattr(templates, "kept_path", lambda *_: path)
    found = kept(path.parent, "other", "", lambda: marshal.dumps("no code"))
    assert marshal.loads(found) == "no code"
    next(path.parent.glob("other-*")).rename(path)
    assert rendered("say {{ word }}") == (whole, 1)
