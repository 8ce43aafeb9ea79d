"""Slides are parsed as written, their steps numbered, and every fault is said with its line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.made_up import evaluation, made_up, made_up_results, verdict
from support.needs import ROOT

from pipeline.measured import Measured
from pipeline.numbers.fill import Numbers
from pipeline.problems import TalkError
from pipeline.results import Results, Score
from pipeline.slides.layouts import load_layouts
from pipeline.slides.media import FILES
from pipeline.slides.slide import Slide, SlidePart, read_slides

LAYOUTS = load_layouts()
NUMBERS = Numbers(made_up())

MYTH = """\
---
layout: myth
title: Fine-tuning adds knowledge
kicker: Myth 1 of 5
drawing: dog
---
::: reality step
### It teaches behaviour, not facts
Tone, format, patterns.
:::
::: instead step
Retrieve them
:::
"""


def load(tmp_path: Path, *texts: str) -> tuple[Slide, ...]:
    for number, text in enumerate(texts, 1):
        (tmp_path / f"{number:02}-slide-{number}.md").write_text(text, encoding="utf-8")
    return read_slides(tmp_path, LAYOUTS, NUMBERS).shown


def one(tmp_path: Path, text: str) -> Slide:
    return load(tmp_path, text)[0]


def listed(body: str, layout: str = "list", part: str = "items each") -> str:
    return f"---\nlayout: {layout}\ntitle: A list\n---\n::: {part}\n{body}\n:::\n"


def steps_of(part: SlidePart) -> list[tuple[str, int]]:
    """Tag and step of each element of a part that appears on a step."""
    tokens = part.content.tokens
    return [(token.tag, token.meta["step"]) for token in tokens if "step" in token.meta]


def test_a_slide_has_fields_parts_and_steps(tmp_path: Path) -> None:
    """Front matter becomes fields, named parts keep their lines, `step` parts are numbered."""
    slide = one(tmp_path, MYTH)
    assert (slide.number, slide.name, slide.layout) == (1, "slide-1", "myth")
    assert slide.title_text == "Fine-tuning adds knowledge"
    assert slide.fields["kicker"].text == "Myth 1 of 5"
    assert [(p.name, p.step, p.steps, p.source.line) for p in slide.parts] == [
        ("reality", 0, 1, 7),
        ("instead", 1, 1, 11),
    ]
    assert slide.steps == 2
    assert slide.shows == {"dog"}
    assert "<h2>It teaches behaviour, not facts</h2>" in slide.parts[0].content.html()
    assert slide.words == 3 + 4 + 5 + 3 + 2


def test_each_item_is_a_step(tmp_path: Path) -> None:
    """`each` makes a step of every top-level item, counting on from the parts before it."""
    slide = one(tmp_path, listed("- One\n- Two\n  - inner\n- Three"))
    assert slide.steps == 3
    assert steps_of(slide.parts[0]) == [("li", 0), ("li", 1), ("li", 2)]
    assert len(slide.parts[0].items) == 3


def test_each_row_and_each_card_is_a_step(tmp_path: Path) -> None:
    """Rows of a table's body and cards of a glossary are steps; a table's heading is none."""
    table = listed("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", "table", "rows each")
    terms = listed("### One\nFirst.\n\n### Two\nSecond.", "glossary", "terms each")
    first, second = load(tmp_path, table, terms)
    assert (first.steps, second.steps) == (2, 2)
    assert first.words == 2, "a table's words don't count, only the title's"
    assert second.words == 2, "a glossary's words don't count"
    assert steps_of(first.parts[0]) == [("tr", 0), ("tr", 1)]
    assert steps_of(second.parts[0]) == [("div", 0), ("div", 1)]
    assert second.parts[0].content.html().count('<div class="card"') == 2


def test_values_are_bound_and_open_their_run(tmp_path: Path) -> None:
    """A placeholder becomes a measured number, in titles and in parts, with its facts kept."""
    slide = one(
        tmp_path,
        listed("- F1 **{{ finetuned.f1 | num }}**").replace(
            "A list", "{{ data.messages | count }} texts"
        ),
    )
    assert slide.title_text == "5,574 texts"
    assert 'data-at="finetuned.f1">0.95</data></strong>' in slide.parts[0].content.html()
    assert {mark.at for mark in slide.marks} == {"data.messages", "finetuned.f1"}
    mark = next(mark for mark in slide.marks if mark.at == "finetuned.f1")
    assert mark.low is not None
    assert mark.low < 0.95 < (mark.high or 0)


def test_a_jinja_loop_writes_rows(tmp_path: Path) -> None:
    """Loops and conditions over the results work inside one part."""
    body = (
        "| text | verdict |\n|---|---|\n{% for e in examples if not e.finetuned.correct -%}\n"
        "| {{ e.text }} | {{ e.finetuned.confidence | pct }} |\n{% endfor %}"
    )
    slide = one(tmp_path, listed(body, "table", "rows each"))
    wrong = [e for e in made_up_results().examples if not e.finetuned.correct]
    assert slide.steps == len(wrong)


def test_pictures_and_links_are_collected(tmp_path: Path) -> None:
    """Pictures by field or by ![](kind:name), and links to other slides, are known by name."""
    text = (
        "---\nlayout: figure\ntitle: Two\n---\n::: left\n![](figure:loss)\n:::\n"
        "::: right step\n![](diagram:loop)\n:::\n::: point\n[there](#/slide-1)\n:::\n"
    )
    slide = one(tmp_path, text)
    assert [(use.kind, use.name, use.source.line) for use in slide.pictures] == [
        ("figure", "loss", 6),
        ("diagram", "loop", 9),
    ]
    assert slide.parts[0].content.pictures == ("loss",)
    assert [link.target for link in slide.links] == ["slide-1"]


def test_a_link_opens_a_picture(tmp_path: Path) -> None:
    """[words](figure:name) leads to the picture's own file; the slide shows it by both names."""
    text = listed("- One\n- Two").replace("A list", "A list\nsource: See [the loss](figure:loss)")
    slide = one(tmp_path, text)
    (use,) = slide.pictures
    assert (use.name, use.opened) == ("loss", "the loss")
    assert slide.shows == {"loss", "the-loss"}
    assert (
        '<a href="figures/loss.svg" target="_blank" rel="noopener">the loss</a>'
        in slide.fields["source"].content.html()
    )


