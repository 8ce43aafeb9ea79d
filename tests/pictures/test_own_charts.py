"""The speaker's own charts: drawn in a process of their own, recorded, cleaned, kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.own_charts import LOAD, draw, hash_values, hashed
from support.second_talk import ROOT

from pipeline.measured import Measured, Tree, Value
from pipeline.pictures.own import drawing
from pipeline.pictures.own.values import Branch, Number, Reads, digest_at, tree_of_all
from pipeline.problems import TalkError


def drawing_of(root: Path, body: str) -> str:
    """The SVG that a body of `draw` makes."""
    return draw(root, code_of(body))[0].svg


def code_of(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f'"""A title."""\n\n\ndef draw(chart, values):\n    """What it shows."""\n{lines}'


def failure_of(root: Path, code: str) -> TalkError:
    with pytest.raises(TalkError) as caught:
        draw(root, code)
    return caught.value


def test_draws_in_theme_colours_with_words_and_places(tmp_path: Path) -> None:
    """Text stays text, colours are the theme's, the number that is marked opens its run."""
    picture, answer = draw(tmp_path)
    assert picture.title == "Insertion by load factor"
    assert picture.desc == "An insertion takes longer as the table fills."
    assert 'data-at="hash.rows[2].ns">97 ns</tspan>' in picture.svg
    assert "var(--accent, #2540d8)" in picture.svg
    assert "Manrope'" not in picture.svg
    assert "id=" not in re.sub(r'id="(load-(title|desc)|[mpC]\w+)"', "", picture.svg)
    assert "hash.rows[2].ns" in answer.reads
    assert "hash.keys" not in answer.reads


def test_the_example_of_the_documents_draws(tmp_path: Path) -> None:
    """What docs/slides.md shows is what can be written."""
    text = (ROOT / "docs/slides.md").read_text("utf-8")
    found = re.search(r"```python\n(\"\"\"Insertion.*?)```", text, re.DOTALL)
    assert found
    picture, _ = draw(tmp_path, found[1])
    assert picture.desc == "An insertion takes longer as the table fills."
    assert "97 ns</tspan>" in picture.svg


def test_a_wide_one_is_drawn_for_a_phone_too(tmp_path: Path) -> None:
    """The same words at half the width; a small chart, or one that can't be narrow, has none."""
    picture, _ = draw(tmp_path)
    assert 'viewBox="0 0 1136 460"' in picture.svg
    assert 'viewBox="0 0 540 460"' in picture.narrow
    assert 'data-at="hash.rows[2].ns">97 ns</tspan>' in picture.narrow
    body = "chart.size(540, 300)\nchart.axes.plot([1])"
    assert draw(tmp_path, code_of(body))[0].narrow == ""
    said: list[str] = []
    body = "print(chart.is_narrow)\nchart.axes.plot([1])\nif chart.is_narrow: 1 / 0"
    assert draw(tmp_path, code_of(body), say=said.append)[0].narrow == ""
    assert said == ["  False"]


def test_same_code_and_values_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither the hash seed nor random numbers nor dates change a drawing."""
    body = (
        "import random, numpy\n"
        "chart.axes.scatter([random.random() for _ in 'abc'], numpy.random.rand(3))\n"
        "chart.axes.bar(list({'a', 'b', 'c', 'd'}), 1, hatch='/')"
    )
    assert drawing_of(tmp_path, body) == drawing_of(tmp_path, body)


def test_table_is_of_what_was_read_or_as_given(tmp_path: Path) -> None:
    """Readers get the numbers, with intervals where they are known, or the speaker's own table."""
    rows = draw(tmp_path)[0].rows
    assert rows[0] == ("", "load", "ns")
    assert rows[3] == ("3", "0.9", "97 ns (96 to 99)")
    body = "chart.axes.bar(['a', 'b'], [values.hash.keys, values.hash['std::map'].ns])"
    rows = draw(tmp_path, code_of(body))[0].rows
    assert rows == (("", "keys", "ns"), ("hash", "1000", "–"), ('hash["std::map"]', "–", "310 ns"))
    rows = draw(tmp_path, code_of("chart.axes.bar(['a'], [values.hash.keys])"))[0].rows
    assert rows == (("Value", "Measured"), ("hash.keys", "1000"))
    body = 'r = values.hash.rows\nchart.axes.plot(r.ns)\nchart.table(["ns"], [[n] for n in r.ns])'
    rows = draw(tmp_path, code_of(body))[0].rows
    assert rows == (("ns",), ("20.0",), ("31.5",), ("97",))


def test_several_axes_turned_words_hatches_and_clips_are_kept(tmp_path: Path) -> None:
    """What matplotlib writes beyond lines and texts is drawn as it is."""
    svg = drawing_of(
        tmp_path,
        "left, right = chart.figure.subplots(1, 2)\n"
        'left.bar(["a", "b"], [1, 2], hatch="/")\n'
        'left.tick_params(axis="x", rotation=40)\n'
        "right.plot([0, 10], [0, 10]); right.set(xlim=(0, 5), ylabel='up')",
    )
    assert "<pattern" in svg
    assert "<clipPath" in svg
    assert "rotate(-90 " in svg or "rotate(-90)" in svg
    assert "url(#" in svg


