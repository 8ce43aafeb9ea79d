"""A talk's own layouts and styles: used, kept in their sandbox, and named where they are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.second_talk import write_second_talk

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.pages.deck import Deck, DeckMaker, deck_input
from pipeline.pages.own import own_styles
from pipeline.problems import TalkError
from pipeline.slides.layouts import load_layouts
from pipeline.talk import load_talk

ROOT = Path(__file__).resolve().parents[2]
LAYOUT = """\
{% from "layouts/parts.html.j2" import head, part %}
{{ head(slide) }}
<div class="steps">
  {{ part(slide, "before") }}
  {{ part(slide, "after", more="done") }}
</div>
"""
LISTED = '[layouts.change]\nabout = "Before and after."\nneeds = ["before", "after"]\n'
STYLES = ".layout-change .steps { display: grid; grid-template-columns: 1fr 1fr; }\n"
SLIDE = """\
---
layout: change
title: Sourdough
---
::: before
Flat
:::
::: after step
Round
:::
"""


def write_own(
    root: Path, *, layout: str = LAYOUT, listed: str = LISTED, styles: str = STYLES
) -> Path:
    """A small talk with one layout of its own, and a slide of it."""
    write_second_talk(root)
    folder = root / "templates"
    (folder / "layouts").mkdir(parents=True)
    (folder / "layouts/change.html.j2").write_text(layout, "utf-8")
    (folder / "layouts.toml").write_text(listed, "utf-8")
    (folder / "talk.css").write_text(styles, "utf-8")
    (root / "deck/slides/02-steps.md").write_text(SLIDE, "utf-8")
    return root


def deck_of(root: Path) -> Deck:
    talk = load_talk(load_config(root), NOTHING, load_layouts(root))
    return DeckMaker().make(deck_input(talk, root / ".cache"))


def test_a_layout_of_the_talk_is_a_layout(tmp_path: Path) -> None:
    """Its parts and steps, its macros, its rules last in the deck's styles; others stay."""
    deck = deck_of(write_own(tmp_path))
    section = deck.sections["steps"]
    assert 'class="layout-change"' in section
    assert '<h1 id="steps-title">Sourdough</h1>' in section
    assert '<div class="part after done fragment" data-fragment-index="0">' in section
    sheet = deck.files["deck.css"].decode()
    assert sheet.endswith(".layout-change .steps{display:grid;grid-template-columns:1fr 1fr}")
    assert 'class="hero"' in deck.sections["hello"]


def test_the_documented_example_builds(tmp_path: Path) -> None:
    """What docs/brand.md shows is a layout that works."""
    blocks = (ROOT / "docs/brand.md").read_text("utf-8").split("```")
    named = {block.split("\n", 1)[0]: block.split("\n", 1)[1] for block in blocks[1::2]}
    root = write_own(
        tmp_path, layout=named["jinja"], listed=named["toml layouts"], styles=named["css"]
    )
    (root / "deck/slides/02-steps.md").write_text(named["markdown"], "utf-8")
    (root / "templates/layouts/change.html.j2").rename(root / "templates/layouts/quiz.html.j2")
    deck = deck_of(root)
    assert 'class="layout-quiz"' in deck.sections["steps"]
    assert ".layout-quiz" in deck.files["deck.css"].decode()


def test_an_own_layout_takes_the_place_of_ours(tmp_path: Path) -> None:
    """With a template it stands alone; without one it says what is otherwise."""
    root = write_own(tmp_path, listed=f'{LISTED}[layouts.quote]\nmay = ["after", "by"]\n')
    assert load_layouts(root)["quote"].needs == ("body",)
    assert load_layouts(root)["quote"].may == ("after", "by")
    assert "by" not in load_layouts()["quote"].may
    (root / "templates/layouts/quote.html.j2").write_text(LAYOUT, "utf-8")
    assert load_layouts(root)["quote"].needs == ()


