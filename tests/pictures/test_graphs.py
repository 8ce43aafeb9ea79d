"""Diagrams in DOT: Graphviz's layout, the deck's look, and every slip with its line."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.made_up import made_up_results
from support.published import small_talk
from support.second_talk import write_second_talk

from pipeline.dot_file import attributes, line_of_name, steps_of
from pipeline.measured import Measured
from pipeline.numbers.fill import Numbers
from pipeline.pages.speaker import write_speaker_pages
from pipeline.pictures.diagrams import engine
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.pictures.diagrams.graph import graph_texts
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import text_width
from pipeline.problems import TalkError
from pipeline.results import Results

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"
SIZE = 24

LOOP = """\
// asked until it fits
digraph {
  title="Retry"; desc="A request is sent again until it is accepted."
  rankdir=LR
  ask [label="Ask the model" class=data]
  check [label="Check the answer\\nby the rules" class=accent URL="#/demo"]
  done [shape=ellipse class=good step=1]
  ask -> check [label="with three examples"]
  check -> done [label="if it is accepted"]
  check -> ask [label="otherwise, at most twice" style=dashed]
}
"""
HEAD = 'title="T"; desc="D";'
GRAPHS = [  # and how many labels
    (LOOP, 3),
    (LOOP.replace("rankdir=LR", "rankdir=TB"), 3),
    (f"digraph {{ {HEAD} a -> b -> c; c -> a [label=back]; b -> a [label=again]; c -> b }}", 2),
    (
        f"digraph {{ {HEAD} a -> b [label=one]; a -> b [label=two]; b -> a [label=three]; a -> a}}",
        3,
    ),
    (
        f"digraph {{ {HEAD} rankdir=LR; subgraph cluster_x {{ label=Inside; a; b }} a -> b -> c }}",
        0,
    ),
    (
        f"graph {{ {HEAD} layout=neato; a -- b -- c -- a [label=joined]; c -- d; d [shape=oval] }}",
        3,
    ),
    (f"graph {{ {HEAD} layout=circo; a -- b -- c -- d -- e -- a [label=next] }}", 5),
    (
        f"digraph {{ {HEAD} splines=ortho; a -> b -> c -> d; d -> a; c -> a; {{rank=same; c; e}}}}",
        0,
    ),
    (
        f"digraph {{ {HEAD} a [shape=diamond]; a -> b [label=yes]; a -> c [label=no]; b -> a}}",
        2,
    ),
]


def draw(
    folder: Path, text: str, results: Results | None = None, cache: Path | None = None
) -> Picture:
    (folder / "small.dot").write_text(text, encoding="utf-8")
    return draw_diagrams(folder, Numbers(Measured(results)), ["demo", "end"], cache)["small"]


def fault(folder: Path, text: str) -> str:
    """What is wrong with a diagram: its line, what it is, and the hint."""
    with pytest.raises(TalkError) as caught:
        draw(folder, text)
    where = caught.value.where
    return f"{where.line if where else None}: {caught.value.message} | {caught.value.hint}"


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def of(picture: Picture, kind: str, name: str) -> list[ElementTree.Element]:
    return [g for g in parsed(picture).iter(f"{SVG}g") if g.get(f"data-{kind}") == name]


def words(element: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def spans(group: ElementTree.Element) -> list[tuple[float, ...]]:
    """What a group's outlines and labels cover: left, top, right, bottom."""
    found = []
    for shape in group.iter():
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", shape.get("points") or "")]
        if shape.tag == f"{SVG}rect":
            x, y, w, h = (float(shape.get(k, "")) for k in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
        elif shape.tag == f"{SVG}ellipse":
            x, y, rx, ry = (float(shape.get(k, "")) for k in ("cx", "cy", "rx", "ry"))
            found.append((x - rx, y - ry, x + rx, y + ry))
        elif numbers:
            found.append(
                (min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))
            )
    return found


def label_spans(picture: Picture) -> list[tuple[float, ...]]:
    found = []
    for text in parsed(picture).findall(f".//*[@data-edge]/{SVG}text"):
        half = text_width("".join(text.itertext()), SIZE) / 2
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        found.append((x - half, y - 0.7 * SIZE, x + half, y + 0.15 * SIZE))
    return found


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]


@pytest.mark.parametrize(("text", "count"), GRAPHS)
def test_boxes_and_labels_lie_on_nothing(tmp_path: Path, text: str, count: int) -> None:
    """Nor outside of the sheet; ways there and back are arrows of their own."""
    picture = draw(tmp_path, text)
    nodes = [g for g in parsed(picture).iter(f"{SVG}g") if g.get("data-node")]
    boxes, labels = [spans(g)[0] for g in nodes], label_spans(picture)
    assert len(labels) == count
    for one, other in combinations([*boxes, *labels], 2):
        assert apart(one, other)
    left, top, width, height = map(float, parsed(picture).get("viewBox", "").split())
    for span in (*boxes, *labels):
        assert left <= span[0] + 0.5 <= span[2] <= left + width + 0.5
        assert top <= span[1] + 0.5 <= span[3] <= top + height + 0.5
    paths = [p.get("d") for p in parsed(picture).iter(f"{SVG}path") if p.get("d")]
    assert len(paths) == len(set(paths))


