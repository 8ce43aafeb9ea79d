"""Diagrams: the run's numbers in the boxes, links that lead somewhere, errors with their lines."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.hostile import HOSTILE, hostile_results
from support.made_up import made_up, made_up_results

from pipeline.locale import locale_of
from pipeline.measured import NOTHING, Measured
from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.dot import PAD_X
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import REGULAR, STRONG
from pipeline.problems import TalkError
from pipeline.results import Results

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deck" / "diagrams"
SLIDES = [re.sub(r"^\d+-", "", path.stem) for path in (ROOT / "deck" / "slides").glob("[0-9]*.md")]
SVG = "{http://www.w3.org/2000/svg}"

SMALL = """\
title = "Two boxes"
desc = "One leads to the other."

[[nodes]]
id = "one"
label = "One"

[[nodes]]
id = "two"
label = "Two"

[[edges]]
start = "one"
end = "two"
"""


def draw(folder: Path, text: str, results: Results | None = None, **options: object) -> Picture:
    (folder / "small.toml").write_text(text, encoding="utf-8")
    slides = options.get("slides", ["demo", "myth-rag"])
    return draw_diagrams(folder, Numbers(Measured(results)), slides)["small"]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    return draw_diagrams(FOLDER, Numbers(made_up()), SLIDES)


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def group(picture: Picture, node: str) -> ElementTree.Element:
    return next(g for g in parsed(picture).iter(f"{SVG}g") if g.get("data-node") == node)


def words(element: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def size(picture: Picture) -> tuple[float, float]:
    box = [float(n) for n in parsed(picture).get("viewBox", "").split()]
    return box[2], box[3]


def points(shape: ElementTree.Element) -> list[tuple[float, float]]:
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", shape.get("d") or shape.get("points", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def distance(rect: ElementTree.Element, spots: list[tuple[float, float]]) -> float:
    """From the nearest of some points to a box; 0 inside."""
    x, y, w, h = (float(rect.get(k, "")) for k in ("x", "y", "width", "height"))
    return min(
        math.hypot(max(x - px, 0, px - x - w), max(y - py, 0, py - y - h)) for px, py in spots
    )


def test_the_pipeline_shows_ten_steps_with_the_runs_numbers(drawn: dict[str, Picture]) -> None:
    """Numbered one to ten, in a chain, each with what this run measured; the rival included."""
    picture = drawn["pipeline"]
    labels = [row[0] for row in picture.rows[1:]]
    assert [label.split()[0] for label in labels] == [str(n) for n in range(1, 11)]
    for row, following in zip(picture.rows[1:], picture.rows[2:], strict=False):
        assert row[2] == following[0]
    assert words(group(picture, "raw")) == ["1 Raw data", "5,574 messages"]
    assert words(group(picture, "split"))[1] == "4,459 · 557 · 558"
    assert words(group(picture, "load"))[1] == "135 million weights"
    assert words(group(picture, "baselines"))[1] == "linear: F1 0.97 in 0.5 s"
    assert words(group(picture, "finetune"))[1] == "3 epochs, batches of 16"
    assert words(group(picture, "test"))[1] == "F1 0.95 (0.92–0.98)"


def test_a_number_in_a_box_knows_its_place_in_the_results(drawn: dict[str, Picture]) -> None:
    """As in the slides: the measured part is marked, the words around it aren't."""
    marked = group(drawn["pipeline"], "raw").find(f".//{SVG}tspan")
    assert marked is not None
    assert (marked.get("data-at"), marked.text, marked.tail) == (
        "data.messages",
        "5,574",
        " messages",
    )