def test_a_bar_is_as_long_as_its_share(tmp_path: Path) -> None:
    """[…]{.bar} takes its length from the measured share in it."""
    slide = one(tmp_path, listed("- [ham {{ finetuned.recall | pct }}]{.bar .negative}"))
    assert 'style="--share:0.9333"' in slide.parts[0].content.html()


def test_what_pages_need_is_said_by_the_tokens(tmp_path: Path) -> None:
    """A cell knows its heading, an item its bold lead, a paragraph that it is a picture."""
    table = "|  | {{ finetuned.f1 | num }} |\n|---|---|\n| a | b |\n"
    listing = "- **Lead** and the\n  rest\n- **Lead**\n- plain\n\n![](drawing:dog)\n"
    first, second = load(tmp_path, listed(table, "table", "rows"), listed(listing))
    tokens = first.parts[0].content.tokens
    assert [token.meta["label"] for token in tokens if token.type == "td_open"] == ["", "0.95"]
    assert ["empty" in token.meta for token in tokens if token.type == "th_open"] == [True, False]
    tokens = second.parts[0].content.tokens
    inlines = [token for token in tokens if token.type == "inline"]
    kinds = [[child.type for child in inline.children or ()] for inline in inlines[:2]]
    assert kinds[0][-5:] == ["rest_open", "text", "softbreak", "text", "rest_close"]
    assert "rest_open" not in kinds[1]
    assert inlines[3].meta == {"picture": True}


