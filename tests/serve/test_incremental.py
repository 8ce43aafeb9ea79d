"""Rebuilding: only what changed is sent, and every kind of fault is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import jinja2
import pytest
from support.live_talk import MADE, copy_talk, measured_of
from support.measured import two_measurements
from support.measuring import Bench
from support.media import drawn
from support.own_charts import hashed, talk_with
from support.second_talk import SETTINGS, write_second_talk, write_unscripted_talk

from pipeline.measured import NOTHING, Measured
from pipeline.pages.deck import NOTES
from pipeline.pictures.own.kept import draw_figures
from pipeline.problems import Source, TalkError
from pipeline.resources import TEMPLATES
from pipeline.serve.incremental import Preview, patch
from pipeline.serve.session import problem_of
from pipeline.slides import layouts
from pipeline.talk import Talk

pytestmark = pytest.mark.slow


@pytest.fixture
def talk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_talk(tmp_path, tmp_path_factory.getbasetemp() / "live")


@pytest.fixture
def preview(talk: Path) -> Preview:
    made = Preview(talk, measured_of, MADE["cache"])
    made.update()
    return made


def slide(talk: Path, start: str) -> Path:
    return next((talk / "deck" / "slides").glob(f"{start}*.md"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_an_edit_of_one_slide_sends_that_slide_alone(talk: Path, preview: Preview) -> None:
    """Not the other 21, not the time line, not the page."""
    before = preview.shown
    path = slide(talk, "05")
    change(path, "\n:::", "\nAnother word.\n:::")
    after = preview.update({path})
    message = patch(before, after)
    assert list(message["sections"]) == ["myth-rag-cheating"]
    assert set(message) == {"type", "version", "frame", "sections"}
    assert "Another word" in message["sections"]["myth-rag-cheating"]


def test_notes_and_times_on_a_slide_are_followed(tmp_path: Path) -> None:
    """A word of the notes reaches the notes alone, a time the time line."""
    root = write_unscripted_talk(tmp_path / "bread")
    preview = Preview(root, lambda _: NOTHING, tmp_path / "cache")
    before, path = preview.update(), slide(root, "02")
    change(path, "wall of the bowl", "floor of the bowl")
    after = preview.update({path})
    assert set(patch(before, after)) == {"type", "version", "frame", "notes"}
    assert b"floor of the bowl" in after.deck.files[NOTES]
    change(path, "time: 1m", "time: 70s")
    assert "timeline" in patch(after, preview.update({path}))


def test_what_was_edited_and_put_back_is_the_same_as_never(talk: Path, preview: Preview) -> None:
    """The pieces that are kept between edits don't drift from what a new start makes."""
    before = preview.shown
    path = slide(talk, "14")
    text = path.read_text("utf-8")
    change(path, "Before training", "Way before")
    assert preview.update({path}).version != before.version
    path.write_text(text, "utf-8")
    assert preview.update({path}).version == before.version
    assert Preview(talk, measured_of, MADE["cache"]).update().version == before.version


def test_a_new_title_changes_the_time_line_and_the_slide(talk: Path, preview: Preview) -> None:
    """The time line names each slide."""
    before = preview.shown
    path = slide(talk, "03")
    change(path, "title: ", "title: Again: ")
    message = patch(before, preview.update({path}))
    assert set(message) == {"type", "version", "frame", "sections", "timeline"}


def test_a_new_slide_sends_the_new_order(talk: Path, preview: Preview) -> None:
    """Names in order, and the slides whose number changed."""
    before = preview.shown
    new = talk / "deck" / "slides" / "23-extra.md"
    new.write_text("---\nlayout: quote\ntitle: Extra\n---\nOne more\n", "utf-8")
    change(
        talk / "script" / "voiceover.md",
        "## CLOSING",
        "## SLIDE 23: EXTRA [30 seconds]\n\nOne more.\n\n## CLOSING",
    )
    message = patch(before, preview.update({new, talk / "script" / "voiceover.md"}))
    assert message["order"][-1] == "extra"
    assert "extra" in message["sections"]