def test_texts_fit_into_their_boxes(tmp_path: Path) -> None:
    """In the deck's own letters; a long one is wrapped, none is cut."""
    long = "a note that is so long that it has to be wrapped over several lines"
    picture = draw(tmp_path, f'digraph {{ {HEAD} a [label="{long}"]; b [shape=diamond] }}')
    (box,) = of(picture, "node", "a")
    assert " ".join(words(box)) == long
    left, _, right, _ = spans(box)[0]
    assert max(text_width(line, SIZE, 700) for line in words(box)) <= right - left - 20


def test_a_class_is_the_decks_look_in_both_themes(tmp_path: Path) -> None:
    """Every colour is a variable of the theme; nothing of Graphviz's own is left."""
    picture = draw(tmp_path, LOOP)
    (accent,), (good,) = of(picture, "node", "check"), of(picture, "node", "done")
    assert "fill: var(--accent" in ElementTree.tostring(accent, encoding="unicode")
    assert "stroke: var(--reality" in ElementTree.tostring(good, encoding="unicode")
    bare = re.sub(r"var\(--\w+, #\w{6}\)", "", picture.svg)
    assert not re.search(r"#[0-9a-f]{6}|Times|black|white", bare)
    (dashed,) = of(picture, "edge", "check ask")
    assert "stroke-dasharray" in ElementTree.tostring(dashed, encoding="unicode")
    assert "Manrope" in picture.svg


def test_steps_links_and_text_for_readers(tmp_path: Path) -> None:
    """An arrow comes with the later of its boxes; a link names its slide; a table says it all."""
    picture = draw(tmp_path, LOOP)
    assert of(picture, "node", "done")[0].get("class") == "node good step-1"
    assert of(picture, "edge", "check done")[0].get("class") == "edge step-1"
    (link,) = parsed(picture).iter(f"{SVG}a")
    assert link.attrib == {
        "href": "#/demo",
        "aria-label": "Check the answer by the rules: to the slide demo",
    }
    assert (picture.title, picture.desc) == (
        "Retry",
        "A request is sent again until it is accepted.",
    )
    assert picture.rows[0] == ("Box", "Leads to")
    assert picture.rows[2] == (
        "Check the answer by the rules",
        "done (if it is accepted), Ask the model (otherwise, at most twice)",
    )
    assert parsed(picture).get("role") == "group"


def test_values_of_the_run_stand_in_labels(tmp_path: Path) -> None:
    """In boxes and on arrows, with their place in the results."""
    results = made_up_results()
    text = (
        f'digraph {{ {HEAD} a [label="Data\\n{{{{ data.messages | count }}}} messages"]; '
        'a -> b [label="F1 {{ finetuned.f1 | num }}"] }'
    )
    picture = draw(tmp_path, text, results)
    assert words(of(picture, "node", "a")[0])[1] == f"{results.data.messages:,} messages"
    assert 'data-at="data.messages"' in picture.svg
    assert 'data-at="finetuned.f1"' in picture.svg
    assert "{{" not in picture.svg + str(picture.rows)


def test_graphviz_own_escapes_are_read(tmp_path: Path) -> None:
    """A name in a label, entities, new lines, an empty box, arrows to a cluster."""
    text = (
        f'digraph {{ {HEAD} compound=true; a [label="\\N &amp; <co>\\lx\\\\y"]; b [label=""]; '
        'subgraph cluster_in { label="In \\G"; c } a -> b; a -> c [lhead=cluster_in] }'
    )
    picture = draw(tmp_path, text)
    assert words(of(picture, "node", "a")[0]) == ["a & <co>", "x\\y"]
    assert words(of(picture, "node", "b")[0]) == []
    assert "In small" in words(parsed(picture))
    (frame,) = (g for g in parsed(picture).iter(f"{SVG}g") if g.get("class") == "frame")
    line = of(picture, "edge", "a c")[0].find(f"{SVG}path")
    assert line is not None
    ends = [float(n) for n in re.findall(r"-?[\d.]+", line.get("d", ""))][1::2]
    assert max(ends) <= spans(frame)[0][1] + 1  # it stops at the frame