def list_html(tmp_path: Path, body: str) -> str:
    (part,) = one(tmp_path, f"---\nlayout: text\ntitle: T\n---\n{body}\n").parts
    return part.content.html().replace("\n", "")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Lead** and more", "</strong> <span>and more"),
        ("**Lead**: more", "</strong><span>: more"),
        ("**Lead**'s end", "</strong><span>'s end"),
        ("**水温**，越好", "</strong><span>，越好"),
        ("**水温**很好", "</strong><span>很好"),
        ("**Lead**\n  more", "</strong> <span>more"),
    ],
)
def test_bold_words_and_the_rest_stand_as_they_were_written(
    tmp_path: Path, written: str, shown: str
) -> None:
    """A space or a new line between them is a space, nothing is nothing, in any language."""
    assert shown in list_html(tmp_path, f"- {written}").replace("’", "'")


def test_lists_are_what_markdown_says(tmp_path: Path) -> None:
    """Bullets stay bullets inside numbered rows, and numbers go on from where they begin."""
    assert list_html(tmp_path, "3. a\n   - b\n     1. c\n4. d") == (
        '<ol start="3" style="--before:2"><li><div>a<ul><li>b<ol><li>c</li></ol></li></ul></div>'
        "</li><li>d</li></ol>"
    )


def test_what_follows_bold_words_is_one_element(tmp_path: Path) -> None:
    """A layout sets it beside them, nested lists too; a space parts them when they are read."""
    assert list_html(tmp_path, "- **A** b\n- **C** d\n  - **e** f\n- g") == (
        "<ul><li><strong>A</strong> <span>b</span></li><li><strong>C</strong> <div>d<ul><li>"
        "<strong>e</strong> <span>f</span></li></ul></div></li><li>g</li></ul>"
    )
    assert list_html(tmp_path, "- **A**\n  b\n\n  c") == (
        "<ul><li><strong>A</strong> <div>b<p>c</p></div></li></ul>"
    )
    assert one(tmp_path, listed("- **A** b")).parts[0].text == "A b"
    assert list_html(tmp_path, "- **A**: b") == (
        "<ul><li><strong>A</strong><span>: b</span></li></ul>"
    )


def test_what_html_is_read(tmp_path: Path) -> None:
    """Breaks, keys, marks, high and low letters are elements; a name that is none stays text."""
    text = "one<br>two <kbd>Ctrl</kbd>+<kbd>**C**</kbd> H<sub>2</sub>O <file> Vec<String> a < b"
    assert list_html(tmp_path, text) == (
        "<p>one<br />two <kbd>Ctrl</kbd>+<kbd><strong>C</strong></kbd> H<sub>2</sub>O &lt;file&gt; "
        "Vec&lt;String&gt; a &lt; b</p>"
    )
    assert list_html(tmp_path, "`<b>` and \\<b> &lt;b&gt; ==marked== a == b") == (
        "<p><code>&lt;b&gt;</code> and &lt;b&gt; &lt;b&gt; <mark>marked</mark> a == b</p>"
    )
    assert one(tmp_path, listed("- One").replace("A list", "A<br>list")).title_text == "A list"


def test_tasks_have_boxes(tmp_path: Path) -> None:
    """`[ ]` and `[x]` are boxes that are read aloud, in front of bold words too."""
    box = '<span class="box" role="img" aria-label="to do"></span>'
    done = '<span class="box done" role="img" aria-label="done"></span>'
    assert list_html(tmp_path, "- [ ] a\n- [x] **b** c\n- [y] d") == (
        f'<ul><li class="task">{box}<span>a</span></li><li class="task"><strong>{done}b</strong> '
        "<span>c</span></li><li>[y] d</li></ul>"
    )