def test_a_picture_of_cells_is_embedded(tmp_path: Path) -> None:
    """imshow is a PNG in the drawing, and nothing is loaded from elsewhere."""
    svg = drawing_of(tmp_path, "chart.axes.imshow([[1, 2], [3, 4]])")
    assert 'href="data:image/png;base64,' in svg
    assert "<rect" not in svg.partition("<clipPath")[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        ("def draw(chart, values):\n    1 / 0\n", "ZeroDivisionError: division by zero", 2),
        ("def draw(chart:\n", "this is no Python", 1),
        ("import sys\nsys.exit(3)\n", r"`draw` ends Python: SystemExit\(3\)", 2),
        ("import os\nprint('so far')\nos._exit(7)\n", "with status 7 before .* drawn: so far", 1),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "by signal 11", 1),
        ("x = 1\n", "has no function `draw`", 1),
        ("def draw(chart):\n    pass\n", "`draw` takes two arguments", 1),
        ("import nowhere_to_be_found\n", "No module named 'nowhere_to_be_found'", 1),
        (code_of("pass"), "the chart is empty", 4),
        (LOAD.replace('"""An ins', '# """An ins'), "no words for who can't see it", 4),
        (code_of("chart.axes.bar(['a'], [float('nan')])"), "one of its values is NaN", 4),
        (code_of("chart.axes.plot([1, 2], [float('nan')] * 2)"), "all are NaN", 4),
        (code_of("chart.axes.plot([1])\nchart.alt = f'{float(\"nan\")} ns'"), "say `nan`", 4),
        (code_of("chart.axes.plot(values.hsh.rows)"), "has no `hsh`", 6),
        (code_of("chart.axes.plot(values.hash.rows.nss)"), r"rows\[0\] has no `nss`", 6),
        (code_of("chart.axes.plot([1], color=chart.colour('acent'))"), "no colour `acent`", 6),
        (code_of("chart.axes.plot([1])\nchart.size(5, 5)"), "100 to 2560 px wide", 7),
        (code_of("chart.read('../secret')"), "outside the talk's folder", 6),
        (code_of("chart.axes.plot([1])\nchart.table(['a'], [[1, 2]])"), "has 2 cells", 7),
    ],
)
def test_each_mistake_is_one_message_with_its_line(
    tmp_path: Path, code: str, said: str, line: int
) -> None:
    """Whatever the speaker's code does: what happened, in which line of which file."""
    error = failure_of(tmp_path, code)
    assert re.search(said, error.message), error.message
    assert error.where
    assert error.where.path.name == "load.py"
    assert error.where.line == line
    assert "\n" not in error.message


def test_nearest_name_is_the_hint(tmp_path: Path) -> None:
    """A name that isn't there is told with the one that was meant."""
    assert failure_of(tmp_path, code_of("values.hash.rws")).hint == "did you mean `rows`?"


def test_a_mistake_in_a_sibling_is_told_there(tmp_path: Path) -> None:
    """The line is that of the file in deck/figures which failed."""
    (tmp_path / "deck" / "figures").mkdir(parents=True)
    (tmp_path / "deck" / "figures" / "helper.py").write_text("def wide():\n    return [][1]\n")
    error = failure_of(tmp_path, "import helper\ndef draw(chart, values):\n    helper.wide()\n")
    assert error.where
    assert (error.where.path.name, error.where.line) == ("helper.py", 2)


@pytest.mark.slow
def test_an_endless_loop_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the limit the process and what it started are gone."""
    monkeypatch.setattr(drawing, "LIMIT_S", 2)
    pid = tmp_path / "pid"
    code = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "while True: pass\n"
    )
    error = failure_of(tmp_path, code)
    assert "still drawing after 2 seconds" in error.message
    state = Path(f"/proc/{pid.read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.slow
def test_what_it_prints_is_shown_and_no_flood(tmp_path: Path) -> None:
    """Printed lines are progress; of millions the first ones are shown, and nothing is kept."""
    said: list[str] = []
    draw(tmp_path, code_of("print('hello')\nchart.axes.plot([1])"), say=said.append)
    assert said == ["  hello"]
    said.clear()
    body = "for _ in range(300): print('x' * 100_000)\nprint('y' * 10**7)\nchart.axes.plot([1])"
    draw(tmp_path, code_of(body), say=said.append)
    assert len(said) == 21
    assert all(len(line) < 210 for line in said)


@pytest.mark.slow
def test_hostile_drawings_never_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that forges its own answer gets no further than any drawing does."""
    forged = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><script>x()</script></svg>"
    code = code_of(f"chart.axes.plot([1])\ntype(chart).svg = lambda self: ({forged!r}, {{}})")
    assert "can't stand in a page" in failure_of(tmp_path, code).message
    _, answer = draw(tmp_path)
    monkeypatch.setattr(drawing, "_run", lambda *_: None)
    for svg, said in (
        ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9' onload='x()'/>", "can't stand"),
        (
            "<!DOCTYPE svg [<!ENTITY a 'aa'>]><svg xmlns='http://www.w3.org/2000/svg'/>",
            "can't stand",
        ),
        (
            "<svg xmlns='http://www.w3.org/2000/svg'><image href='https://a.example/b.png'/></svg>",
            "can't stand",
        ),
        (
            "<svg xmlns='http://www.w3.org/2000/svg'><image href='data:image/svg+xml,x'/></svg>",
            "can't stand",
        ),
        ("<svg", "is no SVG"),
    ):
        other = replace(answer, svg=svg)
        monkeypatch.setattr(drawing, "_answer", lambda *_, other=other: other)
        assert said in failure_of(tmp_path, LOAD).message, svg


