"""Slides become one page: what is in it, what never is, and what stops the build."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from msgspec.structs import replace
from support.evidence import evidence
from support.made_up import made_up_results
from support.needs import ROOT
from support.pages import build_deck
from support.published import small_talk, this_talk

from pipeline.config import load_config
from pipeline.measured import NOTHING, Measured
from pipeline.numbers.fill import Mark, Numbers
from pipeline.numbers.provenance import page_data, place
from pipeline.numbers.values import namespace, number_at
from pipeline.pages import assets
from pipeline.pages.deck import DeckMaker, deck_input, deck_page, pictures_of
from pipeline.pages.prune import pruned
from pipeline.pages.reading import Card, licences_page, reading_page
from pipeline.pages.rehearsal import rehearsal_page
from pipeline.pages.script import script_files
from pipeline.pages.slide import DeckInput, qr_code, widths_of
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import read_vector, standalone
from pipeline.problems import Source, TalkError
from pipeline.publish.single_file import OPENED_INSIDE
from pipeline.resources import package_file
from pipeline.results import CLASSIFIERS, Results
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="9">{}</svg>'
RESULTS = made_up_results()
CONFIG = load_config(ROOT)


class Attributes(HTMLParser):
    """The names of all attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {name for name, _ in attrs}


def attributes_of(text: str) -> set[str]:
    reader = Attributes()
    reader.feed(text)
    return reader.names


TITLE = "---\nlayout: title\ntitle: Beyond the Hype\n---\n"
MYTH = (
    "---\nlayout: myth\ntitle: A claim\ndrawing: dog\n---\n"
    "::: reality step\n### No\n{{ finetuned.f1 | num }}\n:::\n::: instead\nDo that\n:::\n"
)


def picture(name: str = "dog", inside: str = "<path d='M0 0L9.12345 9'/>") -> Picture:
    return Picture(name, SVG.format(inside), f"The {name}", "It sits", (("a", "b"), ("1", "2")))


def input_of(
    folder: Path, *texts: str, results: Results | None = RESULTS, **more: object
) -> DeckInput:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / f"{number:02}-slide-{number}.md").write_text(text, encoding="utf-8")
    slides = read_slides(folder, load_layouts(), Numbers(Measured(results))).shown
    fields: dict[str, object] = {"pictures": {"dog": picture()}, **more}
    return DeckInput(CONFIG, Measured(results), slides, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def page_of(page: DeckInput, out: Path, cache: Path) -> str:
    build_deck(page, out, cache)
    return (out / "index.html").read_text("utf-8")


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, cache: Path) -> None:
    """Two builds, one with an empty cache, write the same files, and no path of the machine."""
    page = input_of(tmp_path / "s", TITLE, MYTH, notes={1: "<p>Say hello.</p>"})
    build_deck(page, tmp_path / "one", cache)
    build_deck(page, tmp_path / "two", tmp_path / "empty")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    names = (
        "deck.css deck.js drawing.js figures/dog.svg index.html manrope.woff2 notes.js reveal.js "
        "stage.js training.js"
    )
    assert [str(path) for path in files] == names.split()
    for path in files:
        content = (tmp_path / "one" / path).read_bytes()
        assert content == (tmp_path / "two" / path).read_bytes()
        assert str(tmp_path).encode() not in content


def test_numbers_in_the_notes_open_their_run_too(tmp_path: Path, cache: Path) -> None:
    """What is known of them is in the speaker's page, though no slide shows them."""
    numbers = Numbers(Measured(RESULTS))
    spoken = numbers.fill("{{ linear.f1 | spoken }}", Source(tmp_path)).marks
    notes = {1: '<p><data class="measured" data-at="linear.f1">…</data></p>'}
    page = input_of(tmp_path / "s", TITLE, notes=notes, spoken=spoken)
    data = DeckMaker(cache).make(page).data
    assert data["values"]["linear.f1"]["runs"] == [0]
    without = DeckMaker(cache).make(input_of(tmp_path / "s", TITLE)).data
    assert without["values"] == {}


