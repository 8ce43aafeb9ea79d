"""Code on pages: no letter is lost, it is as large as fits, and only talks with code pay."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from msgspec.structs import replace
from support.code_talk import PYTHON, write_code_talk
from support.made_up import made_up
from support.needs import ROOT
from support.second_talk import write_second_talk

from pipeline.export.pdf import CODE_WEIGHTS
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pages.assets import CODE_FONT
from pipeline.pages.code import (
    CLASSES,
    SIZES,
    code_html,
    code_looks,
    coloured,
    signs_of,
    step_rules,
    view_of_code,
)
from pipeline.pages.deck import STYLESHEET, Deck, DeckMaker, deck_input
from pipeline.pages.reading import Card, licences_page, reading_page
from pipeline.problems import Source
from pipeline.publish.single_file import single_file
from pipeline.slides.code import CodeBlock, read_code
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slide, read_slides
from pipeline.talk import Talk

pytestmark = pytest.mark.slow

CARD = Card((), "", "")
LANGUAGES = ("python", "console", "diff", "yaml", "html", "rust", "js", "toml", "bash", "")


def code(info: str, body: str) -> CodeBlock:
    return read_code(info, body, Source(Path("talk/deck/slides/01-a.md"), 7))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return write_code_talk(tmp_path_factory.mktemp("talk"))


@pytest.fixture(scope="module")
def deck(talk: Talk, tmp_path_factory: pytest.TempPathFactory) -> Deck:
    cache = tmp_path_factory.mktemp("cache")
    return DeckMaker(cache).make(deck_input(talk, cache, for_speaker=False))


def shown(section: str) -> str:
    """The letters of the code of a section."""
    inside = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", section, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", "".join(inside)))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=30)
@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co"]) | st.just("\n")
    )
)
def test_colouring_loses_no_letter(language: str, text: str) -> None:
    """Whatever a lexer makes of a text, each line is there as it was."""
    block = replace(code("", "x\n"), text=text, language=language)
    lines = ["".join(words for _, words in line) for line in coloured(block)]
    assert lines == list(block.lines)


def test_code_has_few_classes() -> None:
    """Keywords, strings, names and so on, whatever the language calls them."""
    python = coloured(code("python", PYTHON))
    kinds = {text: kind for line in python for kind, text in line}
    assert (kinds["def"], kinds["train"], kinds["# all of it"]) == ("k", "f", "c")
    assert {kind for line in python for kind, _ in line} <= CLASSES | {""}
    diff = coloured(code("diff", " a\n-b\n+c\n"))
    assert [line[0][0] for line in diff] == ["", "d", "i"]


def test_code_is_coloured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was coloured is kept, and Pygments isn't loaded for it again."""
    first = coloured(code("python", PYTHON), tmp_path)
    monkeypatch.setitem(sys.modules, "pygments.lexers", None)
    assert coloured(code("", "x\n"), tmp_path)
    block = replace(code("", PYTHON), language="python")
    assert coloured(block, tmp_path) == first
    with pytest.raises(ImportError):
        coloured(replace(block, text="other"), tmp_path)


def test_a_talk_without_code_loads_nothing_of_it(tmp_path: Path) -> None:
    """No face, no style, no browser code, and Pygments is not imported."""
    root = write_second_talk(tmp_path / "talk")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.config import load_config\n"
        "from pipeline.measured import NOTHING\n"
        "from pipeline.pages.deck import DeckMaker, deck_input\n"
        "from pipeline.slides.layouts import load_layouts\n"
        "from pipeline.talk import load_talk\n"
        f"root = Path({str(root)!r})\n"
        "talk = load_talk(load_config(root), NOTHING, load_layouts())\n"
        "deck = DeckMaker(root / 'c').make(deck_input(talk, root / 'c'))\n"
        "print('pygments' in sys.modules, 'code.woff2' in deck.files,\n"
        "      any(b'listing' in deck.files[name] for name in ('deck.css', 'deck.js')))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False"] * 3


def test_a_slide_shows_its_code(deck: Deck) -> None:
    """Every letter, in lines that know their groups; a mark for each step before them."""
    section = deck.sections["steps"]
    assert shown(section) == PYTHON
    assert re.findall(r'<i class="fragment ([\w-]+)" data-fragment-index="(\d)"', section) == [
        ("at-1", "0"),
        ("all-2", "1"),
    ]
    lines = re.findall(r'<span class="(line[^"]*)">', section)
    assert lines == ["line in-0", "line in-1", "line in-1", "line", "line"]
    assert "<figcaption>src/train.py</figcaption>" in section
    assert "--number:9" in section
    assert deck.styles.count(".at-2:is(") == 2
    two = deck.sections["two"]
    assert re.findall(r'"(line[^"]* (?:went|came))"', two) == [
        "line in-0 in-end went",
        "line in-0 in-end came",
    ]


def test_code_has_a_face_with_its_signs(deck: Deck) -> None:
    """Those of fences and of code in words, and no sign of other words."""
    assert CODE_FONT in deck.files
    assert f'url("{CODE_FONT}")' in deck.files[STYLESHEET].decode()
    assert signs_of(["<p>ä <code>b&lt;<span>ü</span></code></p>", "<code>x</code>"]) == set("b<üx")


def test_the_single_file_holds_the_face(deck: Deck) -> None:
    """Nothing is fetched for code."""
    page = single_file(deck, "<svg/>")
    assert CODE_FONT not in page
    assert page.count("data:font/woff2") == 2