def test_footnotes_are_numbered_as_a_slide_refers_to_them(tmp_path: Path) -> None:
    """From any field or part to lines anywhere below; they count as no words and hold values."""
    slide = one(
        tmp_path,
        "---\nlayout: text\ntitle: A claim[^b]\n---\nTwo[^a] more[^b]\n\n[^a]: Some *year*\n\n"
        "[^b]: {{ data.messages | count }} texts,\n   of [one](https://example.org)\n",
    )
    reference = '<sup class="reference">{}</sup>'
    assert slide.title.html() == f"A claim{reference.format(1)}"
    assert slide.title_text == "A claim"
    assert reference.format(2) in slide.parts[0].content.html()
    notes = [(note.number, note.content.html(), note.source.line) for note in slide.footnotes]
    assert [(number, line) for number, _, line in notes] == [(1, 9), (2, 7)]
    assert notes[1][1] == "Some <em>year</em>"
    assert 'data-at="data.messages">5,574</data> texts, of <a href="https://' in notes[0][1]
    assert [mark.at for mark in slide.marks] == ["data.messages"]
    assert slide.words == 4


def test_a_slide_shown_again_has_the_footnotes_that_its_words_ask_for(tmp_path: Path) -> None:
    """Its own title takes the place of the other's, with what that referred to."""
    first = "---\nlayout: text\ntitle: A[^a]\n---\nB[^b]\n\n[^a]: One\n\n[^b]: Two\n"
    _, again = load(tmp_path, first, "---\nsame: slide-1\ntitle: Again\n---\n")
    assert [note.content.html() for note in again.footnotes] == ["Two"]


def test_terms_have_definitions(tmp_path: Path) -> None:
    """A line that begins with a colon says what the line above it means."""
    assert list_html(tmp_path, "Term\n: What *it* is") == (
        "<dl><dt>Term</dt><dd>What <em>it</em> is</dd></dl>"
    )


def test_each_term_is_a_step(tmp_path: Path) -> None:
    """A term comes with what it means."""
    slide = one(tmp_path, listed("A\n: one\n: two\n\nB\n: three", "text", "left each"))
    assert slide.steps == 2
    assert steps_of(slide.parts[0]) == [("dt", 0), ("dd", 0), ("dd", 0), ("dt", 1), ("dd", 1)]


def test_hyphens_and_spaces_that_show_nothing_survive(tmp_path: Path) -> None:
    """Soft hyphens, non-breaking hyphens and spaces reach the page; a soft one parts long words."""
    assert list_html(tmp_path, "Donau&shy;dampf\u00adschiff 8&nbsp;MB e\u2011mail") == (
        "<p>Donau\u00addampf\u00adschiff 8\u00a0MB e\u2011mail</p>"
    )
    word = "&shy;".join(["Donaudampfschiff"] * 5)
    table = "| a | b |\n|---|---|\n" + f"| {word} | b |"
    assert one(tmp_path, listed(table, "table", "rows"))


def test_steps_of_a_picture_come_last(tmp_path: Path) -> None:
    """The diagram's own steps are counted after those of the parts; nobody types how many."""
    folder = tmp_path / "deck" / "slides"
    folder.mkdir(parents=True)
    text = "---\nlayout: framework\ntitle: T\ndiagram: d\n---\n::: point step\nSo.\n:::\n"
    assert (one(folder, text).steps, one(folder, text).picture_steps) == (1, 0)
    (folder.parent / "diagrams").mkdir()
    (folder.parent / "diagrams" / "d.toml").write_text("[[nodes]]\nstep = 2\n[[edges]]\nstep = 3\n")
    assert (one(folder, text).steps, one(folder, text).picture_steps) == (4, 3)
    (folder.parent / "diagrams" / "d.toml").unlink()
    (folder.parent / "diagrams" / "d.dot").write_text("digraph { a [step=2]; a -> b /* step=9 */ }")
    assert (one(folder, text).steps, one(folder, text).picture_steps) == (3, 2)


def fault(tmp_path: Path, *texts: str) -> str:
    with pytest.raises(TalkError) as caught:
        load(tmp_path, *texts)
    error = caught.value
    where = f"{error.where.path.name}:{error.where.line}" if error.where else ""
    return f"{where}: {error.message} | {error.hint}"


def myth(old: str, new: str) -> str:
    assert old in MYTH
    return MYTH.replace(old, new)


