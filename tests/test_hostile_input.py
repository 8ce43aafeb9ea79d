"""What nobody would write: read, or refused in one message; never a traceback, never for long."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from pathlib import Path

import pytest
from support.fuzz.bounded import fault_of, within
from support.fuzz.mutate import made, small
from support.fuzz.readers import READERS
from support.fuzz.talks import write_talk

from pipeline import memo
from pipeline.config import load_config
from pipeline.experiment.data.checked import content_sha256
from pipeline.experiment.store import Memory
from pipeline.files import keep
from pipeline.imports.deck import Deck, Ledger
from pipeline.imports.layouts import Draft
from pipeline.imports.mend import Mender
from pipeline.imports.pictures import Pictures
from pipeline.imports.read import kind_of, read_deck
from pipeline.imports.talk import Wanted, import_deck
from pipeline.imports.text import Piece
from pipeline.imports.words import Cleaner
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pages.own import own_styles
from pipeline.pictures.diagrams.graph import read_graph
from pipeline.pictures.foreign import cleaned
from pipeline.pictures.photos import encoded
from pipeline.pictures.sanitize import sanitized
from pipeline.places import NOWHERE
from pipeline.problems import Source, TalkError
from pipeline.script.elements import Script, SlideText
from pipeline.script.order import reordered
from pipeline.script.parse import load_script
from pipeline.script.timing import timings
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide
from pipeline.slides.source import read_slide

INPUTS = 12  # of each reader; `python -m benchmarks.fuzz` has more
WITH_A_TALK = 3  # of one that makes a whole talk of each, and is tried by itself, too
WHOLE = ("slide", "slide-de", "script", "script-zh", "layouts", "template", "styles")
DECKS = ("marp", "reveal", "slidev", "quarto", "pandoc")
SLOW = ("drawn", "powerpoint")  # they take a second for a few inputs


@pytest.mark.parametrize("name", [name for name in READERS if name not in SLOW])
def test_changed_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    """Each reader gives a value or a TalkError with a line of its file, for whatever it gets.

    It reads one of the files to begin with: where all are refused little of it would be tried.
    """
    reader = READERS[name]
    seeds, read, words = small(reader.seeds(), 5000), reader.open(tmp_path), reader.all_words

    def written(file: str, raw: bytes) -> Path:
        path = tmp_path / (reader.place or f"in/{file}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        return path

    def is_read(file: str, raw: bytes) -> bool:
        with contextlib.suppress(TalkError):
            read(written(file, raw))
            return True
        return False

    assert any(is_read(*seed) for seed in seeds)
    source = random.Random(name)
    for _ in range(WITH_A_TALK if name in (*WHOLE, *DECKS) else INPUTS):
        file, raw = made(source, seeds, words, 20_000, reader.form)
        fault = fault_of(read, written(file, raw), seconds=30)
        assert fault is None, (fault, raw)


def test_a_broken_zip_is_one_message(tmp_path: Path) -> None:
    """Its parts lead before its start, or a name in it is empty."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("messages.tsv", "ham\thello\n")
    whole, path = made.getvalue(), tmp_path / "messages.zip"
    nameless = whole.replace(b"messages.tsv", b"\0essages.tsv")
    for raw in (whole[:4] + whole[whole.index(b"PK\x01\x02") :], nameless):
        path.write_bytes(raw)
        with pytest.raises(TalkError, match="zip"):
            content_sha256(path)


def test_a_control_character_in_a_diagram_is_named_by_its_line(tmp_path: Path) -> None:
    """Graphviz would hand it on, in JSON that is none."""
    path = tmp_path / "flow.dot"
    path.write_text('digraph {\n  a [label="\x1b"]\n}\n', "utf-8")
    with pytest.raises(TalkError, match=r"flow\.dot:2: a control character"):
        read_graph(path, Numbers(NOTHING), [])


RUNAWAY = (
    "{% set a = [1] %}" + "{% set a = [a, a] %}" * 300 + "{{ a | join }}",
    "{% set a = [1] %}" + "{% set a = [a, a] %}" * 30 + "{{ 'x' if a == [a] else 'y' }}",
    "{% for x in [[1]] %}{% set y = [[x]] %}{% endfor %}" + "{{ [[[[1]]]] | length }}",
    "{{ [[1], [2]] | join }}",
    "{{ 1 | num(a=1, a=2) }}",
    "{{ 9\u0661 }}",
    "{{ [1][1:2, 3] }}",
    "{% macro a() %}" * 300,
    "{% if(1) %}" * 300,
    "{% set a %}" * 300,
)


