"""A new talk: written whole, nothing overwritten, and nothing wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli import main


@pytest.mark.slow
def test_a_new_talk_builds_checks_times_and_publishes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an experiment, in both cuts, without a warning."""
    folder = tmp_path / "deep" / "my-talk"
    talk = ["--talk", str(folder)]
    assert main(["new", str(folder)]) == 0
    assert f"next: python build.py serve --talk {folder}" in capsys.readouterr().err
    assert main(["check", *talk]) == 0
    assert "nothing wrong: 4 slides, 2 cuts" in capsys.readouterr().err
    for cut in ("full", "short"):
        assert main(["time", "--cut", cut, *talk]) == 0
        assert main([*talk, "--cut", cut]) == 0
        said = capsys.readouterr().err
        assert "warning" not in said
        assert "error" not in said
    assert main(["publish", *talk]) == 0
    page = (folder / "out" / "public" / "index.html").read_text("utf-8")
    assert "Now make it yours" in page
    assert "the last evening" not in page


@pytest.mark.slow
def test_a_new_talk_without_a_script_does_all_of_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Notes, times and code: nothing is wrong, and no public file has a word of the notes."""
    folder = tmp_path / "my-talk"
    talk = ["--talk", str(folder)]
    assert main(["new", str(folder), "--without-script"]) == 0
    assert not (folder / "script").exists()
    assert main(talk) == 0
    assert main(["check", "--no-browser", *talk]) == 0
    assert "nothing wrong: 4 slides, 1 cut  (" in (said := capsys.readouterr().err)
    assert "warning" not in said
    assert main(["time", *talk]) == 0
    assert "3:15  0:45" in capsys.readouterr().out  # the last slide has what the others leave
    assert main(["publish", *talk]) == 0
    for path in (folder / "out" / "public").rglob("*"):
        assert path.is_dir() or b"Say who you are" not in path.read_bytes()
    assert "Say who you are" in (folder / "out" / "speaker" / "rehearse.html").read_text("utf-8")


@pytest.mark.slow
def test_a_new_talk_that_measures_shows_what_its_program_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks before it runs; once allowed, its numbers are on the slides, and nothing is wrong."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "my-talk"
    talk = ["--talk", str(folder)]
    assert main(["new", str(folder), "--measure"]) == 0
    assert f"next: python build.py --talk {folder}" in capsys.readouterr().err
    assert main(talk) == 1
    assert "python3 measure.py" in (said := capsys.readouterr().err)
    assert "say --yes" in said
    assert main([*talk, "--yes"]) == 0
    assert "lookup run" in (said := capsys.readouterr().err)
    assert "warning" not in said
    assert main(["check", "--no-browser", *talk]) == 0
    assert "nothing wrong: 4 slides, 1 cut" in capsys.readouterr().err
    assert main(["publish", *talk]) == 0
    page = (folder / "out" / "public" / "index.html").read_text("utf-8")
    assert "times as fast" in page
    assert 'data-at="lookup.size"' in page


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither what is in a folder nor a file of that name; an empty folder is taken."""
    (tmp_path / "talk.toml").write_text("mine", "utf-8")
    assert main(["new", str(tmp_path)]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "talk.toml")]) == 1
    assert (tmp_path / "talk.toml").read_text("utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["talk.toml"]
    (tmp_path / "empty").mkdir()
    assert main(["new", str(tmp_path / "empty")]) == 0