@pytest.mark.slow
def test_too_large_a_drawing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page loads it whole; rasterized it fits."""
    monkeypatch.setattr(drawing, "MOST_KB", 100)
    body = "import numpy\nchart.size(500, 300)\n"
    body += "chart.axes.plot(*numpy.random.rand(2, 5000), 'o'{})"
    error = failure_of(tmp_path, code_of(body.format("")))
    assert "MB, 0.1 are the most" in error.message
    assert "rasterized=True" in error.hint
    assert "<image" in draw(tmp_path, code_of(body.format(", rasterized=True")))[0].svg


def test_files_that_it_opens_are_what_it_is_made_from(tmp_path: Path) -> None:
    """Its siblings and data of the talk, however they are read; nothing else of the machine."""
    (tmp_path / "data").mkdir()
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / "data" / name).write_text("1\n", "utf-8")
    folder = tmp_path / "deck" / "figures"
    folder.mkdir(parents=True)
    (folder / "helper.py").write_text("wide = 1\n", "utf-8")
    body = (
        "import helper, numpy, pathlib\n"
        "chart.read('data/a.csv')\n"
        "numpy.loadtxt(chart.path('data/b.csv'))\n"
        "pathlib.Path('data/c.csv').read_text()\n"
        "chart.axes.plot([1])"
    )
    files = {
        Path(file).relative_to(tmp_path).as_posix()
        for file in draw(tmp_path, code_of(body))[1].files
    }
    assert files == {
        "deck/figures/load.py", "deck/figures/helper.py", "data/a.csv", "data/b.csv", "data/c.csv",
    }  # fmt: skip


def test_values_are_numbers_with_all_that_is_known() -> None:
    """A value calculates as a float; its interval, unit and place come with it."""
    reads = Reads()
    values = Branch(tree_of_all(hashed()), "", reads)
    last = values.hash.rows[-1].ns
    assert isinstance(last, Number)
    assert last + 1 == 98
    assert (last.low, last.high, last.unit, last.at) == (96, 99, "ns", "hash.rows[2].ns")
    assert last.error == (1, 2)
    assert values["hash"]["std::map"].ns.at == 'hash["std::map"].ns'
    assert [row.load for row in values.hash.rows[:2]] == [0.1, 0.5]
    assert "nothing" not in values.hash
    assert list(values.hash) == ["rows", "keys", "std::map"]
    assert values.hash.keys == 1000
    assert [name for name, _ in values.hash.items()] == ["rows", "keys", "std::map"]
    assert [*values.hash["std::map"].values()] == [310]


def test_the_experiments_values_are_there() -> None:
    """They stand under their names, with the look-ups that content has, and units where known."""
    results = made_up_results()
    values = Branch(tree_of_all(Measured(results)), "", Reads())
    assert values.finetuned.f1.at == "finetuned.f1"
    assert values.finetuned.recall.total == results.finetuned.recall.total
    assert values.finetuned.confusion.total == results.finetuned.confusion.total
    assert values.finetuned.fit_seconds.unit == "s"
    assert values.example[results.examples[0].id].text == results.examples[0].text


def test_a_digest_changes_with_what_was_read_alone() -> None:
    """A value's own digest, a table's length, a branch's names: no more, no less."""
    one, other = (tree_of_all(hashed(hash_values(last))) for last in (97, 98))
    same = ["", "hash", "hash.rows", "hash.rows[1].ns", "hash.keys", 'hash["std::map"].ns']
    assert all(digest_at(one, path) == digest_at(other, path) != "" for path in same)
    assert digest_at(one, "hash.rows[2].ns") != digest_at(other, "hash.rows[2].ns")
    assert digest_at(one, "hash.gone") == digest_at(one, "hash.rows[3].ns") == ""


def test_rows_told_apart_by_their_first_column_are_rows_too() -> None:
    """A table by names has its places by names; as `rows` it is gone through all the same."""
    reads = Reads()
    table: Tree = {name: {"name": name, "ns": Value(ns)} for name, ns in (("a b", 1), ("c", 2))}
    values = Branch({"hash": table}, "", reads)
    assert values.hash.rows.ns == [1, 2]
    assert values.hash.rows.name == ["a b", "c"]
    assert 'hash["a b"].ns' in reads.places
    assert "hash" in reads.places