@pytest.mark.parametrize("text", RUNAWAY, ids=range(len(RUNAWAY)))
def test_lists_of_lists_and_what_python_refuses_are_one_message(text: str) -> None:
    """A list twice in a list, and that again and again, would be compared for ever."""
    with within(30), pytest.raises(TalkError, match=r"a\.md:7"):
        Numbers(NOTHING).fill(f"first\n\n{text}", Source(Path("a.md"), 5))


def test_a_key_of_a_thousand_parts_is_one_message(tmp_path: Path) -> None:
    """tomllib would take seconds for it."""
    path = tmp_path / "talk.toml"
    path.write_text("[talk]\n" + "1." * 50_000, "utf-8")
    with within(30), pytest.raises(TalkError, match=r"talk\.toml:2: a key of more than 50 parts"):
        load_config(tmp_path)


def test_a_layout_whose_name_is_too_long_for_a_file_is_one_message(tmp_path: Path) -> None:
    """It has no template then."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "layouts.toml").write_text(f"[layouts.{'x' * 300}]\n", "utf-8")
    with pytest.raises(TalkError, match="has no template"):
        load_layouts(tmp_path)


@pytest.mark.parametrize("style", ["x: " + "1" * 5000, "x: " + "[" * 5000, "x{" * 2000])
def test_a_style_that_no_parser_reads_is_no_traceback(style: str, tmp_path: Path) -> None:
    """In a drawing, in a picture of another program, and in a talk's own sheet."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>t</title>'
    for inside in (f'<g style="{style}"/>', f"<style>a {{ {style} }}</style>"):
        path = tmp_path / "a.svg"
        path.write_text(f"{head}{inside}</svg>", "utf-8")
        with contextlib.suppress(TalkError):
            sanitized(path.read_text("utf-8"), Source(path))
        with contextlib.suppress(TalkError):
            cleaned(path.read_bytes(), Source(path), Source(path, 1), path.name)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "talk.css").write_text(f"a {{ {style} }}", "utf-8")
    with contextlib.suppress(TalkError):
        own_styles(tmp_path)


@pytest.mark.parametrize(
    "text", ["\n" * 50_000, f"<!-- x{' ' * 50_000}y -->"], ids=["lines", "gap"]
)
def test_a_deck_of_empty_lines_is_read_at_once(text: str) -> None:
    """What a deck is of is found in one pass, however many blanks it has."""
    with within(30):
        assert kind_of(Path("deck.md"), f"# A\n{text}\n# B\n") == "pandoc"


def test_brackets_in_a_front_matter_to_import_are_one_message(tmp_path: Path) -> None:
    """The library takes the square of their depth: half a minute for 20 kB."""
    path = tmp_path / "deck.md"
    path.write_text(f"---\ntitle: {'{' * 20_000}\n---\n\n# A\n", "utf-8")
    with within(30), pytest.raises(TalkError, match=r"deck\.md:2: .* more than 50 levels deep"):
        import_deck(path, tmp_path / "made", Wanted())


def test_a_broken_front_matter_to_import_is_named_by_its_line(tmp_path: Path) -> None:
    """YAML counts signs as line breaks that nobody's editor does."""
    path = tmp_path / "deck.md"
    path.write_text("---\na: \u2028\u2028\u2028b\nc\n---\n\n# A\n", "utf-8")
    with pytest.raises(TalkError, match=r"deck\.md:[23]: the front matter is no YAML"):
        import_deck(path, tmp_path / "made", Wanted())


def test_a_slidev_slide_without_a_front_matter_between_its_rules_is_read(tmp_path: Path) -> None:
    """Two rules, one behind the other: what stands between them is nothing."""
    path = tmp_path / "deck.md"
    path.write_text("---\n---\n```\n```\n<v-click>\n\nx\n\n</v-click>\n", "utf-8")
    assert import_deck(path, tmp_path / "made", Wanted()).kind == "slidev"


@pytest.mark.parametrize("value", [" " * 50_000, f"a{' ' * 50_000}b", f"a{' #' * 30_000}"])
def test_a_field_of_blanks_is_read_at_once(value: str, tmp_path: Path) -> None:
    """However many there are, each is looked at once."""
    path = tmp_path / "01-a.md"
    path.write_text(f"---\nlayout: list\ntitle:{value}\n---\n", "utf-8")
    with within(30), contextlib.suppress(TalkError):
        read_slide(path)


