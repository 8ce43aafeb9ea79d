"""Own charts are drawn by a build alone; what is kept is shown, and says where it is stale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.own_charts import LOAD, hash_values, hashed, talk_with

from pipeline.measured import Measured, Value
from pipeline.pages.deck import pictures_of
from pipeline.pictures.own import kept
from pipeline.pictures.own.kept import OwnFigure, draw_figures, figures_of, pictures_of_figures
from pipeline.problems import TalkError


def build(root: Path, measured: Measured) -> list[str]:
    """Draw what no longer fits; the names of what was drawn."""
    asked: list[str] = []

    def allow(files: Sequence[Path]) -> None:
        asked.extend(file.stem for file in files)

    draw_figures(talk_with(root, measured), root / ".cache", lambda _: None, allow)
    return asked


def shown(root: Path, measured: Measured) -> OwnFigure:
    return figures_of(talk_with(root, measured), root / ".cache")["load"]


def test_drawn_once_and_again_when_what_it_read_changes(tmp_path: Path) -> None:
    """A value that it didn't read changes nothing; one that it read, by its measurement's name."""
    assert build(tmp_path, hashed()) == ["load"]
    assert build(tmp_path, hashed()) == []
    other = hashed({**hash_values(), "keys": Value(2000)})
    assert build(tmp_path, other) == []
    newer = hashed(hash_values(last=120))
    assert shown(tmp_path, newer).changed == ("hash",)
    assert build(tmp_path, newer) == ["load"]
    assert shown(tmp_path, newer).changed == ()
    (tmp_path / "deck" / "figures" / "load.py").write_text(LOAD + "\n", "utf-8")
    assert shown(tmp_path, newer).changed == ("deck/figures/load.py",)


def test_nothing_is_run_to_show_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is kept is shown: nothing yet, the drawing, the last one with a mark."""
    monkeypatch.setattr(kept, "drawn", lambda *_: pytest.fail("it ran"))
    talk = talk_with(tmp_path, hashed())
    missing = pictures_of(talk, tmp_path / ".cache")["load"]
    assert "load is not drawn yet: python build.py" in missing.svg
    monkeypatch.undo()
    build(tmp_path, hashed())
    good = pictures_of(talk, tmp_path / ".cache")["load"]
    assert "97 ns" in good.svg
    assert good.places[:1] + good.places[-1:] == ("hash.rows[0].load", "hash.rows[2].ns")
    stale = pictures_of(talk_with(tmp_path, hashed(hash_values(120))), tmp_path / ".cache")["load"]
    assert "stale: hash</text>" in stale.svg
    assert "97 ns" in stale.svg


def test_a_value_that_vanished_makes_it_stale(tmp_path: Path) -> None:
    """What it read is gone: said by the measurement's name, and by a build with the line."""
    build(tmp_path, hashed())
    gone = hashed({"keys": Value(1)})
    assert shown(tmp_path, gone).changed == ("hash",)
    with pytest.raises(TalkError, match="hash has no `rows`"):
        build(tmp_path, gone)
    assert shown(tmp_path, hashed()).changed == ()


def test_a_refusal_draws_nothing(tmp_path: Path) -> None:
    """Where the speaker doesn't allow it, nothing is run."""

    def refuse(_: Sequence[Path]) -> None:
        raise TalkError("not allowed")

    with pytest.raises(TalkError, match="not allowed"):
        draw_figures(talk_with(tmp_path, hashed()), tmp_path / ".cache", lambda _: None, refuse)
    assert shown(tmp_path, hashed()).drawn is None


def test_a_broken_kept_drawing_is_none(tmp_path: Path) -> None:
    """A file that was cut off is drawn again."""
    build(tmp_path, hashed())
    (file,) = (tmp_path / ".cache" / "figures").glob("own-load.json")
    file.write_bytes(file.read_bytes()[:100])
    assert shown(tmp_path, hashed()).drawn is None
    assert build(tmp_path, hashed()) == ["load"]


def test_names_in_a_mark_are_text(tmp_path: Path) -> None:
    """A file's name is shown as it is."""
    build(tmp_path, hashed())
    figure = shown(tmp_path, hashed())
    marked = OwnFigure(figure.name, figure.file, figure.drawn, ("data/a<b>.csv",))
    assert "stale: a&lt;b&gt;.csv" in pictures_of_figures([marked])["load"].svg