def test_without_notes_nothing_of_them_is_in_the_page(tmp_path: Path, cache: Path) -> None:
    """notes=None leaves neither notes nor a place for them."""
    page = input_of(tmp_path / "s", TITLE, notes={1: "<p>Say </script> hello.</p>"})
    with_notes = page_of(page, tmp_path / "a", cache)
    assert 'id="spoken"' in with_notes
    script = (tmp_path / "a" / "notes.js").read_text("utf-8")
    assert "</" not in script
    spoken = json.loads(script.removeprefix("window.deckNotes = ").rstrip(";\n"))
    assert spoken == {"slide-1": "<p>Say </script> hello.</p>"}
    without = page_of(input_of(tmp_path / "s", TITLE), tmp_path / "a", cache)
    assert "<aside" not in without
    assert not (tmp_path / "a" / "notes.js").exists()


def test_marks_of_the_run_stand_on_every_slide(tmp_path: Path, cache: Path) -> None:
    """Sample data and a quick run are marked on each slide; a full run on full data isn't."""
    plain = page_of(input_of(tmp_path / "s", TITLE, MYTH), tmp_path / "a", cache)
    assert "run-mark" not in plain
    marked = replace(
        RESULTS,
        data=replace(RESULTS.data, source="sample"),
        run=replace(RESULTS.run, quick=True),
    )
    text = page_of(input_of(tmp_path / "s", TITLE, MYTH, results=marked), tmp_path / "b", cache)
    assert text.count(">sample data</span>") == text.count(">quick run</span>") == 2


def test_the_time_line_has_a_piece_per_slide(tmp_path: Path, cache: Path) -> None:
    """Pieces carry their slot's seconds and say slide, title and minutes; unknown: all alike."""
    page = input_of(tmp_path / "s", TITLE, MYTH, slots_s={1: 30, 2: 150})
    text = page_of(page, tmp_path / "a", cache)
    assert '--seconds:30" aria-label="1. Beyond the Hype, 30 s"' in text
    assert '--seconds:150" aria-label="2. A claim, 2 min 30 s"' in text
    text = page_of(input_of(tmp_path / "s", TITLE, MYTH), tmp_path / "b", cache)
    assert text.count('--seconds:1" aria-label="') == 2


def test_an_agenda_shows_each_sections_time(tmp_path: Path, cache: Path) -> None:
    """A section lasts from its first slide to the next section's, as the slots say."""
    agenda = (
        "---\nlayout: agenda\ntitle: Plan\n---\n::: sections\n"
        "1. [One](#/slide-1)\n2. [Two](#/slide-2)\n:::\n"
    )
    slots = {1: 60, 2: 90, 3: 90}
    page = input_of(tmp_path / "s", TITLE, agenda, MYTH, slots_s=slots)
    text = page_of(page, tmp_path / "a", cache)
    assert re.findall(r'--share:([\d.]+)"></span>(\d+) min', text) == [
        ("0.333", "1"),
        ("1.000", "3"),
    ]
    text = page_of(input_of(tmp_path / "s", TITLE, agenda, MYTH), tmp_path / "b", cache)
    assert " min</div>" not in text


def test_steps_leads_and_cells_as_the_deck_writes_them(tmp_path: Path, cache: Path) -> None:
    """Fragments in their order, what follows a lead as one piece, cells that name their column."""
    items = (
        "---\nlayout: list\ntitle: L\n---\n"
        "::: items each\n- **One** more [x](figure:dog)\n- Two\n:::\n"
    )
    rows = "---\nlayout: table\ntitle: T\n---\n::: rows\n| | b |\n|-|-:|\n| 1 | 2 |\n:::\n"
    text = page_of(input_of(tmp_path / "s", items, rows), tmp_path / "a", cache)
    assert (
        '<li class="fragment" data-fragment-index="0"><strong>One</strong> <span class="rest">more '
        '<a href="figures/dog.svg" target="_blank" rel="noopener">x</a></span></li>'
    ) in text
    assert '<li class="fragment" data-fragment-index="1">Two</li>' in text
    assert '<th scope="col" data-style="text-align:right">b</th>' in text
    assert '<td data-label="b" data-style="text-align:right">2</td>' in text
    assert '[data-style="text-align:right"]{text-align:right}' in text