def test_tags_and_comments_in_each_other_are_read_in_one_pass(tmp_path: Path) -> None:
    """Of a deck to import, thousands of times, and none of them ends where it might."""
    for text in ("<!-- " * 20_000 + "-->\n\nx", "<style>" * 15_000 + "\n\nx"):
        path = tmp_path / "deck.md"
        path.write_text(f"---\ntitle: A\n---\n\n# A\n\n<v-click>\n\n{text}\n", "utf-8")
        with within(60):
            read_deck(path, "slidev", ledger := Ledger())
            Cleaner(Deck("slidev", path, (), {}), Pictures(tmp_path, ledger), ledger, {}).clean(
                Piece(text, path)
            )


def test_a_long_slide_of_faults_is_mended_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try reads all of it: one that is long and wrong throughout keeps its title alone."""
    tries: list[Path] = []
    read = Mender._read

    def counted(mender: Mender, slide: Draft, path: Path) -> Slide:
        tries.append(path)
        return read(mender, slide, path)

    monkeypatch.setattr(Mender, "_read", counted)
    path = tmp_path / "deck.md"
    faults = "$$\n\\smula\n$$\n\n" * 30
    path.write_text(f"---\nmarp: true\n---\n\n# A\n\n{faults}{'word ' * 3000}\n", "utf-8")
    made = import_deck(path, tmp_path / "made", Wanted())
    assert any("the whole slide" in entry.what for entry in made.entries)
    assert len(tries) < 10


def test_the_comment_that_a_slidev_slide_ends_with_is_said(tmp_path: Path) -> None:
    """The last one alone, from where it begins; one that something stands behind is none."""
    path = tmp_path / "deck.md"
    path.write_text(
        "# A\n\n<!-- a -->\nb\n<!-- c <!-- d -->\n\n---\n\n# B\n\n<!-- e --> f\n", "utf-8"
    )
    one, other = read_deck(path, "slidev", Ledger()).slides
    assert (one.notes and one.notes.text.strip(), other.notes) == ("c <!-- d", None)


@pytest.mark.parametrize("body", [b'{"a\xff": 1}', b'{"a":' * 5000, b"\x82\xa4code\xa1\xff"])
def test_what_was_kept_by_other_code_is_made_again(body: bytes, tmp_path: Path) -> None:
    """Whole and sealed, and still no text or far too deep: nothing is known, and nothing breaks."""
    for name in (memo.NAME, "sources.json", "hashes.json"):
        keep(tmp_path / name, body)
    assert memo.Memo(tmp_path).of("a", memo.Form(list[int]), lambda: [1]) == [1]
    remembered = Memory.load(tmp_path)
    assert not remembered.found
    assert not remembered.files.files


def test_a_slide_is_moved_beside_an_empty_script(tmp_path: Path) -> None:
    """A script without a line has no sections either."""
    path = tmp_path / "voiceover.md"
    assert reordered("", path, NOWHERE, (), {}) == ("", ())


@pytest.mark.parametrize("rest", [b"", b"<\0(\0"])
def test_a_gif_that_ends_within_its_head_is_one_message(rest: bytes) -> None:
    """Pillow reads on behind its end."""
    raw = b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\0," + rest
    with pytest.raises(TalkError, match="can't be read as a picture"):
        encoded(raw, (9, 9), Source(Path("a.gif")), "a.gif")


def test_a_script_is_looked_through_once_for_all_its_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many of its slides don't fill their slots."""
    asked: list[int] = []
    whole = Script.slides

    def counted(script: Script) -> tuple[SlideText, ...]:
        asked.append(1)
        return whole(script)

    monkeypatch.setattr(Script, "slides", counted)
    counts = []
    for slides in (5, 50):
        asked.clear()
        heads = (f"## SLIDE {number}: A [1 minute]\n\nx\n" for number in range(1, slides + 1))
        path = tmp_path / "script.md"
        path.write_text("\n".join(heads), "utf-8")
        config = write_talk(tmp_path / str(slides))
        timings(load_script(path, Numbers(NOTHING)), config)
        counts.append(len(asked))
    assert counts[0] == counts[1]