def test_the_script_alone_changes_notes_and_no_slide(talk: Path, preview: Preview) -> None:
    """What is said stands beside the slides."""
    before = preview.shown
    path = talk / "script" / "voiceover.md"
    change(path, "Enough theory.", "Enough of theory.")
    message = patch(before, preview.update({path}))
    assert set(message) == {"type", "version", "frame", "notes"}


def test_a_browser_that_shows_nobody_knows_what_gets_everything(preview: Preview) -> None:
    """After a restart of the server, say."""
    assert preview.shown
    message = patch(None, preview.shown)
    assert list(message["sections"]) == message["order"]
    assert {"timeline", "data", "styles", "css"} <= set(message)


FAULTS = {
    "front matter": ("deck/slides/03", "layout: myth", "layout myth", "no `key: value`", 2),
    "layout": ("deck/slides/03", "layout: myth", "layout: mith", "unknown layout `mith`", 2),
    "placeholder": ("deck/slides/13", "{{ model.name }}", "{{ model.nam }}", "nam", 5),
    "template syntax": ("deck/slides/13", "{%- else -%}", "{%- els -%}", "els", None),
    "talk.toml": ("talk.toml", "[pace]", "[pace", "not valid TOML", None),
    "unknown key": ("talk.toml", "words_per_minute", "words_a_minute", "unknown key", None),
    "script": ("script/voiceover.md", "Enough theory.", "{{ nothing.here }}", "nothing", None),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named_with_its_line_and_goes_when_mended(
    kind: str, talk: Path, preview: Preview
) -> None:
    """Whatever is broken, the next update after it is mended shows the deck again."""
    name, old, new, said, line = FAULTS[kind]
    path = talk / name if (talk / name).is_file() else slide(talk, name.rpartition("/")[2])
    text, before = path.read_text("utf-8"), preview.shown
    change(path, old, new)
    with pytest.raises(TalkError) as raised:
        preview.update({path})
    fault = problem_of(raised.value, talk)
    assert said in fault.message
    expected = f"{path.relative_to(talk)}:{line}" if line else f"{path.relative_to(talk)}:"
    assert str(fault.where).startswith(expected)
    path.write_text(text, "utf-8")
    assert before
    assert preview.update({path}).version == before.version


def test_a_slide_emptied_removed_and_renamed(talk: Path, preview: Preview) -> None:
    """Each is a fault of its own, and putting the slide back mends it."""
    path, before = slide(talk, "07"), preview.shown
    text = path.read_text("utf-8")
    path.write_text("", "utf-8")
    with pytest.raises(TalkError, match="no front matter"):
        preview.update({path})
    path.unlink()
    with pytest.raises(TalkError, match="there is no slide `myth-vibes`"):
        preview.update({path})
    other = path.with_name("7 vibes.md")
    other.write_text(text, "utf-8")
    with pytest.raises(TalkError, match="no name for a slide"):
        preview.update({other})
    other.unlink()
    path.write_text(text, "utf-8")
    assert before
    assert preview.update({path, other}).version == before.version


def test_a_talk_that_is_broken_from_the_start_shows_when_it_is_mended(tmp_path: Path) -> None:
    """The preview starts whatever state the talk is in."""
    root = write_second_talk(tmp_path / "bread")
    path = root / "deck" / "slides" / "01-hello.md"
    text = path.read_text("utf-8")
    path.write_text("---\n", "utf-8")
    preview = Preview(root, lambda _: NOTHING, tmp_path / "cache")
    with pytest.raises(TalkError):
        preview.update()
    path.write_text(text, "utf-8")
    assert "Bread at home" in preview.update({path}).page


@pytest.fixture
def own_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates that may be broken."""
    copy = tmp_path / "templates"
    shutil.copytree(TEMPLATES, copy)
    for module in (
        "pages.templates",
        "serve.incremental",
        "pages.assets",
        "pictures.svg",
        "serve.session",
    ):
        monkeypatch.setattr(f"pipeline.{module}.TEMPLATES", copy, raising=False)
    monkeypatch.setattr(layouts, "TEMPLATES", copy)
    return copy


def test_a_broken_template_is_named_with_its_line(tmp_path: Path, own_templates: Path) -> None:
    """Broken syntax, and a name that isn't there, which shows only while it is filled."""
    root = write_second_talk(tmp_path / "bread")
    preview = Preview(root, lambda _: NOTHING, tmp_path / "cache")
    before = preview.update()
    path = own_templates / "layouts" / "list.html.j2"
    text = path.read_text("utf-8")
    path.write_text("<p>\n{% if %}\n" + text, "utf-8")
    with pytest.raises(jinja2.TemplateSyntaxError) as broken:
        preview.update({path})
    assert str(problem_of(broken.value, root).where).endswith("layouts/list.html.j2:2")
    path.write_text("<p>\n\n{{ slide.nothing }}\n" + text, "utf-8")
    with pytest.raises(jinja2.UndefinedError) as missing:
        preview.update({path})
    assert str(problem_of(missing.value, root).where).endswith("layouts/list.html.j2:3")
    path.unlink()
    with pytest.raises(jinja2.TemplateNotFound) as gone:
        preview.update({path})
    assert "there is no template `layouts/list.html.j2`" in problem_of(gone.value, root).message
    path.write_text(text, "utf-8")
    assert preview.update({path}).version == before.version


def test_the_stylesheet_is_swapped_without_the_page(tmp_path: Path, own_templates: Path) -> None:
    """Only its hash is sent."""
    root = write_second_talk(tmp_path / "bread")
    preview = Preview(root, lambda _: NOTHING, tmp_path / "cache")
    before = preview.update()
    path = own_templates / "deck" / "theme.css"
    path.write_text(path.read_text("utf-8") + "\nh1 { color: red; }\n", "utf-8")
    message = patch(before, preview.update({path}))
    assert set(message) == {"type", "version", "frame", "css"}


def test_a_fault_says_no_path_of_this_machine_for_what_is_in_the_talk(tmp_path: Path) -> None:
    """Whoever looks at the wall sees `deck/slides/…`."""
    error = TalkError("wrong", Source(tmp_path / "deck" / "slides" / "01-a.md", 3), "mend it")
    assert problem_of(error, tmp_path).shown() == (
        "error: deck/slides/01-a.md:3: wrong\nhint: mend it"
    )


def test_new_signs_bring_a_new_cut_of_the_typeface(tmp_path: Path) -> None:
    """Words with letters that the deck didn't have yet don't fall back to another face."""
    root = write_second_talk(tmp_path / "bread")
    preview = Preview(root, lambda _: NOTHING, tmp_path / "cache")
    preview.update()
    assert not preview.new_signs()
    path = root / "deck" / "slides" / "02-steps.md"
    change(path, "- Mix", "- Ωμέγα")
    preview.update({path})
    assert preview.new_signs()
    assert not preview.new_signs()


def test_a_file_that_a_slide_takes_lines_of_changes_that_slide(
    talk: Path, preview: Preview
) -> None:
    """It is known to the preview; lines that are gone are said, and mended by the file alone."""
    path, code = slide(talk, "05"), talk / "app.py"
    code.write_text("x = 1\ny = 2\n", "utf-8")
    change(path, "\n:::", "\n```file: app.py lines 1-2\n```\n:::")
    before = preview.update({path})
    assert preview.files == {code}
    code.write_text("x = 1\ny = 3\n", "utf-8")
    after = preview.update({code})
    assert list(patch(before, after)["sections"]) == ["myth-rag-cheating"]
    code.write_text("x = 1\n", "utf-8")
    with pytest.raises(TalkError, match="has 1 lines, and the lines 1-2 are shown"):
        preview.update({code})
    code.write_text("x = 1\ny = 3\n", "utf-8")
    assert preview.update({code}).version == after.version


def test_a_picture_that_comes_or_changes_is_shown(talk: Path, preview: Preview) -> None:
    """Its slide alone changes: the new file has a new name, and is in the deck."""
    path, picture = slide(talk, "05"), talk / "deck" / "p.png"
    picture.write_bytes(drawn())
    change(path, "\n:::", "\n![A red field](p.png)\n:::")
    before = preview.update({path})
    assert [name for name in before.deck.files if name.startswith("media/p-")]
    assert picture in preview.watched
    picture.write_bytes(drawn(size=(500, 300)))
    after = preview.update({picture})
    (section,) = patch(before, after)["sections"].values()  # type: ignore[attr-defined]
    (name,) = (name for name in after.deck.files if name.startswith("media/p-"))
    assert f'src="{name}"' in section
    assert name not in before.deck.files
    picture.unlink()
    with pytest.raises(TalkError, match=r"there is no file `p\.png`"):
        preview.update({picture})
    picture.write_bytes(drawn())
    assert preview.update({picture}).version == before.version


def test_what_a_talk_brings_of_its_own_is_shown_as_it_is_saved(tmp_path: Path) -> None:
    """Its layouts, styles, settings and logo; a broken one is named, and the next one mends it."""
    root = write_second_talk(tmp_path / "talk")
    own = Preview(root, lambda _: NOTHING, tmp_path / "cache")
    old = own.update()
    folder = root / "templates"
    (folder / "layouts").mkdir(parents=True)
    layout, styles = folder / "layouts/quote.html.j2", folder / "talk.css"
    layout.write_text('<h1 id="{{ slide.name }}-title">{{ slide.nope }}</h1>', "utf-8")
    (folder / "layouts.toml").write_text('[layouts.quote]\nmay = ["body"]\n', "utf-8")
    path = root / "deck/slides/02-steps.md"
    path.write_text("---\nlayout: quote\ntitle: Salt\n---\nSalt\n", "utf-8")
    with pytest.raises(TalkError, match="there is no `nope` here"):
        own.update({layout, path, folder / "layouts.toml"})
    change(layout, "slide.nope", "slide.title")
    new = own.update({layout})
    assert '<h1 id="steps-title">Salt</h1>' in patch(old, new)["sections"]["steps"]
    styles.write_text(".layout-quote { color: var(--accent); }", "utf-8")
    assert set(patch(new, own.update({styles}))) == {"type", "version", "frame", "css"}
    logo, settings = root / "logo.svg", root / "talk.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[brand]\nlogo = "logo.svg"\n', "utf-8")
    with pytest.raises(TalkError, match="there is no logo"):
        own.update({settings})
    assert logo in own.watched
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"/>', "utf-8")
    assert 'class="logo"' in own.update({logo}).deck.sections["hello"]


def test_a_slide_hidden_or_moved_behind_the_end(tmp_path: Path) -> None:
    """The order changes with the front matter of one file, numbers of others with it."""
    talk = write_second_talk(tmp_path)
    preview = Preview(talk, lambda _: NOTHING, tmp_path / "cache")
    path = slide(talk, "02")

    def order() -> list[str]:
        shown = preview.update({path})
        assert preview.talk
        assert list(shown.deck.sections) == [one.name for one in preview.talk.slides]
        return [f"{one.shown} {one.name}" for one in preview.talk.slides]

    assert order() == ["1 hello", "2 steps", "3 bye"]
    change(path, "layout: list", "layout: list\nhidden: true")
    assert order() == ["1 hello", "2 bye"]
    change(path, "hidden", "backup")
    assert order() == ["1 hello", "2 bye", "B1 steps"]
    change(path, "backup: true\n", "")
    assert order() == ["1 hello", "2 steps", "3 bye"]


def test_a_slide_shown_again_follows_the_one_it_shows(tmp_path: Path) -> None:
    """An edit of one file changes both sections."""
    talk = write_second_talk(tmp_path)
    (talk / "deck" / "slides" / "04-again.md").write_text("---\nsame: steps\n---\n", "utf-8")
    preview = Preview(talk, lambda _: NOTHING, tmp_path / "cache")
    before = preview.update()
    path = slide(talk, "02")
    change(path, "- Fold", "- Fold twice")
    message = patch(before, preview.update({path}))
    assert sorted(message["sections"]) == ["again", "steps"]


def test_a_file_of_numbers_is_read_again_as_it_is_saved(tmp_path: Path) -> None:
    """Also one that was broken from the start."""
    bench = Bench(tmp_path)
    bench.table('file = "poll.csv"', "poll")
    slides = tmp_path / "deck" / "slides"
    slides.mkdir(parents=True)
    (slides / "01-one.md").write_text(
        "---\nlayout: text\ntitle: One\n---\n\n{{ poll.rows[0].yes | count }} said yes.\n"
    )
    (tmp_path / "poll.csv").write_text("yes,no\n1,2,3\n")
    preview = Preview(tmp_path, lambda _: Measured(None, bench.shown().measurements), tmp_path)
    with pytest.raises(TalkError):
        preview.update()
    assert tmp_path / "poll.csv" in preview.watched
    (tmp_path / "poll.csv").write_text("yes,no\n70,2\n")
    assert ">70<" in preview.update({tmp_path / "poll.csv"}).deck.sections["one"]
    (tmp_path / "poll.csv").write_text("yes,no\n80,2\n")
    assert ">80<" in preview.update({tmp_path / "poll.csv"}).deck.sections["one"]


def test_an_input_that_a_slide_shows_is_more_than_its_code(tmp_path: Path) -> None:
    """A changed one makes the run stale, and nothing is run."""
    bench = Bench(tmp_path)
    bench.script("print('insert: 41 ns')\n")
    bench.table('command = "PYTHON bench.py"')
    slides = tmp_path / "deck" / "slides"
    slides.mkdir(parents=True)
    (slides / "01-one.md").write_text(
        "---\nlayout: code\ntitle: One\n---\n\n```python file:bench.py\n```\n\n"
        "{{ hash.insert | num }}\n"
    )
    bench.measure()

    def measured(_: object) -> Measured:
        found = bench.shown()
        return Measured(None, found.measurements, found.changed)

    preview = Preview(tmp_path, measured, tmp_path)
    preview.update()
    assert tmp_path / "bench.py" in preview.watched
    bench.script("print('insert: 42 ns')\n")
    preview.update({tmp_path / "bench.py"})
    assert preview.talk
    assert preview.talk.measured.changed == {"hash": ("bench.py",)}
    assert bench.runs == 1


def test_an_own_chart_that_is_edited_is_marked_or_drawn(tmp_path: Path) -> None:
    """Without `draw` its code is not run: the last drawing says that it is stale. With it, it is
    drawn, and what it reads is watched."""
    talk_with(tmp_path, hashed())
    cache, file = tmp_path / ".cache", tmp_path / "deck" / "figures" / "load.py"

    def draw(talk: Talk) -> None:
        draw_figures(talk, cache, lambda _: None, lambda _: None)

    shown = Preview(tmp_path, lambda _: hashed(), cache).update()
    assert "is not drawn yet" in shown.deck.sections["load"]
    drawing = Preview(tmp_path, lambda _: hashed(), cache, None, draw)
    assert "97 ns" in drawing.update().deck.sections["load"]
    assert {file, cache / "figures" / "own-load.json"} <= drawing.watched
    plain = Preview(tmp_path, lambda _: hashed(), cache)
    plain.update()
    change(file, ":.0f} ns", ":.0f} nanoseconds")
    assert "stale: load.py" in plain.update({file}).deck.sections["load"]
    assert "97 nanoseconds" in drawing.update({file}).deck.sections["load"]
    change(file, "chart.mark", "chart.merk")
    with pytest.raises(TalkError, match="no attribute 'merk'") as caught:
        drawing.update({file})
    assert caught.value.where == Source(file, 8)


def test_a_charts_fence_is_drawn_again_as_it_is_saved(tmp_path: Path) -> None:
    """With its slide alone; one that is wrong says so, and mended it is there again."""
    slides = tmp_path / "deck" / "slides"
    slides.mkdir(parents=True)
    (tmp_path / "talk.toml").write_text(SETTINGS, "utf-8")
    for number, name in enumerate(("one", "two"), 1):
        fence = "```chart\nkind: bars\nvalues: poll.yes, poll.no\ntitle: First\n```\n"
        text = f"---\nlayout: figure\ntitle: {name}\n---\n::: left\n{fence}:::\n"
        (slides / f"0{number}-{name}.md").write_text(text, "utf-8")
    preview = Preview(tmp_path, lambda _: two_measurements(), tmp_path / "kept")
    before = preview.update()
    path = slides / "01-one.md"
    change(path, "title: First", "title: Second")
    after = preview.update({path})
    assert "Second" in after.deck.sections["one"]
    assert list(patch(before, after)["sections"]) == ["one"]
    change(path, "kind: bars", "kind: bar")
    with pytest.raises(TalkError, match="can't be"):
        preview.update({path})
    change(path, "kind: bar", "kind: dots")
    assert "dot-0-0" in preview.update({path}).deck.sections["one"]
