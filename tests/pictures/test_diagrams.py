"""Diagrams: the run's numbers in the boxes, links that lead somewhere, errors with their lines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.hostile import HOSTILE, hostile_results
from support.made_up import made_up_results

from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.pictures.diagrams.layout import PAD_X
from pipeline.pictures.picture import Picture
from pipeline.pictures.theme import REGULAR, STRONG, text_width
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
    return draw_diagrams(folder, Numbers(results), slides)["small"]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    return draw_diagrams(FOLDER, Numbers(made_up_results()), SLIDES)


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def group(picture: Picture, node: str) -> ElementTree.Element:
    return next(g for g in parsed(picture).iter(f"{SVG}g") if g.get("data-node") == node)


def words(element: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def size(picture: Picture) -> tuple[float, float]:
    box = [float(n) for n in parsed(picture).get("viewBox", "").split()]
    return box[2], box[3]


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
    for picture in draw_diagrams(FOLDER, Numbers(results), SLIDES).values():
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
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", edge[0].get("d", ""))]
            for name, x, y in zip(
                edge.get("data-edge", "").split(),
                (numbers[0], numbers[-2]),
                (numbers[1], numbers[-1]),
                strict=True,
            ):
                rect = places[name]
                assert rect is not None
                left, top, width, height = (
                    float(rect.get(k, "")) for k in ("x", "y", "width", "height")
                )
                assert left - 8 < x < left + width + 8, (picture.name, edge.get("data-edge"))
                assert top - 8 < y < top + height + 8, (picture.name, edge.get("data-edge"))


def test_drawing_twice_gives_the_same_bytes(drawn: dict[str, Picture]) -> None:
    assert draw_diagrams(FOLDER, Numbers(made_up_results()), SLIDES) == drawn


def test_diagrams_can_stand_in_one_page(drawn: dict[str, Picture]) -> None:
    """Ids are unique over all of them, nothing runs or loads, every colour is the theme's."""
    ids = [e.get("id") for p in drawn.values() for e in parsed(p).iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for picture in drawn.values():
        root = parsed(picture)
        tags = {e.tag.removeprefix(SVG) for e in root.iter()}
        assert tags <= {"svg", "title", "desc", "g", "a", "rect", "path", "text", "tspan"}
        assert root.get("width") is None
        for element in root.iter():
            assert "#" not in re.sub(r"var\(--\w+, #\w{6}\)", "", element.get("style", ""))
            assert not any(key.startswith("on") for key in element.attrib)


@pytest.mark.parametrize("text", [t for t in HOSTILE if t.strip()])
def test_hostile_data_is_text(tmp_path: Path, text: str) -> None:
    """A data set's name full of markup, controls or emoji is shown, wrapped and cut."""
    from dataclasses import replace

    results = made_up_results()
    results = replace(results, data=replace(results.data, name=text))
    picture = draw(tmp_path, SMALL.replace('"One"', '"{{ data.name }}"'), results)
    assert "<script" not in picture.svg
    assert not re.search("[\u202a-\u202e\x00-\x08]", picture.svg)
    assert size(picture)[0] < 400


def test_a_kept_drawing_needs_no_graphviz(tmp_path: Path, drawn: dict[str, Picture]) -> None:
    """The second time neither Graphviz nor a font is loaded."""
    draw_diagrams(FOLDER, Numbers(made_up_results()), SLIDES, tmp_path)
    code = (
        "import sys, pathlib; sys.path[:0] = ['tests'];"
        "from support.made_up import made_up_results; from pipeline.numbers.fill import Numbers;"
        "from pipeline.pictures.diagrams.draw import draw_diagrams;"
        "made = draw_diagrams(pathlib.Path('deck/diagrams'), Numbers(made_up_results()),"
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
    first = draw_diagrams(tmp_path, Numbers(None), [], cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    assert draw_diagrams(tmp_path, Numbers(None), [], cache) == first


def test_a_talk_without_diagrams_has_none(tmp_path: Path) -> None:
    assert draw_diagrams(tmp_path / "diagrams", Numbers(None), []) == {}


def test_an_arrow_may_carry_a_label_and_dashes(tmp_path: Path) -> None:
    """The label stands in the picture, within its sheet, and in the table."""
    picture = draw(tmp_path, SMALL + 'label = "after each epoch"\ndashed = true\n')
    assert "after each epoch" in words(parsed(picture))
    assert "stroke-dasharray" in picture.svg
    assert picture.rows[1] == ("One", "", "Two (after each epoch)")
    width = size(picture)[0]
    assert width >= text_width("after each epoch", 24)


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
            "see deck/diagrams/README.md",
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
        draw_diagrams(tmp_path, Numbers(None), [])


def test_a_diagram_without_boxes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TalkError, match="the diagram has no nodes"):
        draw(tmp_path, 'title = "Empty"\ndesc = "Nothing."\nnodes = []\n')