def test_subgraphs_are_frames_and_never_boxes(tmp_path: Path) -> None:
    """One inside another, one without anything in it, one without a frame."""
    text = (
        f"digraph {{ {HEAD} subgraph cluster_a {{ label=A; subgraph cluster_b {{ label=B x }} y }}"
        "{rank=same; z; y} subgraph cluster_none {} w -> {q r} }"
    )
    picture = draw(tmp_path, text)
    assert [row[0] for row in picture.rows[1:]] == ["x", "y", "z", "w", "q", "r"]
    frames = [g for g in parsed(picture).iter(f"{SVG}g") if g.get("class") == "frame"]
    assert [words(frame) for frame in frames] == [["A"], ["B"]]
    (outer,), (inner,) = (spans(frame) for frame in frames)
    assert outer[0] < inner[0] < inner[2] < outer[2]


def test_a_text_that_no_box_holds_is_refused(tmp_path: Path) -> None:
    """Rather than cut."""
    text = f'digraph {{ {HEAD} a [label="{"many words " * 40}"] }}'
    assert "this text is too long for a box: many words" in fault(tmp_path, text)


def test_the_same_graph_gives_the_same_bytes_and_is_kept(tmp_path: Path) -> None:
    """The second time Graphviz isn't loaded, though a value in it is filled anew."""
    text = LOOP.replace("three", "{{ data.messages | count }}")
    cache, folder = tmp_path / "cache", tmp_path / "diagrams"
    folder.mkdir()
    first = draw(folder, text, made_up_results(), cache)
    assert draw(folder, text, made_up_results()) == first
    code = (
        "import sys, pathlib; sys.path[:0] = ['tests'];"
        "from support.made_up import made_up; from pipeline.numbers.fill import Numbers;"
        "from pipeline.pictures.diagrams.draw import draw_diagrams;"
        f"made = draw_diagrams(pathlib.Path({str(folder)!r}), Numbers(made_up()),"
        f" ['demo', 'end'], pathlib.Path({str(cache)!r}));"
        "print(len(made), {'wasmtime', 'fontTools'} & set(sys.modules) or 'none')"
    )
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["1", "none"]