def test_the_reading_page_is_written_without_steps(tmp_path: Path) -> None:
    """No step, no picture in a paragraph, headings below the slide's, tables that scroll."""
    text = (
        "---\nlayout: table\ntitle: T\n---\n"
        "::: rows each\n| | [b](#/slide-1) |\n|-|-|\n| 1 | 2 |\n:::\n"
        "::: point step\n## Head\n\n![](drawing:dog)\n\n- **One** more\n:::\n"
    )
    card = Card((), "", "i.svg")
    page = reading_page(input_of(tmp_path / "s", text), card, (), ())
    assert "fragment" not in page
    assert '<div class="wide" tabindex="0" role="group"><table>' in page
    assert '<td></td>\n<th scope="col"><a href="#slide-1">b</a></th>' in page
    assert "<h3>Head</h3>" in page
    assert "<li><strong>One</strong> more</li>" in page
    assert page.count("<svg") == page.count("<figure>") == 1
    assert page.index("</figure>") < page.index("<h3>Head</h3>")


def test_measured_numbers_carry_their_facts(tmp_path: Path, cache: Path) -> None:
    """The page's JSON holds value, interval and the run; nothing in it can end its script."""
    evil = replace(RESULTS, data=replace(RESULTS.data, name="</script><b>x"))
    text = page_of(input_of(tmp_path / "s", MYTH, results=evil), tmp_path / "a", cache)
    block = re.search(r'id="deck-data">(.*?)</script>', text, re.S)
    assert block
    facts = json.loads(block[1])
    assert "place" not in facts["values"]["finetuned.f1"]  # it is that of its name
    assert facts["values"]["finetuned.f1"]["low"] < facts["values"]["finetuned.f1"]["value"]
    assert "</script><b>x" in facts["runs"][0]["rows"][0][1]


def test_texts_out_of_a_run_stay_texts(tmp_path: Path, cache: Path) -> None:
    """Names of data, model and classifiers, the command: whatever they are, no page runs them."""
    evil = "a\"><img src=x onerror=alert(1)>'</script></style><svg/onload=x()>"
    results = replace(
        RESULTS,
        data=replace(RESULTS.data, name=evil, why=evil, licence=evil, citation=evil),
        model=replace(RESULTS.model, name=evil, licence=evil),
        run=replace(RESULTS.run, command=evil, machine=evil, started=evil),
        elsewhere_name=evil,
        **{
            name: dataclasses.replace(getattr(RESULTS, name), name=evil, how=evil)
            for name in CLASSIFIERS
        },
    )
    talk = this_talk(tmp_path / "talk", results)
    page = deck_input(talk, cache)
    deck = DeckMaker(cache).make(page)
    notes = json.loads(deck.files["notes.js"].partition(b"=")[2].rstrip(b";\n"))
    texts = [deck_page(deck), rehearsal_page(talk), *notes.values()]
    texts += [content.decode() for name, content in script_files(talk).items() if "html" in name]
    texts += [reading_page(page, Card((), "", ""), (), ())]
    texts += [licences_page(talk.config.talk, results, Card((), "", ""), ())]
    for text in texts:
        assert not {name for name in attributes_of(text) if name.startswith("on")}
    assert "onerror=alert(1)" in texts[0]


def test_a_number_knows_its_place_in_the_file() -> None:
    """Look-ups by name are shown as places in results.json; numbers in pictures are found there."""
    assert place('example["gift-card"].finetuned.confidence', RESULTS) == (
        "examples[0].finetuned.confidence"
    )
    at = 'next_token["The capital of France is"].candidates[0].probability'
    assert place(at, RESULTS) == "next_tokens[0].candidates[0].probability"
    names = namespace(Measured(RESULTS))
    number = number_at("examples[0].finetuned.confidence", names)
    assert number
    assert number.value == RESULTS.examples[0].finetuned.confidence
    assert number_at("finetuned.nothing", names) is None
    assert number_at("data.name", names) is None
    assert page_data([Mark("x", "a", None)], ["b"], NOTHING)["values"] == {}


def test_a_picture_says_what_it_shows(tmp_path: Path, cache: Path) -> None:
    """An inline picture has title, description and table, its ids its own, no fixed size."""
    inside = "<g id='x'/><use href='#x'/><rect fill='url(#x)' style='stroke: var(--ink, #15171c)'/>"
    page = input_of(tmp_path / "s", MYTH, pictures={"dog": picture(inside=inside)})
    text = page_of(page, tmp_path / "a", cache)
    svg = re.search(r"<svg viewBox.*?</svg>", text, re.S)
    assert svg
    assert '<title id="slide-1-dog-title">The dog</title>' in svg[0]
    assert 'role="img" aria-labelledby="slide-1-dog-title"' in svg[0]
    assert 'id="slide-1-dog.x"' in svg[0]
    assert 'href="#slide-1-dog.x"' in svg[0]
    assert 'fill="url(#slide-1-dog.x)" class="p0"' in svg[0]
    assert "<style>.p0{stroke:var(--ink)}" in text
    assert 'width="9"' not in svg[0]
    assert '<span role="cell">1 </span>' in text