FIELD = "---\nlayout: picture\ntitle: T\n{}: a.jpg\n---\n"
FAULTS = [
    (
        myth("layout: myth", "layout: mytth"),
        "01-slide-1.md:2: unknown layout `mytth` | did you mean `myth`?",
    ),
    (
        FIELD.format("image"),
        "01-slide-1.md:4: unknown field `image` in the layout `picture` | did you mean `picture`?",
    ),
    (
        FIELD.format("img"),
        "01-slide-1.md:4: unknown field `img` in the layout `picture` | did you mean `picture`?",
    ),
    (
        FIELD.format("figure"),
        "01-slide-1.md:4: unknown field `figure` in the layout `picture` | in this layout it "
        "stands in a part: `![](figure:a.jpg)`",
    ),
    (
        myth("drawing: dog", "drawin: dog"),
        "01-slide-1.md:5: unknown field `drawin` in the layout `myth` | did you mean `drawing`?",
    ),
    (
        myth("::: reality", "::: realty"),
        "01-slide-1.md:7: unknown part `realty` in the layout `myth` | did you mean `reality`?",
    ),
    (
        MYTH.rpartition("::: instead")[0],
        "01-slide-1.md:1: the layout `myth` needs the part `instead` | add `::: instead`",
    ),
    (
        myth("Tone, format, patterns.\n:::", "Tone, format, patterns."),
        "01-slide-1.md:7: the part `reality` is not closed | end it with a line `:::`",
    ),
    (
        MYTH.rstrip().removesuffix(":::"),
        "01-slide-1.md:11: the part `instead` is not closed | end it with a line `:::`",
    ),
    (MYTH + ":::\n", "01-slide-1.md:14: `:::` closes nothing | open a part with ::: NAME"),
    (
        myth("reality step", "reality stpe"),
        "01-slide-1.md:7: unknown option `stpe` of a part | `step` or `each`",
    ),
    (
        myth("reality step", "reality each"),
        "01-slide-1.md:7: the part `reality` can't be shown item by item | `each` goes with: "
        "no part of this layout",
    ),
    (
        myth("### It teaches behaviour, not facts\nTone, format, patterns.", ""),
        "01-slide-1.md:7: the part `reality` is empty | fill it or drop it",
    ),
    (
        MYTH + "::: reality\nAgain\n:::\n",
        "01-slide-1.md:14: the part `reality` stands twice | join them",
    ),
    (
        myth("title: Fine-tuning adds knowledge\n", ""),
        "01-slide-1.md:1: the layout `myth` needs the field `title` | add `title: …`",
    ),
    (myth("layout: myth\n", ""), "01-slide-1.md:1: the slide names no layout | add `layout: NAME`"),
    (
        "# Just text\n",
        "01-slide-1.md:1: the slide has no front matter | a slide begins with `---`, lines "
        "`key: value`, and `---`",
    ),
    (
        "---\nlayout: myth\n",
        "01-slide-1.md:1: the front matter is not closed | a slide begins with `---`, lines "
        "`key: value`, and `---`",
    ),
    (
        myth("kicker: Myth 1 of 5", "Myth 1 of 5"),
        "01-slide-1.md:4: no `key: value`: Myth 1 of 5 | a slide begins with `---`, lines "
        "`key: value`, and `---`",
    ),
    (
        myth("kicker: Myth 1 of 5", "kicker:"),
        "01-slide-1.md:4: `kicker` is empty | give it a value or drop the line",
    ),
    (
        myth("kicker: Myth 1 of 5", "title: Again"),
        "01-slide-1.md:4: `title` stands twice | keep one of them",
    ),
    (
        myth("Tone, format", "[Tone](#/slide-2), format"),
        "01-slide-1.md:9: a link leads to `#/slide-2`, and no slide has that name | did you mean "
        "`slide-1`?",
    ),
    (
        myth("Tone, format", "[Tone](javascript:x)[Tone](tone.html), format"),
        "01-slide-1.md:9: `tone.html` is no link for a slide | `#/slide-name`, https://…, "
        "mailto:…, or a file of the talk: " + ", ".join(FILES),
    ),
    (
        myth("Tone, format", "[Tone](#slide-1), format"),
        "01-slide-1.md:9: `#slide-1` is no link for a slide | `#/slide-1` is a slide's address",
    ),
    (
        listed("| a | b |\n|---|---|\n| 1 | 2 |\n| `ls | wc` | 3 |", "table", "rows"),
        "01-slide-1.md:9: a row with 3 cells in a table of 2 columns | a bar in a cell is written "
        "\\|, in code too",
    ),
    (
        listed("| a | b |\n|---|---|\n| 1 |", "table", "rows"),
        "01-slide-1.md:8: a row with one cell in a table of 2 columns | end it with |",
    ),
    (
        myth("Tone, format", "Tone,\n<span style='color:red'>format</span>"),
        "01-slide-1.md:10: `<span style='color:red'>` is HTML, which a slide doesn't take | "
        "write [words]{.class}; to show a tag, put it between backticks",
    ),
    (
        myth("Tone, format", "<kbd>Tone, format"),
        "01-slide-1.md:9: `<kbd>` is HTML, which a slide doesn't take | <br>, <kbd>, <mark>, "
        "<sub>, <sup> are read; to show a tag, put it between backticks",
    ),
    (
        myth("### It teaches", "### Teaching {#sec-intro .big}\n\nIt teaches"),
        "01-slide-1.md:8: `{#` begins a comment that never ends | a comment is {# … #}; a class is "
        "{.big}, and an id can't be given",
    ),
    (
        myth("Tone, format", "Tone[^1], format"),
        "01-slide-1.md:9: there is no footnote `[^1]` | add a line [^1]: …",
    ),
    (
        myth("Tone, format", "Tone[^a note], format"),
        "01-slide-1.md:9: `[^a note]` is no footnote | write [^name] here, and [^name]: with its "
        "text on a line of its own",
    ),
    (
        myth("Tone, format", "Tone^[a note], format"),
        "01-slide-1.md:9: `^[a note]` is no footnote | write [^name] here, and [^name]: with its "
        "text on a line of its own",
    ),
    (
        MYTH + "\n[^one]: Somebody\n",
        "01-slide-1.md:15: nothing refers to the footnote `[^one]` | write [^one] where it "
        "belongs, or take it out",
    ),
    (MYTH + "\n[^1]:\n", "01-slide-1.md:15: the footnote `[^1]` has no text | write it"),
    (
        MYTH + "\n[^1]: One\n[^1]: Two\n",
        "01-slide-1.md:16: the footnote `[^1]` stands twice | name one anew",
    ),
    (
        myth("Tone, format", "![](dog.png)"),
        "01-slide-1.md:9: there is no file `dog.png` | looked beside the slide, in deck/ and in "
        "the talk's folder",
    ),
    (
        myth("Tone, format", "[Tone]{.postive}, format"),
        "01-slide-1.md:9: unknown class `.postive` | did you mean `positive`?",
    ),
    (
        myth("Tone, format", "[Tone]{.bar}, format"),
        "01-slide-1.md:9: a bar without a share of 1 in it | [{{ … | pct }}]{.bar}",
    ),
    (
        myth("Tone, format", "{{ finetuned.f2 | num }}"),
        "01-slide-1.md:9: finetuned has no `f2` | did you mean `f1`?",
    ),
    (
        listed("Nothing to count"),
        "01-slide-1.md:6: `each` finds nothing to show one by one | write a list, cards or a table",
    ),
    (
        listed("- One").replace("title: A list", "title: A list\nlook: row"),
        "01-slide-1.md:4: `look` can't be `row` | did you mean `rows`?",
    ),
    (
        listed("- One") + "Loose text\n",
        "01-slide-1.md:8: text outside a part, and the layout `list` has no place for it | put it "
        "into ::: items, ::: left, ::: right, ::: point",
    ),
    (
        "---\nlayout: framework\ntitle: T\ndiagram: d\nsteps: 4\n---\n",
        "01-slide-1.md:5: unknown field `steps` in the layout `framework` | known: `backup`, "
        "`diagram`, `figures`, `hidden`, `kicker`, `layout`, `mark`, `same`, `source`, `time`, "
        "`title`",
    ),
    (
        listed(
            "| " + " | ".join(["Donaudampfschifffahrt"] * 5) + " |\n|---|---|---|---|---|\n",
            "table",
            "rows",
        ),
        "01-slide-1.md:6: the table is too wide: its 5 columns need 115 characters side by side, "
        "and 84 fit | fewer columns, or shorter words in them",
    ),
    (
        myth("Myth 1 of 5", "![](drawing:dog)"),
        "01-slide-1.md:4: a picture can't stand here | put it into a part",
    ),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[m.split(" | ")[0] for _, m in FAULTS])
