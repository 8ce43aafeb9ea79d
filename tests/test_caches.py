"""What talks share is kept once a user; where it can't be, it is kept with the talk."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.needs import posix
from support.second_talk import write_second_talk

from pipeline.caches import can_be_written, shared, user_cache
from pipeline.cli import main
from pipeline.experiment.model.package import converted
from pipeline.measure.consent import note_made, was_made_here
from pipeline.seals import put_in_place, seal


def test_the_folder_is_the_users_or_the_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TALKWRIGHT_CACHE moves it; set to nothing, it is as if it weren't set."""
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path / "mine"))
    assert user_cache() == shared(tmp_path / ".cache") == tmp_path / "mine"
    monkeypatch.setenv("TALKWRIGHT_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert user_cache().name == "talkwright"


@posix
def test_without_a_folder_that_can_be_written_the_talk_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in the way, a folder that is read-only, a user without a home."""
    (tmp_path / "file").write_text("")
    own = tmp_path / ".cache"
    for name in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("TALKWRIGHT_CACHE", str(name))
        assert shared(own) == own
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path / "new" / "below"))
    assert shared(own) != own
    monkeypatch.setattr("os.access", lambda *_: False)
    assert shared(own) == own


def test_a_user_without_a_home_has_no_such_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be `~/.cache` is no folder of that name here; nothing is remembered, either."""
    monkeypatch.setenv("TALKWRIGHT_CACHE", "")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert not can_be_written(user_cache())
    assert shared(tmp_path) == tmp_path
    note_made("0123")
    assert not was_made_here("0123")


def test_it_is_said_and_the_talk_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line; typefaces are then kept in the talk's `.cache`, else nothing of them is there."""
    talk, file = write_second_talk(tmp_path / "talk"), tmp_path / "file"
    faces = talk / ".cache" / "faces"
    assert main(["--talk", str(talk)]) == 0
    assert "can't be written" not in capsys.readouterr().err
    assert not faces.exists()
    file.write_text("")
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(file))
    assert main(["--talk", str(talk)]) == 0
    assert capsys.readouterr().err.startswith(f"the cache {file} can't be written: ")
    assert list(faces.glob("font-*.woff2"))


def test_a_model_that_a_talk_has_is_used_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older checkout has it in its `.cache`; it is neither made again nor moved."""
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path / "shared"))
    sha256, places = "0123456789abcdef", (tmp_path / "shared", tmp_path / ".cache")
    assert converted(sha256, tmp_path / ".cache") is None
    for place in places:
        with put_in_place(place / "models" / sha256) as made:
            (made / "config.json").write_text("{}")
            seal(made, sha256)
        assert converted(sha256, tmp_path / ".cache") == place / "models" / sha256