def test_a_column_of_words_is_as_wide_as_the_chart_beside_it() -> None:
    """Two drawings share the width as they need it; words beside one are not squeezed."""

    def widths(**pictures: list[str]) -> dict[str, float]:
        contents = {name: SimpleNamespace(pictures=of) for name, of in pictures.items()}
        parts = [SimpleNamespace(name=name, content=of) for name, of in contents.items()]
        slide: Any = SimpleNamespace(parts=parts)
        vectors: Any = {"loss": SimpleNamespace(width=540), "loop": SimpleNamespace(width=300)}
        return dict(widths_of(slide, vectors, {}))

    assert widths(left=["loss"], right=["loop"], point=[]) == {"left": 540, "right": 300}
    assert widths(left=["loss"], point=[]) == {"left": 540}
    assert widths(left=["loss"], right=[]) == {}
    assert widths(left=[], right=["loop"]) == {}


def test_a_full_size_picture_stands_alone() -> None:
    """figures/NAME.svg has both themes, a background, the face, and links back into the deck."""
    inside = "<a href='#/slide-1'><text class='step-1'>Go</text></a>"
    text = standalone(read_vector(picture(inside=inside)), "index.html")
    assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    for part in ("prefers-color-scheme:dark", "--paper: #faf8f4", "--paper: #101218"):
        assert part in text
    assert "background:var(--paper)" in text
    assert 'href="../index.html#/slide-1"' in text
    assert "fragment" not in text


def test_a_full_size_picture_has_its_drawing_for_a_phone_too() -> None:
    """In a window that stands upright; no id of the two is the same."""
    gradient = "<linearGradient id='x'/><path fill='url(#x)' d='M0 0'/>"
    both = replace(picture(inside=gradient), narrow=SVG.format(gradient).replace("400", "200"))
    text = standalone(read_vector(both), "index.html")
    assert text.index('viewBox="-24 -24 248 348"') < text.index('viewBox="-24 -24 448 348"')
    assert "@media (max-aspect-ratio:2/3)" in text
    assert re.findall(r'id="(.*?)"', text) == ["upright.x", "x"]
    assert re.findall(r"url\(#(.*?)\)", text) == ["upright.x", "x"]


def test_a_picture_that_only_a_link_opens_is_a_file_beside_the_page(
    tmp_path: Path, cache: Path
) -> None:
    """Nothing of it or its numbers is in the page, and the typeface has its signs."""
    linked = MYTH.replace("title: A claim", "title: A claim\nsource: [More](figure:cat)")
    inside = "<text class='measured' data-at='linear.f1'>\u2020</text>"
    pictures = {"dog": picture(), "cat": picture("cat", inside)}
    page = input_of(tmp_path / "s", linked, pictures=pictures)
    text = page_of(page, tmp_path / "a", cache)
    assert 'href="figures/cat.svg"' in text
    assert 'data-picture="cat"' not in text
    assert "\u2020" not in text
    assert "linear.f1" not in text
    assert "\u2020" in (tmp_path / "a" / "figures" / "cat.svg").read_text("utf-8")
    with TTFont(tmp_path / "a" / "manrope.woff2") as face:
        assert ord("\u2020") in face.getBestCmap()


def test_a_page_without_files_holds_what_links_open(tmp_path: Path, cache: Path) -> None:
    """Out of sight, for the page that then shows it alone."""
    linked = MYTH.replace("title: A claim", "title: A claim\nsource: [More](figure:cat)")
    page = input_of(tmp_path / "s", linked, pictures={"dog": picture(), "cat": picture("cat")})
    text = "".join(DeckMaker(cache, OPENED_INSIDE, "").make(page).sections.values())
    assert 'href="?full=cat"' in text
    assert text.count('<div hidden><span class="picture" data-picture="cat">') == 1