def test_the_training_loop_is_a_loop(drawn: dict[str, Picture]) -> None:
    """From the model through loss, gradients and optimizer back to the model."""
    leads = {row[0]: row[2] for row in drawn["training-loop"].rows[1:]}
    path = ["Model"]
    while len(path) < 7 and leads[path[-1]].split(", ")[0] != "Model":
        path.append(leads[path[-1]].split(", ")[0])
    assert path == ["Model", "Predictions", "Loss", "Gradients", "Optimizer", "New weights"]
    assert leads["New weights"] == "Model, Validation set"
    assert leads["Validation set"] == "Keep the best"


def test_each_branch_of_the_decision_is_one_step(drawn: dict[str, Picture]) -> None:
    """Four steps: symptom, remedy and the arrows to both; the question is there from the start."""
    groups = list(parsed(drawn["decision"]).iter(f"{SVG}g"))
    for step in range(1, 5):
        branch = [g for g in groups if f"step-{step}" in g.get("class", "").split()]
        assert sorted(g.get("class", "").split()[0] for g in branch) == ["edge"] * 2 + ["node"] * 2
    assert "step" not in group(drawn["decision"], "question").get("class", "")


def test_remedies_are_links_that_a_keyboard_reaches(drawn: dict[str, Picture]) -> None:
    """Real <a href>s in the order of the branches, named by their text and target."""
    links = list(parsed(drawn["decision"]).iter(f"{SVG}a"))
    assert len(links) == 4
    for link in links:
        target = link.get("href", "").removeprefix("#/")
        assert target in SLIDES
        assert link.get("aria-label") == f"{' '.join(words(link))}: to the slide {target}"
    # The children of an image can't be reached: a picture with links is a group.
    assert parsed(drawn["decision"]).get("role") == "group"
    assert parsed(drawn["pipeline"]).get("role") == "img"


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [("pipeline", 660, 480), ("training-loop", 440, 480), ("decision", 1136, 450)],
)
def test_text_keeps_its_size_at_its_place(
    drawn: dict[str, Picture], name: str, width: int, height: int
) -> None:
    """Scaled into its place on the slide, no text gets smaller than 24 px."""
    own = size(drawn[name])
    scale = min(width / own[0], height / own[1])
    sizes = [float(s) for s in re.findall(r"font-size: ([\d.]+)px", drawn[name].svg)]
    assert min(sizes) * min(scale, 1) >= 23.9


@pytest.mark.parametrize("results", [made_up_results(), hostile_results()])
def test_texts_stay_inside_their_boxes(results: Results) -> None:
    """By the widths of the deck's own letters, in each diagram, long words included."""
    for picture in draw_diagrams(FOLDER, Numbers(Measured(results)), SLIDES).values():
        width, height = size(picture)
        assert width < 1150
        assert height < 700
        for node in parsed(picture).iter(f"{SVG}g"):
            rect = node.find(f".//{SVG}rect")
            if rect is None:
                continue
            right = float(rect.get("x", "")) + float(rect.get("width", ""))
            top, bottom = (
                float(rect.get("y", "")),
                float(rect.get("y", "")) + float(rect.get("height", "")),
            )
            for text in node.iter(f"{SVG}text"):
                weight = STRONG if "font-weight: 700" in text.get("style", "") else REGULAR
                px = float(re.search(r"font-size: ([\d.]+)px", text.get("style", ""))[1])  # type: ignore[index]
                end = float(text.get("x", "")) + text_width("".join(text.itertext()), px, weight)
                assert end <= right - PAD_X + 0.5
                assert top + 0.7 * px < float(text.get("y", "")) < bottom - 0.25 * px


def test_boxes_do_not_touch(drawn: dict[str, Picture]) -> None:
    """There is room for an arrow between any two of them."""
    for picture in drawn.values():
        rects = [
            tuple(float(r.get(k, "")) for k in ("x", "y", "width", "height"))
            for r in parsed(picture).iter(f"{SVG}rect")
        ]
        for at, (x, y, w, h) in enumerate(rects):
            for ox, oy, ow, oh in rects[at + 1 :]:
                apart = max(ox - x - w, x - ox - ow, oy - y - h, y - oy - oh)
                assert apart > 20, picture.name