# What is put for what into LOOP, and the message.
SLIPS = [
    ('Retry"', "Retry", '3: a text without its closing quote | close it: "'),
    ("ask -> check", "ask -- check", "8: `--` in a digraph | arrows of a digraph are `->`"),
    ("class=data]", "class=data", "6: Graphviz can't read this | see docs/diagrams.md"),
    ("class=data", "class=dada", "5: unknown class `dada` of node `ask` | did you mean `data`?"),
    ("class=data", "color=red", "5: `color=red` of node `ask`: a colour by hand | colours are"),
    (
        "class=data",
        'color=red fillcolor="#eee"',
        "5: `color=red` of node `ask`: a colour by hand (and 1 more) | colours are",
    ),
    ("class=data", "lable=x", "5: unknown attribute `lable` of node `ask` | did you mean `label`?"),
    ("class=data", "shape=record", "5: unknown shape `record` of node `ask` | draw a node for"),
    ("class=data", 'image="/etc/passwd"', "5: `image` of node `ask` can't be | a diagram has no"),
    ("class=data", "step=x", "5: `step` of node `ask` is no number: `x` | step=1"),
    ("style=dashed", "style=dased", "10: unknown style `dased` of the arrow from `check` to `ask`"),
    ("#/demo", "#/dmeo", "6: there is no slide `dmeo` | did you mean `demo`?"),
    ("#/demo", "https://x.org", "6: node `check` links to `https://x.org` | a diagram links to"),
    ("#/demo", "javascript:alert(1)", "6: node `check` links to `javascript:alert(1)` | a diagram"),
    ('"Ask the model"', "<<b>Ask</b>>", "5: an HTML-like text of node `ask` | write it as a text"),
    ("rankdir=LR", 'stylesheet="x.css"', "4: `stylesheet` of the graph can't be | a diagram has"),
    ("rankdir=LR", 'rankdir="]; x"', "4: `rankdir` of the graph can't be `]; x` | see"),
    ("Ask the model", "{{ data.nothing }}", "5: no such value"),
]
WRONG = [
    (
        "digraph {\n a -> b\n}",
        "1: the diagram has no title and no text for those who don't see it | "
        'add title="…" and desc="…" to the graph',
    ),
    ('digraph {\n desc="T"\n a\n}', '1: the diagram has no title | add title="…" to the graph'),
    ('digraph {\n label="T"\n a\n}', "1: the diagram has no text for those who don't see it | add"),
    ("digraph { title=T; desc=D }", "1: the diagram has no nodes | name some: a -> b"),
    ("", "1: this is no DOT | a diagram begins with `digraph {`"),
    (
        f"digraph {{ {HEAD} {' -> '.join(f'n{i}' for i in range(161))} }}",
        "None: the diagram has 161 nodes, more than 150 | a room reads",
    ),
    ("digraph {//" + "x" * 100_000, "None: the diagram has more than 100,000 signs |"),
    *((LOOP.replace(old, new), message) for old, new, message in SLIPS),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_a_slip_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong and what to do; nothing of it reaches a page."""
    assert fault(tmp_path, text).startswith(message)


@pytest.mark.parametrize("line", [3, 60, 1500, 2998])
def test_the_line_of_a_fault_is_found_in_a_long_file(tmp_path: Path, line: int) -> None:
    """By halving, not by reading it as often as it has lines."""
    lines = ["digraph {", HEAD, *(f"n{at % 9} -> n{at % 7};" for at in range(3000)), "}"]
    lines[line - 1] = "n1 ] n2;"
    assert fault(tmp_path, "\n".join(lines)).startswith(f"{line}: Graphviz can't read this")


@pytest.mark.parametrize("sign", ["/*", '\\"', '"\\', "<", "{", "a="])
def test_a_file_full_of_open_signs_is_refused_at_once(tmp_path: Path, sign: str) -> None:
    """In a time that grows with its length alone."""
    text = f"digraph {{ {HEAD} a\n{sign * 20_000}"
    assert steps_of(text) == 0
    assert " | " in fault(tmp_path, text)


def test_a_label_on_something_is_refused(tmp_path: Path) -> None:
    """Where Graphviz makes no room, the speaker is told."""
    text = f'graph {{ {HEAD} layout=neato; a -- b [label="a rather long label of it", len=0.1] }}'
    assert "a label of this diagram lies on something" in fault(tmp_path, text)


def test_graphviz_is_ended_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error with the file; the next diagram is drawn."""
    knot = ";".join(f"n{a}->n{b} [minlen={1 + (a * b) % 7}]" for a in range(40) for b in range(a))
    with pytest.raises(TalkError, match=r"x\.dot: Graphviz took more than 0\.2 seconds"):
        engine.rendered(f"digraph {{ {knot} }}", engine_source(tmp_path), "", limit_s=0.2)
    assert draw(tmp_path, LOOP).name == "small"


def engine_source(folder: Path) -> engine.Source:
    return engine.Source(folder / "x.dot")


def test_two_diagrams_of_one_name_are_refused(tmp_path: Path) -> None:
    """One in TOML and one in DOT: a slide could show only one."""
    toml = 'title = "T"\ndesc = "D"\n[[nodes]]\nid = "a"\nlabel = "A"\n'
    (tmp_path / "small.toml").write_text(toml, "utf-8")
    assert "two diagrams are called `small`" in fault(tmp_path, LOOP)


def test_a_file_is_read_without_graphviz_for_its_texts_and_steps(tmp_path: Path) -> None:
    """Comments are nobody's; a text's line is its own."""
    text = (
        'digraph {\n/* label="no"\n step=9 */\n# step=8\na [label="x // y\\"", step=3] // step=7\n}'
    )
    assert [(a.key, a.value, a.line) for a in attributes(text)] == [
        ("label", 'x // y"', 5),
        ("step", "3", 5),
    ]
    assert steps_of(text) == 3
    assert line_of_name(text, "a") == 5
    path = tmp_path / "t.dot"
    path.write_text(LOOP, "utf-8")
    found = [(key, said, where.line) for key, said, where in graph_texts(path)]
    assert ("label", "Check the answer by the rules", 6) in found
    assert ("title", "Retry", 3) in found


@pytest.mark.browser
def test_a_step_of_the_diagram_is_a_step_of_its_slide(tmp_path: Path, browser: Any) -> None:
    """Its boxes and arrows come with one advance, together; the ones before stay."""
    root = write_second_talk(tmp_path / "talk")
    slide = "---\nlayout: framework\ntitle: Again\ndiagram: loop\n---\n"
    (root / "deck" / "slides" / "02-steps.md").write_text(slide, "utf-8")
    (root / "deck" / "diagrams").mkdir()
    (root / "deck" / "diagrams" / "loop.dot").write_text(LOOP.replace("demo", "bye"), "utf-8")
    write_speaker_pages(small_talk(root), tmp_path / "speaker", tmp_path / "cache")
    page = browser.new_page()
    page.goto(f"{(tmp_path / 'speaker' / 'index.html').as_uri()}#/steps")
    page.wait_for_selector("#steps .fragment", state="attached")
    shown = "() => [...document.querySelectorAll('#steps .fragment.visible')].map(e => e.dataset)"
    assert page.evaluate(shown) == []
    page.keyboard.press("ArrowRight")
    found = {one.get("node") or one["edge"] for one in page.evaluate(shown)}
    assert found == {"done", "check done"}
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => Reveal.getCurrentSlide().id") == "bye"
    page.close()