def test_files_that_are_gone_from_the_talk_go_from_the_folder(tmp_path: Path, cache: Path) -> None:
    """A picture that no slide shows any more is removed, other pages' files are left."""
    (tmp_path / "out" / "figures").mkdir(parents=True)
    (tmp_path / "out" / "figures" / "old.svg").write_text("x")
    (tmp_path / "out" / "rehearsal.html").write_text("x")
    build_deck(input_of(tmp_path / "s", MYTH), tmp_path / "out", cache)
    assert not (tmp_path / "out" / "figures" / "old.svg").exists()
    assert (tmp_path / "out" / "rehearsal.html").exists()


def test_a_failed_build_leaves_the_last_one_whole(tmp_path: Path, cache: Path) -> None:
    """A fault in a slide is found before anything is written."""
    out = tmp_path / "out"
    build_deck(input_of(tmp_path / "s", MYTH), out, cache)
    before = {path: path.read_bytes() for path in out.rglob("*.*")}
    with pytest.raises(TalkError):
        build_deck(input_of(tmp_path / "s", MYTH, pictures={}), out, cache)
    assert {path: path.read_bytes() for path in out.rglob("*.*")} == before


def fault(page: DeckInput, out: Path) -> str:
    with pytest.raises(TalkError) as caught:
        build_deck(page, out)
    where = caught.value.where
    shown = f"{where.path.name}:{where.line}: " if where else ""
    return f"{shown}{caught.value.message} | {caught.value.hint}"


def test_faults_of_a_page_are_said(tmp_path: Path) -> None:
    """Missing pictures, wrong titles and dead links, each in a sentence."""
    folder, out = tmp_path / "s", tmp_path / "out"
    page = input_of(folder, MYTH, pictures={"dogs": picture("dogs")})
    assert fault(page, out) == ("01-slide-1.md:4: there is no drawing `dog` | did you mean `dogs`?")
    page = input_of(folder, TITLE.replace("Beyond", "Behind"))
    assert fault(page, out) == (
        "01-slide-1.md:3: the title slide says “Behind the Hype”, talk.toml says “Beyond the "
        "Hype” | make both the same"
    )
    framework = "---\nlayout: framework\ntitle: T\ndiagram: d\n---\n"
    linked = picture("d", "<a href='#/slide-9'><g class='step-2'/></a>")
    page = input_of(folder, framework, pictures={"d": linked})
    assert fault(page, out) == (
        "the picture `d` leads to `#/slide-9`, and no slide has that name | did you mean `slide-1`?"
    )
    agenda = "---\nlayout: agenda\ntitle: Plan\n---\n::: sections\n1. One\n:::\n"
    page = input_of(folder, agenda)
    assert fault(page, out) == (
        "01-slide-1.md:5: each item of an agenda leads to its first slide | [Name](#/slide)"
    )
    page = input_of(folder, agenda.replace("1. One", "One"))
    assert fault(page, out) == "01-slide-1.md:5: an agenda is a list | 1. [Name](#/slide)"


def test_a_picture_without_a_size_is_refused() -> None:
    """It needs a viewBox, or a width and a height; what is no number is none."""
    for box in ("v='0 0 4 3'", "viewBox='0 0 ellipse 3'", "viewBox='0 0 nan inf'", "viewBox=''"):
        svg = SVG.format("").replace('viewBox="0 0 400 300" width="9"', box)
        with pytest.raises(TalkError, match="has no viewBox"):
            read_vector(Picture("dog", svg, "t", "d"))
    sized = SVG.format("").replace('viewBox="0 0 400 300" width="9"', "width='40px' height='30'")
    assert read_vector(Picture("dog", sized, "t", "d")).root.get("viewBox") == "0 0 40 30"


def test_the_qr_code_is_a_picture_with_a_name() -> None:
    """It is drawn dark on white, names its address, and appears only where there is one."""
    drawn = qr_code("https://example.org/a?b=1&c='2'")
    assert drawn.startswith("<svg ")
    assert 'aria-label="QR code: https://example.org/a?b=1&amp;c=&#x27;2&#x27;"' in drawn
    assert 'viewBox="0 0 ' in drawn


