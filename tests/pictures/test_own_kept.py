"""Own charts are drawn by a build alone; what is kept is shown, and says where it is stale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.own_charts import LOAD, hash_values, hashed, talk_with

from pipeline.checks.content import content
from pipeline.checks.figures import figure_changes, own_charts
from pipeline.checks.uses import uses_of
from pipeline.measured import Measured, Value
from pipeline.numbers.fill import Numbers
from pipeline.pages.deck import DeckMaker, deck_input, pictures_of
from pipeline.pictures.own import drawing
from pipeline.pictures.own.kept import OwnFigure, draw_figures, figures_of, pictures_of_figures
from pipeline.problems import Source, TalkError


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
    monkeypatch.setattr(drawing, "drawn", lambda *_: pytest.fail("it ran"))
    talk = talk_with(tmp_path, hashed())
    missing = pictures_of(talk, tmp_path / ".cache")["load"]
    assert "load is not drawn yet: a build draws it" in missing.svg
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
    """A file that was cut off, or one sign of which is another, is drawn again."""
    build(tmp_path, hashed())
    (file,) = (tmp_path / ".cache" / "figures").glob("own-load.json")
    whole = file.read_bytes()
    for changed in (whole[:100], whole.replace(b"viewBox", b"viewbox", 1)):
        file.write_bytes(changed)
        assert shown(tmp_path, hashed()).drawn is None
    assert build(tmp_path, hashed()) == ["load"]


def test_names_in_a_mark_are_text(tmp_path: Path) -> None:
    """A file's name is shown as it is."""
    build(tmp_path, hashed())
    figure = shown(tmp_path, hashed())
    marked = OwnFigure(figure.name, figure.file, figure.drawn, ("data/a<b>.csv",))
    assert "stale: a&lt;b&gt;.csv" in pictures_of_figures([marked], Numbers(hashed()))["load"].svg


def test_words_of_the_file_hold_values(tmp_path: Path) -> None:
    """A placeholder in a docstring is filled with what is shown now, and checked as all content."""
    talk = talk_with(tmp_path, hashed())
    file = tmp_path / "deck" / "figures" / "load.py"
    file.write_text(LOAD.replace("takes longer", "takes {{ hash.rows[2].ns | num }} ns"), "utf-8")
    build(tmp_path, hashed())
    assert "takes 97.00 ns as" in pictures_of(talk, tmp_path / ".cache")["load"].desc
    texts = [text for text in content(talk.config) if text.place == "figure load"]
    assert [(text.kind, text.source.line) for text in texts] == [("alt text", 1), ("alt text", 5)]
    (use,) = (use for use in uses_of(talk.config, hashed()) if use.paths == ("hash.rows[2].ns",))
    assert (use.place, use.text) == ("figure load", "97.00")
    file.write_text(LOAD.replace("takes longer", "takes {{ hash.gone | num }} ns"), "utf-8")
    build(tmp_path, hashed())
    with pytest.raises(TalkError, match="has no `gone`") as caught:
        pictures_of(talk, tmp_path / ".cache")
    assert caught.value.where == Source(file, 5)


def test_another_run_changes_what_a_figure_shows(tmp_path: Path) -> None:
    """`diff` names the values, old and new; a run that changes none of them is passed over."""
    build(tmp_path, hashed())
    figures = [*own_charts([shown(tmp_path, hashed())])]
    (change,) = figure_changes(figures, hashed(), hashed(hash_values(120)))
    assert (change.old, change.new) == ("hash.rows[2].ns 97 ns", "hash.rows[2].ns 120 ns")
    other = hashed({**hash_values(), "keys": Value(5)})
    assert [*figure_changes(figures, hashed(), other)] == []
    (change,) = figure_changes(figures, hashed(), hashed({"keys": Value(5)}))
    assert change.old.endswith("hash.rows[0].ns 20 ns and 2 more")
    assert change.new.endswith("hash.rows[0].ns – and 2 more")


def test_a_figure_that_is_nowhere_is_named_with_the_nearest(tmp_path: Path) -> None:
    """A slide that asks for `laod` learns of `load`."""
    talk = talk_with(tmp_path, hashed())
    slide = tmp_path / "deck" / "slides" / "02-load.md"
    slide.write_text(slide.read_text("utf-8").replace("figure:load", "figure:laod"), "utf-8")
    talk = talk_with(tmp_path, hashed())
    with pytest.raises(TalkError, match="there is no figure `laod`") as caught:
        DeckMaker().make(deck_input(talk, tmp_path / ".cache"))
    assert caught.value.hint == "did you mean `load`?"