def test_classes_and_fields_for_all_layouts(tmp_path: Path) -> None:
    """What stands at the top of the talk's file goes for ours, too."""
    root = write_own(tmp_path, listed=f'fields = ["place"]\nclasses = ["salt"]\n{LISTED}')
    assert "place" in load_layouts(root)["list"].fields
    assert "salt" in load_layouts(root)["change"].classes
    assert "accent" in load_layouts(root)["change"].classes


BROKEN = [
    ("<p>\n{{ slide.nope }}", 2, "there is no `nope` here", "`"),
    ("<p>\n{{ slide.titel }}", 2, "there is no `titel` here", "did you mean `title`?"),
    ("{{ nope }}", 1, "'nope' is undefined", "seen on the slide `steps`"),
    ("a\n{% if slide.title %}\nb", 3, "Unexpected end of template", "mend the template"),
    ("{% for %}", 1, "", "mend the template"),
    ("\n{{ ''.__class__ }}", 2, "attribute '__class__'", ""),
    ("\n\n{{ 1 / 0 }}", 3, "division by zero", ""),
    ("{{ slide.parts.before.html.format.__globals__ }}", 1, "__globals__", ""),
    ("{% include '/etc/passwd' %}", 1, "no template `/etc/passwd`", ""),
    ("{% include '../talk.toml' %}", 1, "no template `../talk.toml`", ""),
    ("{% include 'deck/deck.html.j2' %}", 1, "no template `deck/deck.html.j2`", ""),
    ("{% include 'layouts/change.html.j2' %}", 1, "the template includes itself", ""),
    ("{{ looks._lengths.clear() }}", 1, "_lengths", ""),
    ("<div>\n<p>a</p>", 1, "`<div>` is not closed", ""),
    ("<div>\n<p>a</div>", 2, "`</div>` closes nothing, `<p>` is open", ""),
    ("x\n<script>alert(1)</script>", 2, "can't hold `<script>`", "policy"),
    ("x\n<p onclick='a()'>b</p>", 2, "can't have `onclick=`", ""),
    ('<p style="color:red">b</p>', 1, "can't have `style=`", "talk.css"),
    (
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        1,
        "steps",
        "",
    ),
    ("x\n{{ 'x' * 10**9 }}", 2, "`*` makes more than", ""),
    ("{{ 9 ** 9 ** 9 }}", 1, "`**` makes more than", ""),
    ("{{ '%999999999d' % 1 }}", 1, "`%` makes more than", ""),
    ("{{ 'x'.center(9999999999) }}", 1, "9,999,999,999 is more than", ""),
    ("{{ lipsum(99999) }}", 1, "'lipsum' is undefined", ""),
    ('<p>\n<a href="javascript:a()">b</a></p>', 2, "can't run anything: `javascript:a()`", ""),
    ('<img src="https://example.org/a.png">', 1, "would be fetched from elsewhere", "folder"),
    ("x\n<!-- to do -->", 2, "can't hold `<!--`", "{# … #}"),
    ("x\n<!-- to do", 2, "", ""),
    ('x\n<div class="a', 2, "is not closed", ""),
    ("<form></form>", 1, "can't hold `<form>`", ""),
    ("<plaintext>", 1, "can't hold `<plaintext>`", ""),
    ("<p>no title</p>", 1, "the layout has no title", "head(slide)"),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_layout_is_one_error(
    tmp_path: Path, text: str, line: int, message: str, hint: str
) -> None:
    """With the template's file and line: wrong syntax, unknown names, HTML that breaks a page."""
    root = write_own(tmp_path, layout=text)
    with pytest.raises(TalkError) as caught:
        deck_of(root)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.path == root / "templates/layouts/change.html.j2"
    assert caught.value.where.line == line


STYLE_FAULTS = [
    ("a {}\nb { background: url(https://example.org/x.png) }", 2, "`url(https://example.org/x.png"),
    ('b { background: url("https://example.org/x.png") }', 1, "would be fetched from elsewhere"),
    ("b { background: image-set('x.png' 1x) }", 1, "`image-set()`"),
    ('a {}\n\n@import "x.css";', 3, "`@import` can't stand here"),
    ("@media print {\n  a { b: url(//x) }\n}", 2, "fetched from elsewhere"),
    ("a { b { c: url(x.png) } }", 1, "fetched from elsewhere"),
    ("a {}\nb { color: red;", 2, "a rule is not closed"),
    ("a {}\n/* b", 1, "a rule is not closed"),
    ("a { color: 'red\n }", 1, "no CSS"),
    ("a {}\n}", 2, "no CSS"),
    ("@media all {" * 999 + "}" * 999, 1, "brackets in brackets"),
    ("a { b: " + "(" * 999 + ")" * 999 + " }", 1, "brackets in brackets"),
    ("a { color red; }", 1, "no CSS"),
]


@pytest.mark.parametrize(
    ("text", "line", "message"), STYLE_FAULTS, ids=[fault[0][:40] for fault in STYLE_FAULTS]
)
def test_broken_styles_are_one_error(tmp_path: Path, text: str, line: int, message: str) -> None:
    """What would break the deck's own rules, or fetch something, is refused with its line."""
    root = write_own(tmp_path, styles=text)
    with pytest.raises(TalkError) as caught:
        own_styles(root)
    assert message in caught.value.message
    assert caught.value.where is not None
    assert (caught.value.where.path.name, caught.value.where.line) == ("talk.css", line)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/* nothing */",
        "a { b: url(data:image/png;base64,AA==) } a::after { content: '}' }",
        "@media (max-width: 435px) { .x { color: var(--accent); mask: url(#m) } }",
        "@keyframes x { from { opacity: 0 } to { opacity: 1 } }",
    ],
)
def test_styles_of_the_talk_are_taken_as_they_are(tmp_path: Path, text: str) -> None:
    """Empty ones, media queries, animations, pictures inside."""
    assert own_styles(write_own(tmp_path, styles=text)) == text