def test_the_stylesheet_is_reveals_own_then_the_theme() -> None:
    """reveal's rules, then all of ours, no comment, and nothing loaded from elsewhere."""
    sheet = assets.stylesheet()
    theme = (ROOT / "templates" / "deck" / "theme.css").read_text("utf-8")
    assert sheet.count("{") > theme.count("{") + 150
    assert sheet.count("{") == sheet.count("}")
    assert sheet.index(".reveal.overview") < sheet.index(".timeline")
    assert "/*" not in sheet
    assert "http" not in sheet.replace("http://www.w3.org/2000/svg", "")


def test_rules_that_no_deck_can_need_are_left_out() -> None:
    """What reveal.js has and our decks don't takes no room; each other rule stays as it is."""
    kept = "@media print{html.reveal-print body{margin:0}}.reveal .slides>section{top:0}"
    gone = (
        ".reveal .controls,.reveal .progress{top:0}@keyframes bounce-up{0%{top:0}}"
        "@media print{html:not(.print-pdf) .reveal p{color:#000}}"
        ".reveal .slides section[data-transition=zoom]{top:0}"
    )
    assert pruned(gone + kept) == kept
    assert pruned(".reveal .controls,.reveal.overview{top:0}") == ".reveal.overview{top:0}"
    kept = ".reveal .slides section[data-transition=fade]{top:0}.zoomed .reveal *{top:0}"
    assert pruned(kept) == kept
    with pytest.raises(ValueError, match="line 1"):
        pruned(".a")
    reveal = package_file("pyreveal", "revealjs/dist/reveal.css").read_text("utf-8")
    assert len(pruned(reveal)) < len(reveal) / 2


def test_a_pages_script_keeps_its_names_to_itself() -> None:
    """One scope of its own, its data in it; what would end the script element is escaped."""
    code = assets.script("training", recorded={"loss": "</script>"})
    assert code.startswith('(() => {"use strict";')
    assert 'const recorded={"loss":"\\u003c/script\\u003e"};' in code
    assert code.endswith("})();\n")
    assert "//" not in code.replace("http://www.w3.org/2000/svg", "")


def test_the_font_is_small_cached_and_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under 60 kB, byte for byte the same when made again; with the signs that a page uses."""
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path / "shared"))
    made = assets.font("→é", tmp_path)
    assert len(made) < 60_000
    assert made == assets.font("→é")
    (kept,) = tmp_path.glob("shared/faces/font-*.woff2")
    before = kept.stat().st_mtime_ns
    assert assets.font("→é", tmp_path) == made
    assert kept.stat().st_mtime_ns == before
    assert assets.font("→", tmp_path) != made


def test_a_missing_package_is_said() -> None:
    """The packages that carry reveal.js and the typeface are named when they are not there."""
    with pytest.raises(TalkError, match="the package `no_such_package` is missing"):
        package_file("no_such_package", "x")


def test_a_diagram_and_a_drawing_of_one_name_are_refused(tmp_path: Path) -> None:
    """A slide could show only one of them, and nothing said which."""
    talk = small_talk(tmp_path / "talk")
    drawing = SVG.format("<title>T</title><desc>D</desc>").replace(' width="9"', "")
    diagram = 'title = "T"\ndesc = "D"\n[[nodes]]\nid = "a"\nlabel = "A"\n'
    for name, text in (("diagrams/loaf.toml", diagram), ("drawings/loaf.svg", drawing)):
        path = talk.config.root / "deck" / name
        path.parent.mkdir()
        path.write_text(text, "utf-8")
    slide = talk.config.root / "deck" / "slides" / "02-steps.md"
    slide.write_text(
        slide.read_text("utf-8").replace("- Mix", "- ![A loaf](drawing:loaf)"), "utf-8"
    )
    talk = small_talk(talk.config.root)
    with pytest.raises(TalkError, match=r"loaf\.svg: a diagram and a drawing are called `loaf`"):
        pictures_of(talk, tmp_path / "cache")


def test_an_experiment_takes_no_charts_name(tmp_path: Path) -> None:
    """One that is called as a chart of the run would stand in its place without a word."""
    measured = Measured(RESULTS, {"compare": replace(evidence()["leak"], name="compare")})
    talk = replace(small_talk(tmp_path / "talk"), measured=measured)
    with pytest.raises(TalkError, match="a chart of the run is called `compare`, too"):
        pictures_of(talk, tmp_path / "cache")