def test_arrows_end_at_the_boxes_that_they_join(drawn: dict[str, Picture]) -> None:
    """From the edge of the first to the edge of the second, whatever way Graphviz ran."""
    for picture in drawn.values():
        places = {
            g.get("data-node"): g.find(f".//{SVG}rect")
            for g in parsed(picture).iter(f"{SVG}g")
            if g.get("data-node")
        }
        for edge in parsed(picture).iter(f"{SVG}g"):
            if not edge.get("data-edge"):
                continue
            head = edge.find(f"{SVG}polygon")
            assert head is not None
            start, end = (places[name] for name in edge.get("data-edge", "").split())
            assert start is not None
            assert end is not None
            tip = points(head)[:1]
            assert distance(end, tip) < 8 < 10 < distance(start, tip)
            line = [point for shape in edge if shape is not head for point in points(shape)]
            assert distance(start, line) < 8, (picture.name, edge.get("data-edge"))


def test_drawing_twice_gives_the_same_bytes(drawn: dict[str, Picture]) -> None:
    assert draw_diagrams(FOLDER, Numbers(made_up()), SLIDES) == drawn


def test_diagrams_can_stand_in_one_page(drawn: dict[str, Picture]) -> None:
    """Ids are unique over all of them, nothing runs or loads, every colour is the theme's."""
    ids = [e.get("id") for p in drawn.values() for e in parsed(p).iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for picture in drawn.values():
        root = parsed(picture)
        tags = {e.tag.removeprefix(SVG) for e in root.iter()}
        shapes = {"rect", "path", "polyline", "polygon"}
        assert tags <= {"svg", "title", "desc", "g", "a", "text", "tspan"} | shapes
        assert root.get("width") is None
        for element in root.iter():
            assert "#" not in re.sub(r"var\(--\w+, #\w{6}\)", "", element.get("style", ""))
            assert not any(key.startswith("on") for key in element.attrib)


@pytest.mark.parametrize("text", [t for t in HOSTILE if t.strip()])
def test_hostile_data_is_text(tmp_path: Path, text: str) -> None:
    """A data set's name full of markup, controls or emoji is shown, wrapped and cut."""
    from msgspec.structs import replace

    results = made_up_results()
    results = replace(results, data=replace(results.data, name=text))
    picture = draw(tmp_path, SMALL.replace('"One"', '"{{ data.name }}"'), results)
    assert "<script" not in picture.svg
    assert not re.search("[\u202a-\u202e\x00-\x08]", picture.svg)
    assert size(picture)[0] < 400


def test_a_kept_drawing_needs_no_graphviz(tmp_path: Path, drawn: dict[str, Picture]) -> None:
    """The second time neither Graphviz nor a font is loaded."""
    draw_diagrams(FOLDER, Numbers(made_up()), SLIDES, tmp_path)
    code = (
        "import sys, pathlib; sys.path[:0] = ['tests'];"
        "from support.made_up import made_up; from pipeline.numbers.fill import Numbers;"
        "from pipeline.pictures.diagrams.draw import draw_diagrams;"
        "made = draw_diagrams(pathlib.Path('deck/diagrams'), Numbers(made_up()),"
        f" {SLIDES!r}, pathlib.Path({str(tmp_path)!r}));"
        "heavy = {'wasmtime', 'graphviz', 'fontTools', 'matplotlib'} & set(sys.modules);"
        "print(len(made), heavy or 'none')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [str(len(drawn)), "none"]


def test_a_broken_kept_drawing_is_drawn_again(tmp_path: Path) -> None:
    """Half a file in the cache is no drawing."""
    cache = tmp_path / "cache"
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    first = draw_diagrams(tmp_path, Numbers(NOTHING), [], cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    assert draw_diagrams(tmp_path, Numbers(NOTHING), [], cache) == first


def test_a_diagram_says_its_own_words_in_the_language_of_the_talk(tmp_path: Path) -> None:
    """The heads of its table and the names of its links; what is kept of another language waits."""
    linked = SMALL.replace('label = "One"', 'label = "One"\nlink = "demo"')
    (tmp_path / "small.toml").write_text(linked, encoding="utf-8")
    for tag, heads, link in (
        ("de", ("Kasten", "Genaueres", "Führt zu"), "One: zur Folie demo"),
        ("en", ("Box", "Detail", "Leads to"), "One: to the slide demo"),
    ):
        numbers = Numbers(NOTHING, locale_of(tag))
        picture = draw_diagrams(tmp_path, numbers, ["demo"], tmp_path / "cache")["small"]
        assert picture.rows[0] == heads
        assert f'aria-label="{link}"' in picture.svg


def test_hebrew_letters_are_not_as_wide_as_chinese_ones(tmp_path: Path) -> None:
    """The face has neither: two short words stay on one line in a box that suits them."""
    said = {"hebrew": "הקבצים שלכם", "chinese": "文件文件文件文件文件文"}
    boxes = {}
    for name, label in said.items():
        picture = draw(tmp_path, SMALL.replace('label = "One"', f'label = "{label}"'))
        boxes[name] = group(picture, "one").find(f".//{SVG}rect")
    assert words(group(draw(tmp_path, SMALL.replace("One", said["hebrew"])), "one")) == [
        said["hebrew"]
    ]
    wide = {name: float(box.get("width", "")) for name, box in boxes.items() if box is not None}
    assert wide["hebrew"] < 0.8 * wide["chinese"]


def test_a_talk_without_diagrams_has_none(tmp_path: Path) -> None:
    assert draw_diagrams(tmp_path / "diagrams", Numbers(NOTHING), []) == {}


def test_an_arrow_may_carry_a_label_and_dashes(tmp_path: Path) -> None:
    """The label stands in the picture, within its sheet, and in the table."""
    picture = draw(tmp_path, SMALL + 'label = "after each epoch"\ndashed = true\n')
    assert "after each epoch" in words(parsed(picture))
    assert "stroke-dasharray" in picture.svg
    assert picture.rows[1] == ("One", "", "Two (after each epoch)")
    width = size(picture)[0]
    assert width >= text_width("after each epoch", 24)


LOOP = """\
title = "Retry"
desc = "A request is sent again until it is accepted."
direction = "right"
ranks = [["ask"], ["check"], ["done"]]
nodes = [
  {id = "ask", label = "Ask the model"},
  {id = "check", label = "Check the answer"},
  {id = "done", label = "Done"},
]
edges = [
  {start = "ask", end = "check", label = "with three examples"},
  {start = "check", end = "done", label = "if it is accepted"},
  {start = "check", end = "ask", label = "otherwise, at most twice", dashed = true},
]
"""


@pytest.mark.parametrize("direction", ["right", "down"])
def test_labels_stand_on_nothing(tmp_path: Path, direction: str) -> None:
    """Neither under a box nor on another label, by the widths of the deck's own letters."""
    picture = draw(tmp_path, LOOP.replace("right", direction))
    rects = [
        tuple(float(r.get(k, "")) for k in ("x", "y", "width", "height"))
        for r in parsed(picture).iter(f"{SVG}rect")
    ]
    for edge in parsed(picture).iter(f"{SVG}g"):
        for text in edge.findall(f"{SVG}text") if edge.get("data-edge") else []:
            wide, x, y = (
                text_width("".join(text.itertext()), 24),
                float(text.get("x", "")),
                float(text.get("y", "")),
            )
            rects.append((x - wide / 2, y - 18, wide, 22))
    assert len(rects) == 6
    for at, (x, y, w, h) in enumerate(rects):
        for ox, oy, ow, oh in rects[at + 1 :]:
            assert max(ox - x - w, x - ox - ow, oy - y - h, y - oy - oh) > 0
    left, top, width, height = (float(n) for n in parsed(picture).get("viewBox", "").split())
    for x, y, w, h in rects:
        assert left <= x + 1
        assert x + w <= left + width + 1
        assert top <= y + 1
        assert y + h <= top + height + 1


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("label", ["", 'label = "why"'])
def test_arrows_both_ways_are_two_arrows(tmp_path: Path, direction: str, label: str) -> None:
    """One there and one back, side by side."""
    back = f'[[edges]]\nstart = "two"\nend = "one"\n{label}\n'
    head = f'direction = "{direction}"\nranks = [["one"], ["two"]]\n'
    picture = draw(tmp_path, f"{head}{SMALL}{label}\n{back}")
    there, back_again = (
        [p for shape in g for p in points(shape)]
        for g in parsed(picture).iter(f"{SVG}g")
        if g.get("data-edge")
    )
    across = 1 if direction == "right" else 0
    middles = [sum(p[across] for p in line) / len(line) for line in (there, back_again)]
    assert abs(middles[0] - middles[1]) > 8


def column(*edges: str, label: str = "") -> str:
    """Four boxes below each other, with these arrows: "ab" leads from a to b."""
    nodes = ", ".join(f'{{id = "{n}", label = "Box {n}"}}' for n in "abcd")
    more = f', label = "{label}"' if label else ""
    joined = ", ".join(f'{{start = "{e[0]}", end = "{e[1]}"{more}}}' for e in edges)
    ranks = 'direction = "down"\nranks = [["a"], ["b"], ["c"], ["d"]]'
    return f'title = "T"\ndesc = "D"\n{ranks}\nnodes = [{nodes}]\nedges = [{joined}]\n'


@pytest.mark.parametrize("label", ["", "again"])
@pytest.mark.parametrize(
    "edges",
    [
        ("ab", "bc", "cd", "da"),
        ("ab", "bc", "cd", "ca", "db"),
        ("ab", "ba", "bc", "cb", "cd", "dc"),
    ],
)
def test_a_way_back_goes_beside_the_column(
    tmp_path: Path, edges: tuple[str, ...], label: str
) -> None:
    """No arrow crosses a box that it doesn't join, and no two lie on each other."""
    picture = draw(tmp_path, column(*edges, label=label))
    boxes = {
        g.get("data-node"): tuple(float(r.get(k, "")) for k in ("x", "y", "width", "height"))
        for g in parsed(picture).iter(f"{SVG}g")
        if (r := g.find(f".//{SVG}rect")) is not None
    }
    lines = {
        str(g.get("data-edge")): [
            p for shape in g if shape.tag != f"{SVG}polygon" for p in points(shape)
        ]
        for g in parsed(picture).iter(f"{SVG}g")
        if g.get("data-edge")
    }
    assert len(lines) == len({tuple(line) for line in lines.values()}) == len(edges)
    for ends, line in lines.items():
        for name, (x, y, w, h) in boxes.items():
            inside = [p for p in line if x < p[0] < x + w and y < p[1] < y + h]
            assert name in ends.split() or not inside, (ends, name)


def test_labels_that_would_cover_each_other_are_refused(tmp_path: Path) -> None:
    """Two arrows inside one rank: Graphviz writes their labels over each other."""
    ranks = 'direction = "right"\nranks = [["one", "two"]]\n'
    label = 'label = "a rather long label"\n'
    back = f'[[edges]]\nstart = "two"\nend = "one"\n{label}'
    with pytest.raises(TalkError) as caught:
        draw(tmp_path, f"{ranks}{SMALL}{label}{back}")
    assert str(caught.value) == (
        f"{tmp_path / 'small.toml'}: the labels of this diagram cover each other"
    )


def test_after_a_crash_of_graphviz_others_are_drawn(tmp_path: Path) -> None:
    """What it can't draw is the speaker's to change; the next diagram doesn't suffer."""
    crashing = """\
        direction = "right"
        ranks = [["b0", "b1", "b2"]]
        title = "t"
        desc = "d"
        nodes = [{id = "b0", label = "0"}, {id = "b1", label = "1"}, {id = "b2", label = "2"}]
        edges = [
            {start = "b1", end = "b2", label = "label label label label label"},
            {start = "b0", end = "b0"},
            {start = "b0", end = "b2"},
            {start = "b1", end = "b1", dashed = true},
            {start = "b0", end = "b1"},
            {start = "b0", end = "b2", label = "label label label label label"},
        ]
    """
    with pytest.raises(TalkError, match="Graphviz can't draw this diagram"):
        draw(tmp_path, crashing)
    assert draw(tmp_path, SMALL).rows[1] == ("One", "", "Two")


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        (
            SMALL.replace('label = "Two"', 'lable = "Two"'),
            10,
            "unknown key `lable` in [[nodes]]",
            "did you mean `label`?",
        ),
        (
            SMALL.replace("desc =", "description ="),
            2,
            "unknown key `description` in the top level",
            "did you mean `direction`?",
        ),
        (
            SMALL.replace('end = "two"', 'end = "tow"'),
            14,
            "there is no node `tow`",
            "did you mean `two`?",
        ),
        (
            SMALL.replace('label = "Two"', 'label = "Two"\nlink = "myth-rga"'),
            11,
            "there is no slide `myth-rga`",
            "did you mean `myth-rag`?",
        ),
        (
            SMALL.replace('label = "Two"', 'label = "Two"\nkind = "modle"'),
            11,
            "unknown kind `modle`",
            "did you mean `model`?",
        ),
        (
            SMALL.replace('label = "Two"\n', ""),
            8,
            "missing key `label` in [[nodes]]",
            "add `label = …`",
        ),
        (
            SMALL.replace('label = "Two"', 'label = "Two"\nstep = "1"'),
            11,
            "Expected `int`, got `str` in nodes.step",
            "see docs/diagrams.md",
        ),
        (
            SMALL.replace('id = "two"', 'id = "one"'),
            9,
            "two nodes have the id `one`",
            "rename one",
        ),
        (
            SMALL.replace('label = "Two"', 'label = " "'),
            10,
            "node `two` has no label",
            "say what it is",
        ),
        (
            'ranks = [["one", "tow"]]\n' + SMALL,
            1,
            "there is no node `tow`",
            "did you mean `two`?",
        ),
        (
            'ranks = [["one"], ["one"]]\n' + SMALL,
            1,
            "node `one` stands in two ranks",
            "take one out",
        ),
        (
            'direction = "donw"\n' + SMALL,
            1,
            "unknown direction `donw`",
            "did you mean `down`?",
        ),
        (
            SMALL.replace('label = "Two"', 'label = "{{ data.mesages | count }}"'),
            10,
            "data has no `mesages`",
            "did you mean `messages`?",
        ),
        (
            SMALL.replace('label = "Two"', "label = Two"),
            10,
            "not valid TOML: Invalid value (at line 10, column 9)",
            "texts need quotes, tables need [brackets]",
        ),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, message: str, hint: str
) -> None:
    """What is wrong, where, and the nearest thing that would be right."""
    with pytest.raises(TalkError) as caught:
        draw(tmp_path, text, made_up_results())
    assert caught.value.message == message
    assert caught.value.hint == hint
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert str(caught.value).startswith(str(caught.value.where))


def test_a_files_name_must_be_fit_for_ids(tmp_path: Path) -> None:
    (tmp_path / "My loop.toml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(TalkError, match="is no name for a diagram"):
        draw_diagrams(tmp_path, Numbers(NOTHING), [])


def test_a_diagram_without_boxes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TalkError, match="the diagram has no nodes"):
        draw(tmp_path, 'title = "Empty"\ndesc = "Nothing."\nnodes = []\n')