LIST_FAULTS = [
    ('[layouts.chnge]\nabout = "x"', "layouts.toml", 1, "the layout `chnge` has no template"),
    (f'{LISTED}\nneed = ["x"]', "layouts.toml", 5, "unknown key `need`"),
    ("", "change.html.j2", None, "is not in the talk's templates/layouts.toml"),
]


@pytest.mark.parametrize(("listed", "name", "line", "message"), LIST_FAULTS)
def test_a_list_that_does_not_fit_its_templates(
    tmp_path: Path, listed: str, name: str, line: int | None, message: str
) -> None:
    """Each layout has both: what it consists of, and a template."""
    with pytest.raises(TalkError) as caught:
        load_layouts(write_own(tmp_path, listed=listed))
    assert message in caught.value.message
    assert caught.value.where is not None
    assert (caught.value.where.path.name, caught.value.where.line) == (name, line)


def test_a_layout_that_makes_too_much_is_refused(tmp_path: Path) -> None:
    """Before the memory is full."""
    text = "{% for n in range(9999) %}{{ 'x' * 9999 }}{% endfor %}"
    with pytest.raises(TalkError, match="more than 1,000,000 signs"):
        deck_of(write_own(tmp_path, layout=text))


def test_a_layout_that_is_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    """The sandbox ends at the talk's folder."""
    root = write_own(tmp_path / "talk")
    layout = root / "templates/layouts/change.html.j2"
    layout.rename(tmp_path / "elsewhere.j2")
    layout.symlink_to(tmp_path / "elsewhere.j2")
    with pytest.raises(TalkError, match="lies outside the talk"):
        deck_of(root)


def test_this_repository_has_no_layouts_of_its_own() -> None:
    """Its templates are ours: a talk beside the code sees each layout once."""
    assert load_layouts(ROOT) == load_layouts()
    assert own_styles(ROOT) == ""


def test_another_checkouts_templates_are_no_talks_own(tmp_path: Path) -> None:
    """`--talk` of one: its generator's layouts are not taken for layouts over ours."""
    (tmp_path / "templates").mkdir()
    for name in ("layouts.toml", "scripts.json"):
        shutil.copy(ROOT / "templates" / name, tmp_path / "templates" / name)
    assert load_layouts(tmp_path) == load_layouts()