def test_a_fault_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """Each rejected slide names file, line, fault and what to do."""
    assert fault(tmp_path, text) == message


def test_a_part_that_can_be_one_of_several_is_asked_for(tmp_path: Path) -> None:
    """A text needs a body or a column, a list its items or a column."""
    empty = "---\nlayout: text\ntitle: T\n---\n::: point\nP\n:::\n"
    assert fault(tmp_path, empty) == (
        "01-slide-1.md:1: the layout `text` needs `body` or `left` or `right` | write what it shows"
    )
    assert one(tmp_path, empty + "Words").part("body")


FILES = [
    (
        ["1st.md"],
        "1st.md:None: `1st.md` is no name for a slide | small letters, digits and hyphens: "
        "01-st.md",
    ),
    (
        ["02-Größe_x.md"],
        "02-Größe_x.md:None: `02-Größe_x.md` is no name for a slide | small letters, digits and "
        "hyphens: 02-groe-x.md",
    ),
    (
        ["02-a.MD"],
        "02-a.MD:None: `02-a.MD` is no name for a slide | small letters, digits and hyphens: "
        "02-a.md",
    ),
    (
        ["intro.markdown"],
        "intro.markdown:None: `intro.markdown` is no name for a slide: it has no number | begin "
        "with its place: NN-intro.md",
    ),
    *(
        (
            ["01-a.md", f"01-a{copy}.md"],
            f"01-a{copy}.md:None: `01-a{copy}.md` is no name for a slide: it looks like a copy | "
            "compare it with 01-a.md, and keep one",
        )
        for copy in (" copy", " (copy)", " (1)", " Kopie 2", ".sync-conflict-20251102")
    ),
    (
        ["01-a.md", "1-b.md"],
        "1-b.md:None: two slides have the number 1: 01-a.md and 1-b.md | "
        "`python build.py move b --after a` gives it a number of its own",
    ),
    (
        ["01-a.md", "02-a.md"],
        "02-a.md:None: two slides have the name `a`: 01-a.md and 02-a.md | "
        "links need one name each",
    ),
    (["00-a.md"], "00-a.md:None: `00-a.md`: slides are numbered from 1 | 01-…"),
]