def test_a_page_to_read_has_no_steps(talk: Talk, tmp_path: Path) -> None:
    """Code in steps is plain there, lines that are emphasised at once stay so; nothing to press."""
    page = reading_page(deck_input(talk, tmp_path, for_speaker=False), CARD, (), ())
    assert PYTHON in shown(page)
    assert "data-fragment-index" not in page
    assert "<button" not in page
    assert page.count('class="listing picks ends"') == 1
    assert "prefers-color-scheme:dark" in page.split("--code-ground")[1]


def test_the_licence_of_the_face_comes_with_it(talk: Talk) -> None:
    """Only where it is published."""
    with_code = licences_page(talk.config.talk, None, CARD, (), files=(CODE_FONT,))
    assert "Copyright 2020 The JetBrains Mono Project Authors" in with_code
    assert "JetBrains" not in licences_page(talk.config.talk, None, CARD, ())


def test_licences_are_read_as_english(talk: Talk) -> None:
    """Their lines run from left to right in a Hebrew talk, and none is divided as German."""
    hebrew = licences_page(replace(talk.config.talk, language="he"), None, CARD, ())
    assert '<p class="terms" lang="en" dir="ltr">' in hebrew
    german = licences_page(replace(talk.config.talk, language="de"), None, CARD, ())
    assert '<p class="terms" lang="en">' in german


def test_rules_of_steps_are_as_many_as_needed() -> None:
    """None without steps."""
    assert step_rules(0) == ""
    assert step_rules(3).count(".all-") == 3


def test_the_weights_of_code_are_printed() -> None:
    """The stylesheet uses no weight that paper doesn't have."""
    css = (ROOT / "templates/deck/code.css").read_text("utf-8")
    rules = [rule for rule in css.split("}") if re.search(r"\bcode \{|\.line", rule)]
    weights = {int(w) for rule in rules for w in re.findall(r"font-weight: (\d+)", rule)}
    assert weights == set(CODE_WEIGHTS)


def slide(tmp_path: Path, text: str, layout: str = "code") -> Slide:
    (tmp_path / "01-a.md").write_text(f"---\nlayout: {layout}\ntitle: A\n---\n{text}", "utf-8")
    return read_slides(tmp_path, load_layouts(), Numbers(NOTHING)).shown[0]


def fence(lines: int, columns: int) -> str:
    return "```text\n" + ("x" * columns + "\n") * lines + "```\n"


@pytest.mark.parametrize(
    ("lines", "columns", "px"),
    [(2, 20, 40), (9, 20, 32), (12, 20, 24), (2, 56, 32), (2, 75, 24), (2, 200, 24), (60, 9, 24)],
)
def test_code_is_as_large_as_fits(tmp_path: Path, lines: int, columns: int, px: int) -> None:
    """By its lines and its longest one, and never too small to be read from the last row."""
    looks = code_looks(slide(tmp_path, fence(lines, columns)), 720)
    assert looks["body"].px == px
    assert px in SIZES
    assert min(SIZES) == 24


def test_columns_are_as_wide_as_their_code(tmp_path: Path) -> None:
    """Code beside words takes what its longest line needs, within reason."""
    text = f"::: left\n{fence(3, 34)}:::\n::: right\n- Words\n:::\n"
    looks = code_looks(slide(tmp_path, text), 720)
    assert looks["left"].share == pytest.approx(0.577, abs=0.01)
    assert looks["left"].share + looks["right"].share == pytest.approx(1)  # type: ignore[operator]
    even = f"::: left\n{fence(3, 30)}:::\n::: right\n{fence(3, 30)}:::\n"
    assert code_looks(slide(tmp_path, even), 720)["left"].share == 0.5


def test_code_beside_other_things_stays_small(tmp_path: Path) -> None:
    """A slide of another layout isn't about its code."""
    made = slide(tmp_path, f"::: left\n{fence(2, 10)}:::\n", "figure")
    assert code_looks(made, 720)["left"].px == 28


def test_a_title_can_hold_a_measured_value(tmp_path: Path) -> None:
    """It can be opened as everywhere; who can't see it is told the number."""
    text = (
        '---\nlayout: code\ntitle: A\n---\n```python title="F1 {{ finetuned.f1 | num }}"\nx\n```\n'
    )
    (tmp_path / "01-a.md").write_text(text, "utf-8")
    numbers = Numbers(made_up())
    content = read_slides(tmp_path, load_layouts(), numbers).shown[0].parts[0].content
    assert content.code[0].plain_title == "F1 0.95"
    caption = code_html(view_of_code(content.code[0], Markup(""), None))
    shown = content.filled.in_html(caption)
    assert re.search(r'<figcaption>F1 <data class="measured"[^>]*>0\.95</data>', shown)
    assert 'aria-label="Code: F1 0.95"' in shown


def test_code_that_goes_leaves_no_rule(talk: Talk, tmp_path: Path) -> None:
    """A deck whose code was edited and put back is the one that it was."""
    page = deck_input(talk, tmp_path, for_speaker=False)
    maker = DeckMaker(tmp_path)
    first = maker.make(page)
    other = replace(page, slides=tuple(s for s in page.slides if s.name != "steps"))
    assert ".at-2" not in maker.make(other).styles
    assert maker.make(page) == first