@pytest.mark.parametrize(("names", "message"), FILES, ids=[m for _, m in FILES])
def test_files_are_numbered_and_named(tmp_path: Path, names: list[str], message: str) -> None:
    """Slides are NN-short-name.md, numbered from 1, each number and each name once."""
    for name in names:
        (tmp_path / name).write_text(MYTH, encoding="utf-8")
    assert fault(tmp_path) == message


def test_what_an_editor_leaves_is_no_slide(tmp_path: Path) -> None:
    """Hidden files, backups, pictures and a README beside the slides are nobody's."""
    for name in (".#01-a.md", ".02-b.md", "02-b.md~", "#02-b.md#", "02-b.md.orig", "a.png"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / ".#03-c.md").symlink_to("user@host.1234:1700000000")
    assert len(load(tmp_path, MYTH)) == 1


def test_a_folder_without_slides_is_said(tmp_path: Path) -> None:
    """A README beside the slides is none."""
    (tmp_path / "README.md").write_text("# How to", encoding="utf-8")
    assert "there are no slides | the first is 01-title.md" in fault(tmp_path)


PLAIN = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="{}#%|\\"), min_size=1
)


@given(st.lists(PLAIN.filter(lambda line: not line.startswith(":::") and line.strip()), min_size=1))
def test_any_plain_text_parses_and_never_becomes_an_element(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """Whatever a writer types in a part, no tag that isn't Markdown's own comes out of it."""
    folder = tmp_path_factory.mktemp("any")
    text = listed("\n".join("- <x> " + line for line in lines), part="items")
    try:
        slide = one(folder, text)
    except TalkError:
        return  # links, pictures and classes that aren't known are said
    assert "<x>" not in slide.parts[0].content.html()


def test_the_talks_own_slides_keep_the_rules() -> None:
    """22 slides, at most forty words each outside tables and glossary, steps as the script says."""
    slides = read_slides(ROOT / "deck/slides", LAYOUTS, NUMBERS).shown
    assert len(slides) == 22
    assert {slide.number: slide.words for slide in slides if slide.words > 40} == {}
    steps = [0, 0, 2, 2, 2, 2, 2, 2, 4, 4, 0, 0, 2, 3, 1, 5, 5, 0, 0, 5, 0, 0]
    assert [slide.steps for slide in slides] == steps


def outcome(name: str) -> Results:
    """A run that ended otherwise than the made-up one."""
    made = made_up_results()
    won = dataclasses.replace(made.finetuned, f1=Score(0.999, 0.998, 1.0))
    lost = dataclasses.replace(made.finetuned, f1=Score(0.5, 0.4, 0.6))
    silent = evaluation("Says ham", 0, 0, 483, 75, 655.0)
    right = tuple(replace(e, finetuned=verdict(e.expected, 0.9, e.expected)) for e in made.examples)
    knows = tuple(replace(n, correct=True) for n in made.next_tokens)
    return {
        "won": replace(made, finetuned=won),
        "lost": replace(made, finetuned=lost),
        "no alarms": replace(made, finetuned=silent, untrained=silent, linear=silent),
        "all right": replace(made, examples=right, next_tokens=knows),
    }[name]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("won", "It learned, and beat the 0.5 s rival"),
        ("lost", "It learned. The 0.5 s rival did better"),
        ("no alarms", "Training did not help. The 11 min rival got 0.00"),
        ("all right", "It learned. So did the 0.5 s rival"),
    ],
)
def test_the_words_follow_the_outcome(name: str, words: str) -> None:
    """Whichever way the run went, the slides build and say so."""
    slides = read_slides(ROOT / "deck/slides", LAYOUTS, Numbers(Measured(outcome(name)))).shown
    demo = next(slide for slide in slides if slide.name == "demo")
    assert demo.title_text == words
    after = demo.part("after")
    assert after
    assert ("none" in after.text) == (name == "no alarms")


def test_every_layout_is_documented() -> None:
    """docs/slides.md shows each layout, each part and each class that there is."""
    text = (ROOT / "docs/slides.md").read_text("utf-8")
    for layout in LAYOUTS.values():
        assert f"### {layout.name}" in text
        for part in (*layout.needs, *layout.may):
            assert f"::: {part}" in text or part == "body", (layout.name, part)
        for name in (*layout.fields, *layout.needs_fields):
            assert f"`{name}" in text or f"\n{name}:" in text, (layout.name, name)
    for name in LAYOUTS["list"].classes:
        assert f"`.{name}`" in text


def test_signs_that_are_marks_are_none_where_they_are_written_by_number(tmp_path: Path) -> None:
    """They were taken for a value's place, or a style's, and the build ended with a traceback."""
    slide = one(tmp_path, listed("- a &#xE000;9&#57345;\n- b &#xE000;p9&#xE001; `&#xE000;`"))
    (part,) = slide.parts
    shown = part.content.html()
    assert "a \ufffd9\ufffd" in shown
    assert "b \ufffdp9\ufffd <code>&amp;#xE000;</code>" in shown
